import { expect, test } from 'vitest'
import { forbid, permit } from '../policy/permit.ts'
import { defineAction } from './action.ts'
import { openWorld } from './fixture.ts'
import type { RecordList, RecordRead } from './records.ts'

const READS = permit('support-reads', { roles: ['support'], actions: ['*.list', '*.read'] })
const UPDATES = permit('support-updates', { roles: ['support'], actions: ['*.update'] })
const NORTH = permit('support-reads-the-north', {
  roles: ['support'],
  actions: ['orders.list', 'orders.read'],
  where: { customer: { region: { eq: { principal: 'region' } } } },
})

test('commits a change together with its event, which says who, what, before and after', async () => {
  await using world = await openWorld({ rules: [READS, UPDATES] })

  const outcome = await world.gate.perform(
    world.call('orders.update', { key: '1', input: { values: { status: 'paid' } }, reason: 'wire received' }),
  )

  expect(outcome).toMatchObject({ kind: 'done', result: { key: '1', changed: ['status'] } })
  expect(await world.sql('select status from orders where id = 1')).toEqual([{ status: 'paid' }])
  expect(await world.events()).toMatchObject([
    {
      action: 'orders.update',
      kind: 'record.update',
      outcome: 'done',
      principal: { id: 'ana', label: 'Ana' },
      target: { model: 'orders', key: '1' },
      policy: { version: 'v1', rules: ['support-updates'] },
      reason: 'wire received',
      changes: [{ field: 'status', before: 'open', after: 'paid' }],
    },
  ])
})

test('rolls the change back when its event cannot be written', async () => {
  await using world = await openWorld({
    rules: [READS, UPDATES],
    replace: (parts) => ({
      ...parts,
      audit: { ...parts.audit, append: () => Promise.reject(new Error('the log is full')) },
    }),
  })

  await expect(
    world.gate.perform(world.call('orders.update', { key: '1', input: { values: { status: 'paid' } } })),
  ).rejects.toThrow('the log is full')
  expect(await world.sql('select status from orders where id = 1')).toEqual([{ status: 'open' }])
  expect(await world.events()).toMatchObject([{ outcome: 'failed', code: 'internal' }])
})

test('denies what no rule permits, and records the refusal', async () => {
  await using world = await openWorld({ rules: [READS] })

  await expect(
    world.gate.perform(world.call('orders.update', { key: '1', input: { values: { status: 'paid' } } })),
  ).rejects.toMatchObject({ code: 'denied', message: 'orders.update refused: no rule permits it.' })
  expect(await world.events()).toMatchObject([
    { outcome: 'refused', code: 'denied', action: 'orders.update' },
  ])
})

test('denies when a forbid matches the record, even next to a rule that permits', async () => {
  const archived = forbid('nobody-edits-archived', {
    actions: ['orders.update'],
    where: { archived: { eq: true } },
  })
  await using world = await openWorld({ rules: [READS, UPDATES, archived] })

  await expect(
    world.gate.perform(world.call('orders.update', { key: '3', input: { values: { note: 'x' } } })),
  ).rejects.toMatchObject({ code: 'denied', rules: ['nobody-edits-archived'] })
})

test('shows only the records of the row scope, in list, count, search and by key', async () => {
  await using world = await openWorld({ rules: [NORTH] })
  const principal = world.as({ attributes: { region: 'north' } })
  const keys = async (input: object): Promise<unknown> => {
    const outcome = await world.gate.perform(world.call('orders.list', { principal, input }))
    if (outcome.kind !== 'done') throw new Error(outcome.kind)
    const { records, count } = outcome.result as RecordList
    return { keys: records.map((record) => record.key).sort(), count: count?.value }
  }

  expect(await keys({ count: 'exact' })).toEqual({ keys: ['1', '3', '4'], count: 3 })
  expect(await keys({ count: 'exact', search: 'second' })).toEqual({ keys: [], count: 0 })
  await expect(world.gate.perform(world.call('orders.read', { principal, key: '2' }))).rejects.toMatchObject({
    code: 'not-found',
    message: 'No orders record "2".',
  })
  await expect(world.gate.perform(world.call('orders.read', { principal, key: '99' }))).rejects.toMatchObject(
    {
      code: 'not-found',
      message: 'No orders record "99".',
    },
  )
})

test('control: without the row rule the same principal sees the record', async () => {
  await using world = await openWorld({ rules: [READS] })

  const outcome = await world.gate.perform(
    world.call('orders.read', { principal: world.as({ attributes: { region: 'north' } }), key: '2' }),
  )

  expect(outcome).toMatchObject({ kind: 'done', result: { record: { key: '2' } } })
})

test('leaves hidden, secret and masked fields out of what is read', async () => {
  const hidden = permit('support-reads-customers', {
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
    fields: { except: ['region'] },
  })
  await using world = await openWorld({ rules: [hidden] })

  const outcome = await world.gate.perform(world.call('customers.read', { key: '1' }))
  if (outcome.kind !== 'done') throw new Error(outcome.kind)
  const { record } = outcome.result as RecordRead

  expect(record.values).toEqual({ id: 1n, name: 'Amara Okafor' })
  expect(record.masked).toEqual(['tax_number'])
})

test('refuses to filter, sort or search by what may not be read, in the words of a field that is not there', async () => {
  const hidden = permit('support-reads-customers', {
    roles: ['support'],
    actions: ['customers.list'],
    fields: { except: ['region'] },
  })
  await using world = await openWorld({ rules: [hidden] })
  const problem = async (field: string): Promise<unknown> =>
    world.gate
      .perform(world.call('customers.list', { input: { filters: [{ field, operator: 'eq', value: 'x' }] } }))
      .catch((error: { fields: Record<string, unknown> }) => error.fields[field])

  const unknown = await problem('nothing')
  expect(unknown).toEqual([expect.any(String)])
  for (const field of ['region', 'tax_number', 'api_token']) expect(await problem(field)).toEqual(unknown)
})

test('lets nobody move a record out of the rows they may change', async () => {
  const own = permit('support-updates-small-orders', {
    roles: ['support'],
    actions: ['orders.update'],
    where: { total: { lt: '100.00' } },
  })
  await using world = await openWorld({ rules: [READS, own] })

  await expect(
    world.gate.perform(world.call('orders.update', { key: '1', input: { values: { total: '500.00' } } })),
  ).rejects.toMatchObject({ code: 'denied' })
  expect(await world.sql('select total from orders where id = 1')).toMatchObject([{ total: 12n }])
})

test('asks for what the new record obliges to, not only the old one', async () => {
  const small = permit('support-updates-small-orders', {
    roles: ['support'],
    actions: ['orders.update'],
    where: { total: { lt: '100.00' } },
  })
  const large = permit('support-updates-large-orders-with-a-reason', {
    roles: ['support'],
    actions: ['orders.update'],
    where: { total: { gte: '100.00' } },
    obligations: { reason: true },
  })
  await using world = await openWorld({ rules: [READS, small, large] })
  const call = world.call('orders.update', { key: '1', input: { values: { total: '500.00' } } })

  await expect(world.gate.perform(call)).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { reason: [expect.any(String)] },
  })
  expect(await world.gate.perform({ ...call, reason: 'agreed by phone' })).toMatchObject({ kind: 'done' })
})

test('runs a confirmed action once, and only as it was shown', async () => {
  const deletes = permit('support-deletes', {
    roles: ['support'],
    actions: ['orders.delete'],
    obligations: { confirm: true },
  })
  await using world = await openWorld({ rules: [READS, deletes] })
  const call = world.call('orders.delete', { key: '1' })

  const asked = await world.gate.perform(call)
  if (asked.kind !== 'confirmation-required') throw new Error(asked.kind)
  expect(asked.plan.effects).toMatchObject([{ kind: 'deleted', count: 2 }])
  const { confirmation } = asked

  expect(await world.gate.perform({ ...call, key: '4', confirmation })).toMatchObject({
    kind: 'confirmation-required',
  })
  expect(
    await world.gate.perform({ ...call, principal: world.as({ id: 'bo' }), confirmation }),
  ).toMatchObject({
    kind: 'confirmation-required',
  })
  expect(await world.gate.perform({ ...call, confirmation })).toMatchObject({ kind: 'done' })
  await expect(world.gate.perform({ ...call, confirmation })).rejects.toMatchObject({ code: 'not-found' })
  expect((await world.events()).map((event) => event.outcome)).toEqual([
    'pending',
    'pending',
    'pending',
    'done',
    'refused',
  ])
})

test('asks to confirm again when what would be deleted has changed since', async () => {
  const deletes = permit('support-deletes', {
    roles: ['support'],
    actions: ['orders.delete'],
    obligations: { confirm: true },
  })
  await using world = await openWorld({ rules: [READS, deletes] })
  const call = world.call('orders.delete', { key: '1' })
  const asked = await world.gate.perform(call)
  if (asked.kind !== 'confirmation-required') throw new Error(asked.kind)

  await world.sql("insert into order_lines values (1, 3, 'Rug')")

  expect(await world.gate.perform({ ...call, confirmation: asked.confirmation })).toMatchObject({
    kind: 'confirmation-required',
  })
})

test('asks whoever has no session to step up, every time', async () => {
  const careful = permit('support-updates-after-step-up', {
    roles: ['support'],
    actions: ['orders.update'],
    obligations: { stepUpWithin: '5m' },
  })
  await using world = await openWorld({ rules: [READS, careful] })

  expect(
    await world.gate.perform(
      world.call('orders.update', { key: '1', input: { values: { status: 'paid' } } }),
    ),
  ).toMatchObject({ kind: 'step-up-required', withinMs: 300_000 })
  expect(await world.sql('select status from orders where id = 1')).toEqual([{ status: 'open' }])
})

test('refuses a change to a record that has changed since it was seen', async () => {
  await using world = await openWorld({ rules: [READS, UPDATES] })
  const read = await world.gate.perform(world.call('orders.read', { key: '1' }))
  if (read.kind !== 'done') throw new Error(read.kind)
  const { version } = (read.result as RecordRead).record
  if (version === null) throw new Error('A record that is read has a version.')
  const call = world.call('orders.update', {
    key: '1',
    input: { values: { status: 'paid' } },
    ifVersion: version,
  })

  await world.sql("update orders set note = 'changed meanwhile' where id = 1")

  await expect(world.gate.perform(call)).rejects.toMatchObject({ code: 'conflict' })
})

test('refuses fields that are unknown, unwritable or not granted, all in the same words', async () => {
  const some = permit('support-updates-status', {
    roles: ['support'],
    actions: ['orders.update'],
    fields: ['status'],
  })
  await using world = await openWorld({ rules: [READS, some] })
  const problem = async (field: string): Promise<unknown> =>
    world.gate
      .perform(world.call('orders.update', { key: '1', input: { values: { [field]: '1' } } }))
      .catch((error: { fields: Record<string, unknown> }) => error.fields[field])

  const unknown = await problem('nothing')
  expect(unknown).toEqual([expect.any(String)])
  expect(await problem('total')).toEqual(unknown)
  expect(await problem('note')).toEqual(unknown)
})

test('ties a record only to records that its writer can read', async () => {
  const north = permit('support-reads-northern-customers', {
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
    where: { region: { eq: 'north' } },
  })
  const orders = permit('support-works-with-orders', { roles: ['support'], actions: ['orders.*'] })
  await using world = await openWorld({ rules: [north, orders] })
  const move = (customer: string) =>
    world.gate.perform(
      world.call('orders.update', { key: '1', input: { values: { customer_id: customer } } }),
    )

  await expect(move('2')).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { customer_id: [expect.any(String)] },
  })
  expect(await move('3')).toMatchObject({ kind: 'done' })
})

test('knows nothing of a model of which nothing may be read', async () => {
  await using world = await openWorld({
    rules: [permit('support-reads-orders', { roles: ['support'], actions: ['orders.*'] })],
  })

  const unreadable = await world.gate
    .perform(world.call('customers.list'))
    .catch((error: Error) => error.message)
  const unknown = await world.gate.perform(world.call('nothings.list')).catch((error: Error) => error.message)

  expect(unreadable).toBe('There is no action "customers.list".')
  expect(unknown).toBe('There is no action "nothings.list".')
})

test('records a read before its answer leaves, and the same read once a minute', async () => {
  await using world = await openWorld({ rules: [READS] })

  await world.gate.perform(world.call('orders.read', { key: '1' }))
  await world.gate.perform(world.call('orders.read', { key: '1' }))
  await world.gate.perform(world.call('orders.read', { key: '2' }))
  world.clock.now += 61_000
  await world.gate.perform(world.call('orders.read', { key: '1' }))

  expect((await world.events()).map((event) => event.target?.key)).toEqual(['1', '2', '1'])
})

test('gives no answer when the read cannot be recorded', async () => {
  await using world = await openWorld({
    rules: [READS],
    replace: (parts) => ({
      ...parts,
      audit: { ...parts.audit, appendRead: () => Promise.reject(new Error('the log is full')) },
    }),
  })

  await expect(world.gate.perform(world.call('orders.read', { key: '1' }))).rejects.toThrow('the log is full')
})

test('hands an own action no way to write what the policy does not grant', async () => {
  const shipAll = defineAction<null, number>({
    verb: 'ship',
    model: 'orders',
    label: 'Ship',
    on: 'record',
    access: 'write',
    kind: 'action.run',
    parse: () => null,
    async run(_input, { records }) {
      // Tries another record than the one that was decided on.
      await records.update([2n], { status: 'shipped' })
      return 1
    },
  })
  const ships = permit('support-ships-small-orders', {
    roles: ['support'],
    actions: ['orders.ship'],
    where: { total: { lt: '100.00' } },
  })
  await using world = await openWorld({ rules: [READS, ships], actions: [shipAll as never] })

  await expect(world.gate.perform(world.call('orders.ship', { key: '1' }))).rejects.toMatchObject({
    code: 'not-found',
  })
  expect(await world.sql('select status from orders where id = 2')).toEqual([{ status: 'open' }])
})

test('reads a page of records with one query for the page and one for each relation', async () => {
  let queries = 0
  await using world = await openWorld({
    rules: [READS],
    replace: (parts) => {
      const entry = parts.sources.get('application')
      if (!entry) throw new Error('No source.')
      const dataSource: typeof entry.dataSource = {
        ...entry.dataSource,
        read: (work) =>
          entry.dataSource.read((reader) => {
            const counted =
              <A extends unknown[], B>(ask: (...args: A) => B) =>
              (...args: A): B => {
                queries += 1
                return ask(...args)
              }
            return work({
              list: counted(reader.list),
              get: counted(reader.get),
              getMany: counted(reader.getMany),
              count: counted(reader.count),
              tally: counted(reader.tally),
              connection: reader.connection,
            })
          }),
      }
      return { ...parts, sources: new Map([['application', { ...entry, dataSource }]]) }
    },
  })

  const outcome = await world.gate.perform(world.call('orders.list', { input: {} }))

  expect(outcome).toMatchObject({ kind: 'done', result: { records: [{}, {}, {}, {}] } })
  expect(queries).toBe(2)
})
