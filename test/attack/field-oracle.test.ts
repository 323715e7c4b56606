/**
 * Two installations that differ in nothing but a hidden field, a secret and a
 * record out of reach answer any sequence of requests in the same bytes.
 *
 * Chance is the same in both, and so are ids, tokens and seals: nothing of the
 * answers has to be forgiven but what each draws for itself, its nonce and its id.
 */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import type { Rule } from '../../src/policy/document.ts'
import { BASE, type Client } from '../client.ts'
import { ENGINE } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { RUNS_LIMIT_MS, runs } from '../runs.ts'
import { api } from './api.ts'
import { policyWith, ROW_RULES, SHOP, WITHOUT_FIELD_RULE } from './shop.ts'

/** Fewer where each world is a database that a server has to make. */
const RUNS = Math.ceil(runs(40, 2 / 5) / (ENGINE === 'sqlite' ? 1 : 5))
/** Requests of one person, one after another. */
const LENGTH = 12

interface Hidden {
  /** By customer. */
  readonly nicknames: readonly (string | null)[]
  readonly hash: string | null
  /** How the customer in the other region is called. */
  readonly outOfReach: string
}

/** The same chance every time: the n-th call gets the hash of n. */
function sameChance(): (size: number) => Uint8Array {
  let count = 0
  return (size) => {
    count += 1
    const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
      createHash('sha256').update(`${count}.${index}`).digest(),
    )
    return new Uint8Array(Buffer.concat(blocks).subarray(0, size))
  }
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

type Step = (client: Client) => Promise<Answer>

const quoted = (text: string | null): string => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`)

async function answers(
  rules: readonly Rule[],
  hidden: Hidden,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const changes = [
    ...hidden.nicknames.map(
      (one, index) => `update customers set nickname = ${quoted(one)} where id = ${index + 1};`,
    ),
    `update customers set password_hash = ${quoted(hidden.hash)};`,
    `update customers set name = ${quoted(hidden.outOfReach)} where id = 4;`,
  ]
  const house = await openHouse({
    sql: `${SHOP}${changes.join('\n')}`,
    policy: policyWith(rules),
    secretKeys: ['the same secret of more than thirty-two bytes'],
    assemble: (options, ports = {}) => createAdmin(options, { ...ports, randomBytes: sameChance() }),
  })
  try {
    const top = await house.signIn({ role: 'superadmin' })
    await nameAnew(top, hidden)
    const low = await house.signIn({ role: 'support', attributes: { region: 'north' } })
    const said: string[] = []
    for (const step of steps) {
      said.push(told(await step(low.client)))
    }
    return said
  } finally {
    await house.close()
  }
}

/** What is drawn by lot for each answer is left out: what runs beside the requests draws from the same lots. */
function told({ status, headers, text }: Answer): string {
  const lots = [
    /'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1],
    headers.get('x-request-id'),
  ]
  const whole = `${status} ${JSON.stringify([...headers])} ${text}`
  return lots.reduce<string>((plain, lot) => (lot ? plain.replaceAll(lot, 'lot') : plain), whole)
}

/** Leaves hidden values in the log as well. */
async function nameAnew({ client }: SignedIn, { nicknames }: Hidden): Promise<void> {
  const values = { nickname: `${nicknames[0] ?? 'none'}!` }
  const { status } = await api(client, 'PATCH', '/models/customers/records/1', { values })
  expect(status).toBe(200)
}

const FIELDS = ['id', 'name', 'region', 'nickname', 'password_hash', 'no_such_field']
const WORDS = ['zebra', 'walrus', 'z', 'amara', '12', 'hash', 'hidden', 'o', '', '%']
const KEYS = ['1', '2', '3', '4', '99']
/** A condition by itself, and within others. */
const GROUPS = ['any(IT)', 'not(IT)', 'all(id:gte:1,not(IT))', 'any(id:eq:11,IT)']
const field = fc.constantFrom(...FIELDS)
const word = fc.constantFrom(...WORDS)
const key = fc.constantFrom(...KEYS)
const encoded = encodeURIComponent

const address: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(field, fc.constantFrom('eq', 'ne', 'lt', 'gt', 'contains', 'startsWith', 'in', 'isNull'), word)
    .map(
      ([name, operator, value]) =>
        `/api/v1/models/customers/records?count=exact&filter=${encoded(`${name}:${operator}:${value}`)}`,
    ),
  fc
    .tuple(field, fc.constantFrom('eq', 'ne', 'gte', 'contains', 'isNull'), word, fc.constantFrom(...GROUPS))
    .map(([name, operator, value, group]) => {
      const asked = group.replace('IT', `customer.${name}:${operator}:${JSON.stringify(value)}`)
      return `/api/v1/models/orders/records?count=exact&filter=${encoded(asked)}`
    }),
  fc.tuple(field, word, fc.constantFrom(...GROUPS)).map(([name, value, group]) => {
    const asked = group.replace('IT', `${name}:eq:${JSON.stringify(value)}`)
    return `/api/v1/models/customers/records?count=exact&filter=${encoded(asked)}`
  }),
  fc
    .tuple(field, fc.boolean())
    .map(([name, isDown]) => `/api/v1/models/customers/records?sort=${isDown ? '-' : ''}${name}`),
  word.map((text) => `/api/v1/models/customers/records?count=exact&search=${encoded(text)}`),
  word.map((text) => `/api/v1/models/orders/records?count=exact&search=${encoded(text)}`),
  fc.array(field, { maxLength: 3 }).map((names) => `/api/v1/models/customers/records?fields=${names.join()}`),
  key.map((one) => `/api/v1/models/customers/records/${one}`),
  key.map((one) => `/api/v1/models/customers/records/${one}/history`),
  fc.constantFrom(
    '/api/v1/models',
    '/api/v1/models/customers',
    '/api/v1/models/orders/records',
    '/api/v1/audit/events',
  ),
  word.map((text) => `/m/customers?q=${encoded(text)}`),
  fc.tuple(field, word).map(([name, value]) => `/m/customers?f=${encoded(`${name}:eq:${value}`)}`),
  field.map((name) => `/m/customers?sort=${name}`),
  fc.tuple(word, field).map(([text, by]) => `/m/customers/~options?q=${encoded(text)}&by=${by}`),
  key.map((one) => `/m/customers/${one}`),
  key.map((one) => `/m/customers/${one}/edit`),
  key.map((one) => `/m/customers/${one}/history`),
  key.map((one) => `/m/customers/${one}/reveal?field=nickname`),
  fc.constantFrom('', '/m/customers', '/m/orders', '/m/orders/11', '/m/orders/14', '/audit', '/profile'),
)
const reading: fc.Arbitrary<Step> = address.map((path) => (client) => client.get(`${BASE}${path}`))
const writing: fc.Arbitrary<Step> = fc
  .tuple(key, field, fc.constantFrom('zebra-77', 'north', 'south', 'Changed', '5'), fc.boolean())
  .map(
    ([one, name, value, isForm]): Step =>
      async (client) => {
        if (!isForm)
          return api(client, 'PATCH', `/models/customers/records/${one}`, { values: { [name]: value } })
        return client.post(`${BASE}/m/customers/${one}/edit`, { [name]: value }, { from: `${BASE}/profile` })
      },
  )
const steps = fc.array(fc.oneof({ weight: 4, arbitrary: reading }, { weight: 1, arbitrary: writing }), {
  minLength: LENGTH,
  maxLength: LENGTH,
})
const nickname = fc.option(fc.constantFrom('zebra-77', 'zebra-78', 'walrus', 'a', 'zz', '', 'Amara', '12'))
const hidden: fc.Arbitrary<Hidden> = fc.record({
  nicknames: fc.array(nickname, { minLength: 4, maxLength: 4 }),
  hash: fc.option(fc.constantFrom('hash-aaa', 'hash-zzz', '')),
  outOfReach: fc.constantFrom('Omar Haddad', 'Amara Okafor', 'zebra', 'A'),
})

test('answers the same, whatever the hidden values are', { timeout: RUNS_LIMIT_MS }, async () => {
  let asked = 0
  await fc.assert(
    fc.asyncProperty(hidden, hidden, steps, async (one, other, sequence) => {
      const [left, right] = [
        await answers(ROW_RULES, one, sequence),
        await answers(ROW_RULES, other, sequence),
      ]
      asked += left.filter((answer) => answer.startsWith('200')).length
      expect(left).toEqual(right)
    }),
    { numRuns: RUNS, seed: 20_261_121 },
  )
  // refusals alone would be the same as well
  expect(asked).toBeGreaterThan(RUNS * 3)
})

test('control: without the field rule, or without the row rule, the answers tell', async () => {
  const one: Hidden = { nicknames: ['zebra-77', null, 'a', 'b'], hash: 'hash-aaa', outOfReach: 'Omar Haddad' }
  const get =
    (path: string): Step =>
    (client) =>
      client.get(`${BASE}${path}`)
  const sequence = ['/m/customers/1', '/api/v1/models/customers/records', '/m/customers/~options?q='].map(get)
  const wide = ROW_RULES.map(({ where: _where, ...rule }) => rule)

  const other = { ...one, nicknames: ['walrus', null, 'c', 'd'] }
  const elsewhere = { ...one, outOfReach: 'Somebody else' }
  for (const [rules, changed] of [
    [WITHOUT_FIELD_RULE, other],
    [wide, elsewhere],
  ] as const) {
    expect(await answers(rules, one, sequence)).not.toEqual(await answers(rules, changed, sequence))
    expect(await answers(ROW_RULES, one, sequence)).toEqual(await answers(ROW_RULES, changed, sequence))
  }
})
