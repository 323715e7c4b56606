/** Undoing from the log, over the API of the whole house: one change, a bulk action, a session, and an undoing. */

import { expect, onTestFinished, test } from 'vitest'
import type { UndoPlan } from '../../src/gate/outcome.ts'
import { permit } from '../../src/policy/permit.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { api, type Reply } from '../attack/api.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, type HouseOptions, openHouse, type SignedIn } from '../house.ts'

const shop = (engine: StoreEngine): string => `
  create table customers (id integer primary key, name text not null, tax_number text);
  create table orders (
    id integer primary key, customer_id integer not null references customers(id),
    status text not null, note text, internal_price text
  );
  create table order_items (
    id integer primary key, order_id integer not null references orders(id) on delete cascade, sku text not null
  );
  create table tickets (
    id ${engine === 'postgres' ? 'integer generated always as identity' : 'integer'} primary key, word text not null
  );
  create table notes (id integer primary key, word text not null, deleted_at ${engine === 'mariadb' ? 'datetime' : 'timestamp(0)'} null);
  insert into customers values (1,'Amara','T-1'), (2,'Jonas',null);
  insert into orders values (1,1,'open','a',null), (2,2,'open','b',null), (3,1,'paid','c',null), (4,2,'open','d',null);
  insert into order_items values (1, 1, 'x'), (2, 1, 'y');
  insert into tickets ${engine === 'postgres' ? 'overriding system value' : ''} values (5, 'five');
  insert into notes values (1,'one',null), (2,'two',null), (3,'gone','2026-11-20${engine === 'sqlite' ? 'T10:00:00Z' : ' 10:00:00'}');
`

interface World {
  readonly house: House
  readonly ana: SignedIn
  act(verb: string, body: object, model?: string): Promise<Reply>
  confirmed(verb: string, body: object, model?: string): Promise<Reply>
  /** The plan of undoing that, and undoing it. */
  undo(input: object, model?: string): Promise<{ readonly plan: UndoPlan; readonly done: Reply }>
  rows(sql: string): Promise<string>
}

async function open(
  engine: StoreEngine = 'sqlite',
  options: Partial<HouseOptions> = {},
  role = 'superadmin',
): Promise<World> {
  const house = await openHouse({ engine, sql: shop(engine), ...options })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role })
  // clocks seldom stand at a whole second, and many columns hold nothing finer
  house.clock.now += 123
  const act: World['act'] = (verb, body, model = 'orders') =>
    api(ana.client, 'POST', `/models/${model}/actions/${verb}`, body)
  const confirmed: World['confirmed'] = async (verb, body, model) => {
    const asked = await act(verb, body, model)
    expect(asked.json, asked.text).toMatchObject({ code: 'confirmation-required' })
    return act(verb, { ...body, confirmation: asked.json['confirmation'] }, model)
  }
  return {
    house,
    ana,
    act,
    confirmed,
    async undo(input, model) {
      const asked = await act('revert', { input }, model)
      expect(asked.json, asked.text).toMatchObject({ code: 'confirmation-required' })
      const { undo } = asked.json['plan'] as { undo: UndoPlan }
      const done = await act('revert', { input, confirmation: asked.json['confirmation'] }, model)
      return { plan: undo, done }
    },
    rows: async (sql) =>
      (await house.sql(sql)).map((row) => Object.values(row as object).join('|')).join(' '),
  }
}

const eventOf = ({ json, text }: Reply): string => {
  const { id } = (json['event'] ?? {}) as { id?: string }
  if (id === undefined) throw new Error(text)
  return id
}

test.each(STORE_ENGINES)(
  'a bulk change is undone but for what changed since, and that undoing too: %s',
  async (engine) => {
    const world = await open(engine)
    const body = { keys: ['1', '2', '3', '4'], input: { values: { status: 'shipped' } } }
    const event = eventOf(await world.confirmed('update', body))
    await world.act('update', { key: '2', input: { values: { status: 'lost' } } })

    const { plan, done } = await world.undo({ event })

    expect(plan).toMatchObject({ count: 3, same: 0, impossible: { count: 0 }, conflicts: { count: 1 } })
    expect(plan.conflicts.records).toMatchObject([
      { key: '2', changes: [{ field: 'status', before: 'shipped', after: 'lost' }] },
    ])
    expect(done).toMatchObject({ status: 200, json: { result: { undone: 3, left: 1, impossible: 0 } } })
    expect(await world.rows('select status from orders order by id')).toBe('open lost paid open')
    const told = await world.rows(
      `select record_key, kind from castellan_audit_event where model = 'orders' and event like '%undoes%' and record_key is not null order by record_key`,
    )
    expect(told).toBe('1|record.update 3|record.update 4|record.update')

    const again = await world.undo({ event: eventOf(done) })
    expect(again.done.json['result']).toEqual({ undone: 3, left: 0, impossible: 0 })
    expect(await world.rows('select status from orders order by id')).toBe('shipped lost shipped shipped')
    const over = await world.undo({ event, conflicts: 'overwrite' })
    expect(over.plan).toMatchObject({ count: 4, isOverwriting: true })
    expect(await world.rows('select status from orders order by id')).toBe('open open paid open')
  },
)

test.each(STORE_ENGINES)(
  'deleted records come back with their key, made ones go again: %s',
  async (engine) => {
    const world = await open(engine)
    const deleted = eventOf(await world.confirmed('delete', { keys: ['1', '3'] }))
    const made = await api(world.ana.client, 'POST', '/models/orders/records', {
      values: { id: 9, customer_id: 1, status: 'open' },
    })

    const back = await world.undo({ event: deleted })
    expect(back.plan.notes).toEqual(['2 order items went with them, and stay gone.'])
    expect(back.done.json['result']).toEqual({ undone: 2, left: 0, impossible: 0 })
    const ticket = eventOf(await world.act('delete', { key: '5' }, 'tickets'))
    await world.undo({ event: ticket }, 'tickets')
    expect(await world.rows('select id, word from tickets')).toBe('5|five')
    const gone = await world.undo({ event: eventOf(made) })
    expect(gone.done.json['result']).toMatchObject({ undone: 1 })

    expect(await world.rows('select id, customer_id, status, note from orders order by id')).toBe(
      '1|1|open|a 2|2|open|b 3|1|paid|c 4|2|open|d',
    )
    // what comes back is gone again with the undoing
    expect((await world.undo({ event: eventOf(back.done) })).done.json['result']).toMatchObject({ undone: 2 })
    expect(await world.rows('select id from orders order by id')).toBe('2 4')
  },
)

test.each(STORE_ENGINES)(
  'a session is undone over all of its models, and the trash gives back: %s',
  async (engine) => {
    const world = await open(engine)
    const before = await world.rows('select id, name, tax_number from customers order by id')
    await api(world.ana.client, 'POST', '/models/customers/records', { values: { id: 7, name: 'New' } })
    await api(world.ana.client, 'POST', '/models/orders/records', {
      values: { id: 7, customer_id: 7, status: 'open' },
    })
    await world.act('update', { key: '1', input: { values: { tax_number: 'T-9' } } }, 'customers')
    await world.act('update', { key: '2', input: { values: { note: 'x' } } })
    await world.act('update', { key: '2', input: { values: { note: 'y', customer_id: 7 } } })
    await world
      .confirmed('delete', { keys: ['2'] }, 'notes')
      .catch(() => world.act('delete', { key: '2' }, 'notes'))
    const [session] = (await world.house.sql(
      `select distinct session from castellan_audit_event where model = 'orders' and session is not null`,
    )) as { session: string }[]

    const { plan, done } = await world.undo({ session: session?.session, principal: world.ana.id })

    expect(plan.impossible.records).toEqual([])
    expect(done.json['result']).toMatchObject({ undone: 5, left: 0 })
    expect(await world.rows('select id, name, tax_number from customers order by id')).toBe(before)
    expect(await world.rows('select id, customer_id, note from orders order by id')).toBe(
      '1|1|a 2|2|b 3|1|c 4|2|d',
    )
    expect(await world.rows('select id from notes where deleted_at is null order by id')).toBe('1 2')
  },
)

test('a record goes back to an earlier version, and says what it can not put back', async () => {
  const world = await open('sqlite', {
    models: { orders: { fields: { internal_price: { readonly: true } } } },
  })
  const first = eventOf(await world.act('update', { key: '1', input: { values: { status: 'paid' } } }))
  await world.act('update', { key: '1', input: { values: { status: 'shipped' } } })
  await world.act('update', { key: '1', input: { values: { note: 'late' } } })

  const { plan, done } = await world.undo({ record: '1', version: first })

  expect(plan.records).toMatchObject([
    {
      key: '1',
      verb: 'changed back',
      changes: [
        { field: 'status', before: 'shipped', after: 'paid' },
        { field: 'note', before: 'late', after: 'a' },
      ],
    },
  ])
  expect(done.status).toBe(200)
  expect(await world.rows('select status, note from orders where id = 1')).toBe('paid|a')
  const none = await world.act('revert', { input: { record: '2', version: first } })
  expect(none).toMatchObject({ status: 404, json: { detail: `No event "${first}".` } })
})

test('undoing takes the right to do it by oneself, and what is hidden stays hidden', async () => {
  const rules = [
    permit('clerks-work', { roles: ['clerk'], actions: ['orders.list', 'orders.revert'] }),
    permit('clerks-read', {
      roles: ['clerk'],
      actions: ['orders.read'],
      fields: { except: ['note'] },
      where: { id: { lt: 3 } },
    }),
    permit('clerks-change', {
      roles: ['clerk'],
      actions: ['orders.update'],
      fields: ['status', 'note'],
      where: { id: { lt: 2 } },
    }),
  ]
  const policy = {
    ...SEEDED_POLICY,
    roles: { ...SEEDED_POLICY.roles, clerk: { title: 'Clerk', description: 'Works.' } },
    rules: [...SEEDED_POLICY.rules, ...rules],
  }
  const world = await open('sqlite', { policy })
  const body = { keys: ['1', '2', '3'], input: { values: { status: 'shipped', note: 'canary' } } }
  const event = eventOf(await world.confirmed('update', body))
  const clerk = await world.house.signIn({ role: 'clerk' })
  const ask = (more: object = {}): Promise<Reply> =>
    api(clerk.client, 'POST', '/models/orders/actions/revert', { input: { event }, ...more })

  const asked = await ask()
  const { undo } = asked.json['plan'] as { undo: UndoPlan }
  expect(undo.count).toBe(1)
  expect(undo.records[0]?.changes).toContainEqual({
    field: '',
    label: 'A field that you may not read',
    before: null,
    after: null,
    isMasked: true,
  })
  expect(undo.impossible.records.map(({ why }) => why.join())).toEqual(['no rule lets you change it'])
  expect(asked.text).not.toContain('canary')
  expect(asked.text).not.toContain('Note')
  const done = await ask({ confirmation: asked.json['confirmation'] })
  expect(done.json['result']).toEqual({ undone: 1, left: 0, impossible: 1 })
  expect(await world.rows('select status from orders order by id')).toBe('open shipped shipped open')
  const support = await world.house.signIn({ role: 'support' })
  const refused = await api(support.client, 'POST', '/models/orders/actions/revert', { input: { event } })
  expect(refused).toMatchObject({ status: 403, json: { code: 'denied' } })
})

test('what moved between the plan and its confirmation is shown again', async () => {
  const world = await open()
  const body = { keys: ['1', '2'], input: { values: { status: 'shipped' } } }
  const event = eventOf(await world.confirmed('update', body))
  const asked = await world.act('revert', { input: { event } })
  await world.house.sql("update orders set status = 'elsewhere' where id = 2")

  const late = await world.act('revert', { input: { event }, confirmation: asked.json['confirmation'] })

  expect(late).toMatchObject({ status: 428, json: { plan: { undo: { count: 1, conflicts: { count: 1 } } } } })
  expect(await world.rows('select status from orders order by id')).toBe('shipped elsewhere paid open')
})
