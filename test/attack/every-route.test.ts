/**
 * A person asks at every address there is, in turn, for records out of their
 * reach and for a field that they may not read: no road leads round the policy,
 * and no road is added without being asked about here.
 */

import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from '../../src/gate/own-action.ts'
import type { Face } from '../../src/http/face.ts'
import type { Rule } from '../../src/policy/document.ts'
import type { Client } from '../client.ts'
import { type House, openHouse } from '../house.ts'
import { api } from './api.ts'
import { withParts } from './assemble.ts'
import { ROUTES, routesOf, type Shown, type Surface } from './routes.ts'
import { policyWith } from './shop.ts'

const HIDDEN = 'Jonas'
const NICKNAME = 'zebra-77'

const shown: readonly (readonly [string, Shown])[] = Object.entries(ROUTES).flatMap(
  ([route, surface]: readonly [string, Surface]) =>
    surface.kind === 'list' || surface.kind === 'record' ? [[route, surface] as const] : [],
)
const ofRecords = shown.filter(([, { kind }]) => kind === 'record')
const ofLists = shown.filter(([, { kind }]) => kind === 'list')

/** Each route has a record of its own, since some of them change it; one of the north stands before all. */
const hiddenKey = (route: string): string => String(100 + ofRecords.findIndex(([one]) => one === route))
const missingKey = (route: string): string => String(700 + ofRecords.findIndex(([one]) => one === route))

const customers = ofRecords.map(([route, { isTrash }]) => {
  const deletedAt = isTrash ? "'2026-11-01 10:00:00'" : 'null'
  return `(${hiddenKey(route)},'${HIDDEN} Lindqvist','south',null,'SE35 5000',${deletedAt})`
})
const SHOP = `
  create table customers (
    id integer primary key, name text not null, region text not null, nickname text, iban text, deleted_at timestamp,
    photo blob
  );
  create table orders (
    id integer primary key, customer_id integer not null references customers(id),
    status text not null, total decimal(10,2) not null
  );
  insert into customers (id, name, region, nickname, iban, deleted_at) values
    (1,'Amara Okafor','north','${NICKNAME}','GB33 1000',null), (2,'${HIDDEN} Lindqvist','south',null,'SE35 6000',null),
    (3,'${HIDDEN} Haddad','south',null,null,'2026-11-01 10:00:00'), ${customers.join()};
  insert into orders values (11,1,'open','12.00'), (12,2,'open','20.00');
  update customers set photo = x'00ff';
`
const greet = defineAction({
  name: 'greet',
  label: 'Greet',
  on: 'record',
  input: z.object({}),
  run: async ({ target }) => ({ message: `Hello, ${target.title}` }),
})

const VERBS = [
  'list',
  'read',
  'history',
  'create',
  'update',
  'delete',
  'restore',
  'purge',
  'reveal',
  'revert',
]
const IN_THE_NORTH = { region: { eq: 'north' } }
const RULES: readonly Rule[] = [
  {
    id: 'support-works-with-customers-of-the-north',
    effect: 'permit',
    roles: ['support'],
    actions: [...VERBS, 'greet'].map((verb) => `customers.${verb}`),
    fields: { except: ['nickname'] },
    where: IN_THE_NORTH,
  },
  {
    id: 'support-works-with-their-orders',
    effect: 'permit',
    roles: ['support'],
    actions: VERBS.map((verb) => `orders.${verb}`),
    where: { customer: IN_THE_NORTH },
  },
  {
    id: 'support-reads-the-log',
    effect: 'permit',
    roles: ['support'],
    actions: ['castellan.audit.list', 'castellan.audit.read'],
  },
]
const WITHOUT_ROWS: readonly Rule[] = RULES.map(({ where: _where, ...rule }) => rule)
/** Neither; the log tells only readers of all records what happened to one. */
const WITHOUT_EITHER: readonly Rule[] = WITHOUT_ROWS.map(({ fields: _fields, ...rule }) => rule)

interface Open extends AsyncDisposable {
  readonly house: House
  readonly client: Client
}

async function open(rules: readonly Rule[]): Promise<Open> {
  const house = await openHouse({
    sql: SHOP,
    policy: policyWith(rules),
    models: { customers: { actions: [greet] } },
  })
  const top = await house.signIn({ role: 'superadmin' })
  // the log holds the names of both, and the hidden field
  for (const [key, values] of [
    ['2', { name: `${HIDDEN} B. Lindqvist` }],
    ['1', { nickname: `${NICKNAME}!` }],
    [hiddenKey('POST /m/:model/~revert'), { name: `${HIDDEN} C. Lindqvist` }],
  ] as const) {
    expect((await api(top.client, 'PATCH', `/models/customers/records/${key}`, { values })).status).toBe(200)
  }
  const { client } = await house.signIn({ role: 'support' })
  return { house, client, [Symbol.asyncDispose]: () => house.close() }
}

/** An answer without what differs between any two: ids, tokens, nonces, moments, and the key itself. */
function plain({ status, text }: { readonly status: number; readonly text: string }, key: string): string {
  const kept = text
    .replaceAll(/(name="_(?:csrf|confirmation)" value|nonce|content)="[^"]*"/g, '')
    .replaceAll(/[0-9a-f]{32}/g, 'ID')
    .replaceAll(key, 'KEY')
  return `${status} ${kept}`
}

test('every route is classified, and what reaches no records is proved elsewhere', async () => {
  const faces: Face[] = []
  const house = await openHouse({
    sql: SHOP,
    assemble: withParts({
      app(parts) {
        faces.push(...parts.faces)
        return parts
      },
    }),
  })
  await house.admin.initialize()
  await house.close()

  // a new route is put into `routes.ts`, with how it is asked for a record
  expect(routesOf(faces)).toEqual(Object.keys(ROUTES).toSorted())
  for (const [route, surface] of Object.entries(ROUTES)) {
    if ('test' in surface) expect(existsSync(surface.test), `${route}: ${surface.test}`).toBe(true)
  }
})

test('no list holds a record out of reach', async () => {
  await using world = await open(RULES)

  expect(ofLists.length).toBeGreaterThan(7)
  for (const [route, { ask }] of ofLists) {
    const { status, text } = await ask(world.client, '2')
    expect(status, route).toBe(200)
    expect(text, route).not.toContain(HIDDEN)
  }
})

test('control: without the row rule each of them does', async () => {
  await using world = await open(WITHOUT_ROWS)

  for (const [route, { ask }] of ofLists) {
    expect((await ask(world.client, '2')).text, route).toContain(HIDDEN)
  }
})

test('a record out of reach is answered as one that is not there, byte for byte', async () => {
  await using world = await open(RULES)

  expect(ofRecords.length).toBeGreaterThan(15)
  for (const [route, { ask }] of ofRecords) {
    const [hidden, missing] = [hiddenKey(route), missingKey(route)]
    const answer = plain(await ask(world.client, hidden), hidden)
    expect(answer, route).toBe(plain(await ask(world.client, missing), missing))
    expect(answer, route).toMatch(/^4(?:04|22) /)
  }
})

test('control: without the row rule each of them tells the two apart', async () => {
  await using world = await open(WITHOUT_ROWS)

  for (const [route, { ask }] of ofRecords) {
    const [hidden, missing] = [hiddenKey(route), missingKey(route)]
    const answer = await ask(world.client, hidden)
    expect(answer.status, route).toBeLessThan(400)
    expect(plain(answer, hidden), route).not.toBe(plain(await ask(world.client, missing), missing))
  }
})

test('no route shows the hidden field of a record within reach', async () => {
  await using world = await open(WITHOUT_ROWS)

  for (const [route, { ask }] of shown) {
    expect((await ask(world.client, '1')).text, route).not.toContain(NICKNAME)
  }
})

test('control: without the field rule those that show fields show it', async () => {
  await using world = await open(WITHOUT_EITHER)
  const telling: string[] = []
  for (const [route, { ask }] of shown) {
    if ((await ask(world.client, '1')).text.includes(NICKNAME)) telling.push(route)
  }

  expect(telling).toEqual(
    expect.arrayContaining([
      'GET /m/:model/:key',
      'GET /m/:model/:key/edit',
      'GET /m/:model/:key/history',
      'GET /audit/:sequence',
      'GET /api/v1/models/:model/records',
      'GET /api/v1/models/:model/records/:key',
      'GET /api/v1/audit/events/:id',
    ]),
  )
})
