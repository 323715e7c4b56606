/** Several records at once, over the API of the whole house: by key and by all that match, all of them or none. */

import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from '../../src/gate/own-action.ts'
import type { PolicyDocument, Rule } from '../../src/policy/document.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { api, type Reply } from '../attack/api.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, type HouseOptions, openHouse, type SignedIn } from '../house.ts'

const SHOP = `
  create table customers (id integer primary key, name text not null);
  create table orders (
    id integer primary key, customer_id integer not null references customers(id),
    status text not null, note text
  );
  create table order_items (
    id integer primary key, order_id integer not null references orders(id) on delete cascade, sku text not null
  );
  create table item_photos (
    id integer primary key, item_id integer not null references order_items(id) on delete cascade, file text
  );
  create table reminders (id integer primary key, order_id integer references orders(id) on delete set null);
  create table swaps (
    id integer primary key, old_order_id integer references orders(id) on delete set null,
    new_order_id integer references orders(id) on delete set null
  );
  create table notes (id integer primary key, word text not null, deleted_at timestamp null);
  insert into customers values (1,'Amara'), (2,'Jonas');
  insert into notes values (1,'one',null), (2,'two',null), (3,'three','2026-01-01 00:00:00'), (4,'four','2026-01-02 00:00:00');
`

/** Orders 1 to `count`, of which the odd ones are open; each second one belongs to customer 2. */
function orders(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, n) => `(${n + 1}, ${(n % 2) + 1}, '${n % 2 === 0 ? 'open' : 'paid'}', null)`,
  )
  return `insert into orders values ${rows.join()};`
}

interface World {
  readonly house: House
  readonly ana: SignedIn
  act(verb: string, body: object, model?: string): Promise<Reply>
  /** Asks, and confirms what was shown. */
  confirmed(verb: string, body: object, model?: string): Promise<Reply>
  scope(verb: string, query?: string, model?: string): Promise<{ token: string; count: number }>
  events(): Promise<readonly Event[]>
}

interface Event {
  readonly action: string
  readonly kind: string
  readonly record_key: string | null
  readonly outcome: string
  readonly event: {
    readonly id: string
    readonly changes: readonly unknown[]
    readonly counts: object
    readonly details: Readonly<Record<string, unknown>>
  }
}

async function open({
  engine = 'sqlite',
  count = 6,
  role = 'superadmin',
  rules,
  ...options
}: Partial<HouseOptions> & {
  readonly engine?: StoreEngine
  readonly count?: number
  readonly role?: string
  readonly rules?: readonly Rule[]
} = {}): Promise<World> {
  const policy: PolicyDocument = { ...SEEDED_POLICY, rules: [...SEEDED_POLICY.rules, ...(rules ?? [])] }
  const house = await openHouse({
    engine,
    sql: SHOP + orders(count),
    ...(rules && { policy }),
    ...options,
  })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role })
  const act: World['act'] = (verb, body, model = 'orders') =>
    api(ana.client, 'POST', `/models/${model}/actions/${verb}`, body)
  return {
    house,
    ana,
    act,
    async confirmed(verb, body, model) {
      const asked = await act(verb, body, model)
      expect(asked.json).toMatchObject({ code: 'confirmation-required' })
      return act(verb, { ...body, confirmation: asked.json['confirmation'] }, model)
    },
    async scope(verb, query = '', model = 'orders') {
      const { json } = await api(ana.client, 'GET', `/models/${model}/records?limit=1&scope=${verb}${query}`)
      return json['scope'] as { token: string; count: number }
    },
    async events() {
      const rows = await house.sql(
        `select action, kind, record_key, outcome, event from castellan_audit_event where kind like 'record.%' and kind not in ('record.list', 'record.read') order by entry`,
      )
      return (rows as (Omit<Event, 'event'> & { event: string })[]).map((row) => ({
        ...row,
        event: JSON.parse(row.event),
      }))
    },
  }
}

const statusOf = async ({ house }: World): Promise<string> =>
  (await house.sql('select status from orders order by id'))
    .map((row) => (row as { status: string }).status)
    .join()

test.each(STORE_ENGINES)('changes the records that are named, each with its event: %s', async (engine) => {
  const world = await open({ engine })
  const input = { values: { status: 'paid' } }

  const asked = await world.act('update', { keys: ['1', '3', '2'], input })
  expect(asked).toMatchObject({ status: 428 })
  expect(asked.json['plan']).toEqual({
    sentence: 'Change 3 orders.',
    effects: [],
    changes: [
      { field: 'status', label: 'Status', before: '2 different values', after: 'paid', isMasked: false },
    ],
    selected: { count: 3, titles: expect.any(Array) },
  })
  const done = await world.act('update', {
    keys: ['1', '3', '2'],
    input,
    confirmation: asked.json['confirmation'],
  })

  expect(done).toMatchObject({ status: 200, json: { result: { matched: 3, affected: 2 } } })
  expect(await statusOf(world)).toBe('paid,paid,paid,paid,open,paid')
  const events = await world.events()
  expect(events.map(({ kind, record_key, outcome }) => [kind, record_key, outcome])).toEqual([
    ['record.bulk-update', null, 'pending'],
    ['record.bulk-update', null, 'done'],
    ['record.update', '1', 'done'],
    ['record.update', '3', 'done'],
  ])
  const [, whole, one] = events
  expect(whole?.event).toMatchObject({ counts: { matched: 3, affected: 2 }, changes: [] })
  expect(done.json['event']).toMatchObject({ id: whole?.event.id })
  expect(one?.event).toMatchObject({
    details: { bulk: whole?.event.id },
    changes: [{ field: 'status', before: 'open', after: 'paid' }],
  })
})

test('changes all that match, over all pages, and says so when they are others by then', async () => {
  const world = await open({ count: 60 })
  const { token, count } = await world.scope('update', '&filter=status:eq:open')
  expect(count).toBe(30)

  const done = await world.confirmed('update', { scope: token, input: { values: { note: 'seen' } } })

  expect(done.json['result']).toEqual({ matched: 30, affected: 30 })
  expect(await world.house.sql("select count(*) as n from orders where note = 'seen'")).toEqual([{ n: 30 }])
  const other = await world.scope('update', '&filter=status:eq:open')
  await world.house.sql("update orders set status = 'paid' where id in (1, 3)")
  const late = await world.act('update', { scope: other.token, input: { values: { note: 'late' } } })
  expect(late).toMatchObject({ status: 409, json: { code: 'conflict' } })
  expect(late.json['detail']).toContain('30 of the orders matched when they were chosen, and 28 do now')
  expect(await world.house.sql("select count(*) as n from orders where note = 'late'")).toEqual([{ n: 0 }])
})

test.each(STORE_ENGINES)(
  'shows what deleting takes along, and the event says what it took: %s',
  async (engine) => {
    const world = await open({ engine })
    await world.house.sql(`insert into order_items values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')`)
    await world.house.sql(`insert into item_photos values (1, 1, 'x'), (2, 3, 'y')`)
    await world.house.sql(`insert into reminders values (1, 2)`)

    const asked = await world.act('delete', { keys: ['1', '2'] })
    const plan = asked.json['plan'] as { effects: { sentence: string }[] }
    expect(plan.effects.map(({ sentence }) => sentence).sort()).toEqual([
      '1 reminder is kept, and no longer points here.',
      '2 item photos of these order items are deleted too.',
      '3 order items are deleted too.',
    ])
    const done = await world.act('delete', { keys: ['1', '2'], confirmation: asked.json['confirmation'] })

    expect(done.json['result']).toEqual({ matched: 2, affected: 2 })
    const whole = (await world.events()).find(
      ({ kind, outcome }) => kind === 'record.bulk-delete' && outcome === 'done',
    )
    expect(whole?.event.details).toMatchObject({
      'deleted.order_items': 3,
      'deleted.item_photos': 2,
      'cleared.reminders': 1,
    })
  },
)

test('names the field where several of a record point at what is deleted', async () => {
  const world = await open()
  await world.house.sql(`insert into swaps values (1, 1, 2), (2, 2, 1), (3, 1, null)`)

  const asked = await world.act('delete', { keys: ['1', '2'] })

  const plan = asked.json['plan'] as { effects: { sentence: string }[] }
  expect(plan.effects.map(({ sentence }) => sentence).sort()).toEqual([
    '2 swaps are kept, and no longer point here (new order).',
    '3 swaps are kept, and no longer point here (old order).',
  ])
})

test('says what stands in the way before anything is tried, and one that can not be deleted keeps all', async () => {
  const world = await open()

  const asked = await world.act('delete', { keys: ['1'] }, 'customers')
  const several = await world.act('delete', { keys: ['1', '2'] }, 'customers')

  expect(asked.status).toBe(409)
  expect(several.json['plan']).toMatchObject({ effects: [{ kind: 'blocks', count: 6 }] })
  const tried = await world.act(
    'delete',
    { keys: ['1', '2'], confirmation: several.json['confirmation'] },
    'customers',
  )
  expect(tried.status).toBe(409)
  expect(await world.house.sql('select count(*) as n from customers')).toEqual([{ n: 2 }])
})

test('one record that is refused keeps all as they were, and is named', async () => {
  const forbidden: Rule = {
    id: 'nobody-touches-the-fourth',
    effect: 'forbid',
    actions: ['orders.update'],
    where: { id: { eq: 4 } },
  }
  const world = await open({ rules: [forbidden] })

  const refused = await world.act('update', { keys: ['3', '4', '5'], input: { values: { status: 'lost' } } })

  expect(refused).toMatchObject({ status: 403, json: { rules: ['nobody-touches-the-fourth'] } })
  expect(refused.json['detail']).toContain('refused on 1 of 3 orders')
  expect(await statusOf(world)).toBe('open,paid,open,paid,open,paid')
  const allowed = await world.confirmed('update', { keys: ['3', '5'], input: { values: { status: 'lost' } } })
  expect(allowed.json['result']).toEqual({ matched: 2, affected: 2 })
})

test('the record that a change would make is held against the policy as well', async () => {
  const forbidden: Rule = {
    id: 'nobody-loses-orders',
    effect: 'forbid',
    actions: ['orders.update'],
    where: { status: { eq: 'lost' } },
  }
  const world = await open({ rules: [forbidden] })

  const asked = await world.act('update', { keys: ['1', '2'], input: { values: { status: 'lost' } } })
  const refused = await world.act('update', {
    keys: ['1', '2'],
    input: { values: { status: 'lost' } },
    confirmation: asked.json['confirmation'],
  })

  expect(refused.status).toBe(403)
  expect(await statusOf(world)).toBe('open,paid,open,paid,open,paid')
})

test('a confirmation is for these very records and for no others', async () => {
  const world = await open()
  const input = { values: { status: 'lost' } }
  const asked = await world.act('update', { keys: ['1', '3'], input })
  const { confirmation } = asked.json

  const others = await world.act('update', { keys: ['1', '5'], input, confirmation })
  const changed = await world.act('update', {
    keys: ['1', '3'],
    input: { values: { status: 'other' } },
    confirmation,
  })
  const done = await world.act('update', { keys: ['3', '1'], input, confirmation })
  const again = await world.act('update', { keys: ['3', '1'], input, confirmation })

  expect([others.status, changed.status, done.status, again.status]).toEqual([428, 428, 200, 428])
})

test('takes a right of its own for more than 100, and never more than 1,000', async () => {
  const admin = await open({ count: 120, role: 'admin' })
  const input = { values: { note: 'x' } }
  const few = await admin.scope('update', '&filter=id:lte:100')
  const many = await admin.scope('update', '&filter=id:lte:101')

  expect((await admin.confirmed('update', { scope: few.token, input })).json['result']).toEqual({
    matched: 100,
    affected: 100,
  })
  const refused = await admin.act('update', { scope: many.token, input })
  expect(refused).toMatchObject({ status: 403 })
  expect(refused.json['detail']).toContain('more than 100 records at once')
  const above = await open({ count: 1_001 })
  const all = await above.scope('update')
  const tooMany = await above.act('update', { scope: all.token, input })
  expect(tooMany).toMatchObject({
    status: 422,
    json: { fields: { scope: [expect.stringContaining('1,000')] } },
  })
})

test.each(STORE_ENGINES)(
  'a thousand records take a few statements and leave a thousand events: %s',
  async (engine) => {
    const world = await open({ engine, count: 1_000 })
    const { token } = await world.scope('update')

    const done = await world.confirmed('update', { scope: token, input: { values: { note: 'all' } } })

    expect(done.json['result']).toEqual({ matched: 1_000, affected: 1_000 })
    const of = (await world.events()).filter(({ kind }) => kind === 'record.update')
    expect(new Set(of.map(({ record_key }) => record_key)).size).toBe(1_000)
  },
)

test('deletes to the trash, brings back and purges, each on several', async () => {
  const world = await open()
  const gone = () => world.house.sql('select id from notes where deleted_at is not null order by id')

  expect((await world.confirmed('delete', { keys: ['1', '2', '3'] }, 'notes')).json['result']).toEqual({
    matched: 3,
    affected: 2,
  })
  expect(await gone()).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }])
  expect((await world.confirmed('restore', { keys: ['1', '2'] }, 'notes')).json['result']).toEqual({
    matched: 2,
    affected: 2,
  })
  const alive = await world.act('purge', { keys: ['2', '3'] }, 'notes')
  expect(alive).toMatchObject({ status: 409 })
  expect((await world.confirmed('purge', { keys: ['3', '4'] }, 'notes')).json['result']).toEqual({
    matched: 2,
    affected: 2,
  })
  expect(await world.house.sql('select id from notes order by id')).toEqual([{ id: 1 }, { id: 2 }])
})

test('a record is purged from the trash alone, by who may purge', async () => {
  const world = await open()
  const admin = await world.house.signIn({ role: 'admin' })

  expect(await world.act('purge', { key: '1' }, 'notes')).toMatchObject({ status: 409 })
  expect(await api(admin.client, 'POST', '/models/notes/actions/purge', { key: '3' })).toMatchObject({
    status: 403,
  })
  expect(await world.confirmed('purge', { key: '3' }, 'notes')).toMatchObject({ status: 200 })
  expect(await world.act('purge', { key: '1' })).toMatchObject({ status: 404 })
})

test('an action of the application runs on the records that are chosen, all or none', async () => {
  const world = await open({
    models: {
      orders: {
        actions: [
          defineAction({
            name: 'archive',
            label: 'Archive',
            on: 'records',
            input: z.strictObject({ why: z.string() }),
            plan: ({ targets }) => `Archive ${targets.length} orders.`,
            async run({ targets, input }) {
              for (const target of targets) await target.update({ note: input.why })
              return { message: `${targets.length} archived.` }
            },
          }),
        ],
      },
    },
  })

  const done = await world.confirmed('archive', { keys: ['2', '4'], input: { why: 'old' } })
  const one = await world.act('archive', { key: '2', input: { why: 'old' } })
  const missing = await world.act('archive', { keys: ['2', '404'], input: { why: 'old' } })

  expect(done.json['result']).toEqual({ message: '2 archived.' })
  expect(await world.house.sql("select id from orders where note = 'old' order by id")).toEqual([
    { id: 2 },
    { id: 4 },
  ])
  expect([one.status, missing.status]).toEqual([422, 404])
  const events = await world.house.sql(
    "select record_key from castellan_audit_event where action = 'orders.archive' and outcome = 'done' order by entry",
  )
  expect(events).toEqual([{ record_key: null }, { record_key: '2' }, { record_key: '4' }])
})

test('a key stands for one record and is left as it is; an unknown member is refused', async () => {
  const world = await open()

  const keyed = await world.act('update', { keys: ['1', '2'], input: { values: { id: 9 } } })
  const none = await world.act('update', { keys: [], input: { values: { note: 'x' } } })
  const both = await world.act('update', { key: '1', scope: 'x', input: { values: { note: 'x' } } })
  const read = await world.act('history', { keys: ['1', '2'] })

  expect([keyed.status, none.status, both.status, read.status]).toEqual([422, 422, 422, 422])
})
