/** What of a record shows through beside its own page: plans, counts, relations, buttons, events. */

import { expect, test } from 'vitest'
import { forbid, permit } from '../policy/permit.ts'
import { openWorld, type World } from './fixture.ts'
import type { RecordList, RecordRead } from './records.ts'

const ROLE = { roles: ['support'] }
const READS = permit('support-reads', { ...ROLE, actions: ['*.list', '*.read'] })
const CONFIRMED = { obligations: { confirm: true } }

test('asks to confirm a change of a record out of reading scope without a word of it but its key', async () => {
  const reads = permit('reads-the-north', {
    ...ROLE,
    actions: ['customers.list', 'customers.read'],
    where: { region: { eq: 'north' } },
  })
  const updates = permit('updates', { ...ROLE, actions: ['customers.update'], ...CONFIRMED })
  await using world = await openWorld({ rules: [reads, updates] })

  expect(await planOf(world, 'customers.update', '2', { region: 'west' })).toMatchObject({
    sentence: 'Change customer #2.',
    changes: [{ field: 'region', before: null, after: null, isMasked: true }],
  })
  expect(await planOf(world, 'customers.update', '1', { region: 'west' })).toMatchObject({
    sentence: 'Change customer Amara Okafor.',
    changes: [{ field: 'region', before: 'north', after: 'west' }],
  })
})

test('asks to confirm a change of a field that may be written and not read without its value, guessed right or wrong', async () => {
  const reads = permit('reads-names', {
    ...ROLE,
    actions: ['customers.list', 'customers.read'],
    fields: ['name'],
  })
  const updates = permit('updates', { ...ROLE, actions: ['customers.update'], ...CONFIRMED })
  await using world = await openWorld({ rules: [reads, updates] })
  const masked = [{ field: 'region', label: 'Region', before: null, after: null, isMasked: true }]

  expect(await planOf(world, 'customers.update', '2', { region: 'west' })).toMatchObject({ changes: masked })
  expect(await planOf(world, 'customers.update', '2', { region: 'south' })).toMatchObject({ changes: masked })
})

test('counts related records only by what the reader may search them by', async () => {
  const effects = async (fields: { fields?: { except: readonly string[] } }): Promise<unknown> => {
    const orders = permit('reads-orders', { ...ROLE, actions: ['orders.list', 'orders.read'], ...fields })
    const customers = permit('reads-customers', { ...ROLE, actions: ['customers.list', 'customers.read'] })
    const deletes = permit('deletes', { ...ROLE, actions: ['customers.delete'], ...CONFIRMED })
    await using world = await openWorld({ rules: [orders, customers, deletes] })
    return (await planOf(world, 'customers.delete', '1', null)).effects
  }

  expect(await effects({ fields: { except: ['customer_id'] } })).toEqual([])
  expect(await effects({})).toMatchObject([{ kind: 'blocks', count: 2 }])
})

test('offers on a record what the rules allow there, whatever its reader sees of it', async () => {
  await using world = await openWorld({
    rules: [
      permit('reads-some', { ...ROLE, actions: ['orders.list', 'orders.read'], fields: ['id', 'status'] }),
      permit('updates-the-north', {
        ...ROLE,
        actions: ['orders.update'],
        fields: ['status'],
        where: { customer: { region: { eq: 'north' } } },
      }),
      permit('deletes', { ...ROLE, actions: ['orders.delete'] }),
      forbid('nobody-deletes-archived', { actions: ['orders.delete'], where: { archived: { eq: true } } }),
    ],
  })
  const offered = async (key: string): Promise<unknown> => {
    const { verbs, writable } = await result<RecordRead>(world, 'orders.read', { key })
    return { verbs, writable }
  }

  expect(await offered('1')).toEqual({ verbs: ['update', 'delete'], writable: ['status'] })
  expect(await offered('2')).toEqual({ verbs: ['delete'], writable: [] })
  expect(await offered('3')).toEqual({ verbs: ['update'], writable: ['status'] })
})

test('does not tell a masked foreign key by the record it leads to, even where a rule looks through it', async () => {
  const tables = `
    create table accounts (iban text primary key, bank text not null);
    create table payouts (id integer primary key, iban text references accounts(iban), note text);
    insert into accounts values ('DE02120300000000202051', 'North Bank');
    insert into payouts values (1, 'DE02120300000000202051', 'x');
  `
  const north = permit('reads-of-north-bank', {
    ...ROLE,
    actions: ['payouts.*'],
    where: { account: { bank: { eq: 'North Bank' } } },
  })
  await using world = await openWorld({ rules: [READS, north], tables })

  const { record } = await result<RecordRead>(world, 'payouts.read', { key: '1' })
  const { records } = await result<RecordList>(world, 'payouts.list', { input: {} })

  expect(record.masked).toEqual(['iban'])
  expect(JSON.stringify([record.related, records.map((one) => one.related)])).not.toContain('DE02')
})

test('refuses to tie a record to one out of reach by writing half of a foreign key', async () => {
  const tables = `
    create table line_notes (id integer primary key, order_id integer, line integer,
      foreign key (order_id, line) references order_lines (order_id, line));
    insert into line_notes values (1, 1, 1);
  `
  const rules = [
    permit('reads-chairs', { ...ROLE, actions: ['order_lines.*'], where: { product: { eq: 'Oak chair' } } }),
    permit('keeps-notes', { ...ROLE, actions: ['line_notes.*'] }),
  ]
  await using world = await openWorld({ rules, tables })
  const tied = (line: string): Promise<unknown> =>
    world.gate.perform(world.call('line_notes.update', { key: '1', input: { values: { line } } }))

  await expect(tied('2')).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { order_id: [expect.any(String)] },
  })
  await expect(tied('1')).resolves.toMatchObject({ kind: 'done' })
  await world.sql(`update order_lines set product = 'Oak chair' where line = 2`)
  await expect(tied('2')).resolves.toMatchObject({ kind: 'done' })
})

test('says what the source refuses without a field that its writer may not know of', async () => {
  const refusal = async (fields: { fields?: { except: readonly string[] } }): Promise<unknown> => {
    const rule = permit('customers', { ...ROLE, actions: ['customers.*'], ...fields })
    await using world = await openWorld({ rules: [rule] })
    return await world.gate
      .perform(world.call('customers.create', { input: { values: { name: 'Noor' } } }))
      .catch(({ message, fields }: { message: string; fields: object }) => ({ message, fields }))
  }

  expect(await refusal({ fields: { except: ['region'] } })).toEqual({
    message: 'Customer: the change breaks a rule of the database.',
    fields: {},
  })
  expect(await refusal({})).toMatchObject({ fields: { region: [expect.any(String)] } })
})

test('records what the source filled in of a new record, seen by its maker or not', async () => {
  await using world = await openWorld({
    rules: [
      permit('reads-some', { ...ROLE, actions: ['orders.list', 'orders.read'], fields: ['id', 'total'] }),
      permit('reads-customers', { ...ROLE, actions: ['customers.read'] }),
      permit('creates', { ...ROLE, actions: ['orders.create'] }),
    ],
  })

  await world.gate.perform(
    world.call('orders.create', { input: { values: { customer_id: '1', total: '5.00' } } }),
  )

  const [event] = await world.events()
  expect(event?.changes).toContainEqual({ field: 'status', class: 'public', before: null, after: 'open' })
})

async function planOf(
  world: World,
  action: string,
  key: string,
  values: Record<string, string> | null,
): Promise<{ effects: unknown }> {
  const outcome = await world.gate.perform(world.call(action, { key, input: values && { values } }))
  if (outcome.kind !== 'confirmation-required') throw new Error(outcome.kind)
  return outcome.plan
}

async function result<T>(world: World, action: string, call: object): Promise<T> {
  const outcome = await world.gate.perform(world.call(action, call))
  if (outcome.kind !== 'done') throw new Error(outcome.kind)
  return outcome.result as T
}
