import { expect, test } from 'vitest'
import { z } from 'zod'
import type { DataSource } from '../data/data-source.ts'
import { openWorld, type World, type WorldOptions } from '../gate/fixture.ts'
import { defineAction, type OwnAction } from '../gate/own-action.ts'
import type { Parts } from '../gate/parts.ts'
import { field, model } from '../model/fixture.ts'
import { permit } from '../policy/permit.ts'
import { compileOwnActions } from './own-action.ts'

const ORDERS = model('orders', [field('id', 'int')], { key: ['id'], source: 'application' })
const KEYLESS = model('log_lines', [field('line', 'text')], { key: null })
const MODELS = new Map([ORDERS, KEYLESS].map((one) => [one.name, one]))

const READS = permit('support-reads', { roles: ['support'], actions: ['*.list', '*.read'] })
const SETTLES = permit('support-settles', {
  roles: ['support'],
  actions: ['orders.settle'],
  fields: ['status', 'note'],
})

const settle = defineAction({
  name: 'settle',
  label: 'Settle',
  on: 'record',
  input: z.object({ note: z.string().min(2).max(20), copies: z.int().min(1).default(1) }),
  async run({ input, target, note }) {
    await target.update({ status: 'paid', note: `${input.note} x${input.copies}` })
    note({ copies: input.copies })
    return { message: `Order ${target.title} is settled.` }
  },
})

function open(
  own: OwnAction,
  { rules, ...more }: Partial<WorldOptions> & Pick<WorldOptions, 'rules'>,
): Promise<World> {
  const { actions, mistakes } = compileOwnActions(ORDERS, [own], MODELS)
  expect(mistakes).toEqual([])
  return openWorld({ rules, actions, ...more })
}

const status = async (world: World): Promise<unknown> =>
  (await world.sql('select status, note from orders where id = 1'))[0]

test('runs on a record, with an event that says who did what, and how many records it changed', async () => {
  await using world = await open(settle, { rules: [READS, SETTLES] })

  const outcome = await world.gate.perform(world.call('orders.settle', { key: '1', input: { note: 'wire' } }))

  expect(outcome).toMatchObject({ kind: 'done', result: { message: 'Order #1 is settled.' } })
  expect(await status(world)).toEqual({ status: 'paid', note: 'wire x1' })
  expect(await world.events()).toMatchObject([
    {
      action: 'orders.settle',
      kind: 'action.run',
      outcome: 'done',
      target: { model: 'orders', key: '1' },
      policy: { rules: ['support-settles'] },
      changes: [
        { field: 'status', before: 'open', after: 'paid' },
        { field: 'note', before: 'first', after: 'wire x1' },
      ],
      counts: { affected: 1 },
      details: { copies: 1 },
    },
  ])
})

test('is denied unless a rule permits it by its name', async () => {
  await using world = await open(settle, {
    rules: [READS, permit('support-updates', { roles: ['support'], actions: ['*.update'] })],
  })

  await expect(
    world.gate.perform(world.call('orders.settle', { key: '1', input: { note: 'wire' } })),
  ).rejects.toMatchObject({ code: 'denied' })
  expect(await status(world)).toEqual({ status: 'open', note: 'first' })
})

test.each([
  [{ note: 'x' }, { note: ['must have at least 2 characters'] }],
  [{}, { note: ['must have a value'] }],
  [{ note: 7 }, { note: ['must be text'] }],
  [{ note: 'wire', copies: 0 }, { copies: ['must be at least 1'] }],
  [{ note: 'wire', status: 'paid' }, { status: ['is not taken here'] }],
  [[], { input: ['must be an object'] }],
])('says at each field what is wrong with %j', async (input, fields) => {
  await using world = await open(settle, { rules: [READS, SETTLES] })

  await expect(world.gate.perform(world.call('orders.settle', { key: '1', input }))).rejects.toMatchObject({
    code: 'invalid-input',
    fields,
  })
})

test('writes of its record no field that the rule for it does not grant', async () => {
  const narrow = permit('support-settles', {
    roles: ['support'],
    actions: ['orders.settle'],
    fields: ['note'],
  })
  await using world = await open(settle, { rules: [READS, narrow] })

  await expect(
    world.gate.perform(world.call('orders.settle', { key: '1', input: { note: 'wire' } })),
  ).rejects.toMatchObject({ code: 'invalid-input', fields: { status: [expect.any(String)] } })
  expect(await status(world)).toEqual({ status: 'open', note: 'first' })
})

test('leaves no record behind that the rule for it does not reach', async () => {
  const open_ = permit('support-settles-open', {
    roles: ['support'],
    actions: ['orders.settle'],
    where: { status: { eq: 'open' } },
  })
  await using world = await open(settle, { rules: [READS, open_] })

  await expect(
    world.gate.perform(world.call('orders.settle', { key: '1', input: { note: 'wire' } })),
  ).rejects.toMatchObject({ code: 'denied' })
  expect(await status(world)).toEqual({ status: 'open', note: 'first' })
})

/** Changes the customer of an order beside the order itself. */
const move = (
  wrapped: (change: () => Promise<unknown>) => Promise<unknown> = (change) => change(),
): OwnAction =>
  defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    async run({ target, records }) {
      await target.update({ status: 'paid' })
      await wrapped(() => records.update('customers', '1', { region: 'south' }))
    },
  })
const region = async (world: World): Promise<unknown> =>
  (await world.sql('select region from customers where id = 1'))[0]
const CHANGES_CUSTOMERS = permit('support-changes-customers', {
  roles: ['support'],
  actions: ['customers.update'],
})

test('changes other records by the principal’s own rights, with events of their own', async () => {
  await using world = await open(move(), { rules: [READS, SETTLES, CHANGES_CUSTOMERS] })

  await world.gate.perform(world.call('orders.settle', { key: '1' }))

  expect(await region(world)).toEqual({ region: 'south' })
  expect(await world.events()).toMatchObject([
    {
      action: 'customers.update',
      kind: 'record.update',
      target: { model: 'customers', key: '1' },
      changes: [{ field: 'region', before: 'north', after: 'south' }],
      details: { within: 'orders.settle' },
    },
    { action: 'orders.settle', counts: { affected: 2 } },
  ])
})

test('records what was done beside the record where the log is in another database, too', async () => {
  const rules = [READS, SETTLES, CHANGES_CUSTOMERS]
  await using world = await open(move(), { rules, hasStoreApart: true })

  await world.gate.perform(world.call('orders.settle', { key: '1' }))

  const told = (await world.events()).map(({ action, outcome }) => `${action} ${outcome}`)
  expect(told).toEqual(['orders.settle started', 'customers.update done', 'orders.settle done'])
})

test('changes nothing at all when a change beside the record is refused, even if run catches that', async () => {
  const caught = move(async (change) => {
    await change().catch(() => null)
  })
  for (const own of [move(), caught]) {
    await using world = await open(own, { rules: [READS, SETTLES] })

    await expect(world.gate.perform(world.call('orders.settle', { key: '1' }))).rejects.toMatchObject({
      code: 'denied',
      message: 'customers.update refused: no rule permits it.',
    })
    expect([await status(world), await region(world)]).toEqual([
      { status: 'open', note: 'first' },
      { region: 'north' },
    ])
    expect(await world.events()).toMatchObject([{ action: 'orders.settle', outcome: 'refused' }])
  }
})

test('asks for what the rules of the other record oblige to', async () => {
  const rules = [
    READS,
    SETTLES,
    permit('support-changes-customers', {
      roles: ['support'],
      actions: ['customers.update'],
      obligations: { confirm: true, reason: true },
    }),
  ]
  await using world = await open(move(), { rules })
  const perform = (more: object) => world.gate.perform(world.call('orders.settle', { key: '1', ...more }))

  await expect(perform({})).rejects.toMatchObject({ fields: { reason: [expect.any(String)] } })
  const asked = await perform({ reason: 'moved' })
  expect(asked).toMatchObject({ kind: 'confirmation-required' })
  expect(await region(world)).toEqual({ region: 'north' })
  const { confirmation } = asked as { confirmation: string }
  expect(await perform({ reason: 'moved', confirmation })).toMatchObject({ kind: 'done' })
  expect(await region(world)).toEqual({ region: 'south' })
})

test('shows its plan and asks to confirm it, unless its developer says otherwise', async () => {
  const planned = (confirm?: boolean): OwnAction =>
    defineAction({
      name: 'settle',
      label: 'Settle',
      on: 'record',
      ...(confirm !== undefined && { obligations: { confirm } }),
      plan: ({ target }) => `Settle order ${target.title}.`,
      run: ({ target }) => target.update({ status: 'paid' }),
    })
  await using asking = await open(planned(), { rules: [READS, SETTLES] })
  await using silent = await open(planned(false), { rules: [READS, SETTLES] })

  expect(await asking.gate.perform(asking.call('orders.settle', { key: '1' }))).toMatchObject({
    kind: 'confirmation-required',
    plan: { sentence: 'Settle order #1.', effects: [], changes: [] },
  })
  expect(await status(asking)).toMatchObject({ status: 'open' })
  expect(await silent.gate.perform(silent.call('orders.settle', { key: '1' }))).toMatchObject({
    kind: 'done',
  })
})

test('runs with what was confirmed, whatever its plan did to the input, and again from the start', async () => {
  const got: unknown[] = []
  const own = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    input: z.object({ notes: z.array(z.string()) }),
    plan({ input }) {
      input.notes.pop()
      return 'Settle.'
    },
    async run({ input, target }) {
      got.push(input.notes.pop())
      await target.update({ note: got.join(' ') })
    },
  })
  const twice = (parts: Parts): Parts => ({
    ...parts,
    sources: new Map(
      [...parts.sources].map(([id, source]) => [id, { ...source, dataSource: again(source.dataSource) }]),
    ),
  })
  const again = (source: DataSource): DataSource => ({
    ...source,
    async transaction(work, options) {
      const rolledBack = source.transaction(async (transaction) => {
        await work(transaction)
        throw new RangeError('in the way of another')
      }, options)
      await rolledBack.catch(() => null)
      return await source.transaction(work, options)
    },
  })
  await using world = await open(own, { rules: [READS, SETTLES], replace: twice })
  const perform = (more: object) =>
    world.gate.perform(world.call('orders.settle', { key: '1', input: { notes: ['a', 'b'] }, ...more }))

  const { confirmation } = (await perform({})) as { confirmation: string }
  expect(await perform({ confirmation })).toMatchObject({ kind: 'done' })
  expect(got).toEqual(['b', 'b'])
})

test('can only look while it plans', async () => {
  const own = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    async plan({ records }) {
      // what no type offers, some code may still try
      await (records as unknown as { update: (...given: unknown[]) => Promise<void> }).update(
        'orders',
        '1',
        {},
      )
      return 'Settle.'
    },
    run: () => undefined,
  })
  await using world = await open(own, { rules: [READS, SETTLES] })

  await expect(world.gate.perform(world.call('orders.settle', { key: '1' }))).rejects.toThrow(
    'not a function',
  )
})

test('is not there for whom the application itself refuses it', async () => {
  const own = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    isAccessible: ({ target, principal }) => principal.id === 'ana' && target.values['status'] === 'open',
    run: ({ target }) => target.update({ status: 'paid' }),
  })
  await using world = await open(own, { rules: [READS, SETTLES] })
  const verbs = async (key: string): Promise<readonly string[]> => {
    const read = await world.gate.perform(world.call('orders.read', { key }))
    return (read as { result: { verbs: readonly string[] } }).result.verbs
  }

  expect([await verbs('1'), await verbs('3')]).toEqual([['settle'], []])
  await expect(world.gate.perform(world.call('orders.settle', { key: '3' }))).rejects.toMatchObject({
    code: 'denied',
  })
  expect(await world.gate.perform(world.call('orders.settle', { key: '1' }))).toMatchObject({ kind: 'done' })
})

test('is refused whole when it does not wait for what it began, or goes on after its end', async () => {
  let late: Promise<unknown> = Promise.resolve()
  const own = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    run({ target, afterCommit, records }) {
      afterCommit(async () => {
        late = records.read('orders', '1')
        await late
      })
      return target.update({ status: 'paid' })
    },
  })
  const hasty = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'record',
    run({ target }) {
      target.update({ status: 'paid' }).catch(() => null)
    },
  })
  await using world = await open(hasty, { rules: [READS, SETTLES] })
  await using other = await open(own, { rules: [READS, SETTLES] })

  await expect(world.gate.perform(world.call('orders.settle', { key: '1' }))).rejects.toThrow(
    'await every change',
  )
  expect(await status(world)).toMatchObject({ status: 'open' })
  await expect(other.gate.perform(other.call('orders.settle', { key: '1' }))).rejects.toThrow('under way')
  await expect(late).rejects.toThrow('under way')
})

test('makes, reads and deletes records, as far as the principal may', async () => {
  const own = defineAction({
    name: 'tidy',
    label: 'Tidy',
    on: 'model',
    async run({ records }) {
      const made = await records.create('orders', { customer_id: 2, total: '5.00' })
      const { records: found } = await records.list('orders', { search: null, limit: 10 })
      const missing = await records.read('orders', '99')
      await records.delete('orders', made.key ?? '')
      return { message: `${found.length} ${missing}` }
    },
  })
  const rules = [
    READS,
    permit('support-tidies', {
      roles: ['support'],
      actions: ['orders.tidy', 'orders.create', 'orders.delete'],
    }),
  ]
  await using world = await open(own, { rules })

  const outcome = await world.gate.perform(world.call('orders.tidy'))

  expect(outcome).toMatchObject({ kind: 'done', result: { message: '5 null' } })
  const told = (await world.events()).map(({ action, counts }) => [action, counts.affected])
  expect(told).toEqual([
    ['orders.create', 1],
    ['orders.delete', 1],
    ['orders.tidy', 2],
  ])
  await expect(world.gate.perform(world.call('orders.tidy', { key: '1' }))).rejects.toMatchObject({
    fields: { key: [expect.any(String)] },
  })
})

test('reaches none of Castellan’s own records', async () => {
  const own = defineAction({
    name: 'settle',
    label: 'Settle',
    on: 'model',
    run: async ({ records }) => {
      await records.list('castellan.people')
    },
  })
  await using world = await open(own, { rules: [READS, SETTLES] })

  await expect(world.gate.perform(world.call('orders.settle'))).rejects.toMatchObject({ code: 'not-found' })
})

test('finds every mistake of a declaration at the start, each with its place', () => {
  const base = { label: 'Go', run: () => undefined }
  const { mistakes } = compileOwnActions(
    ORDERS,
    [
      defineAction({ ...base, name: 'Refund_It', on: 'record' }),
      defineAction({ ...base, name: 'delete', on: 'record' }),
      defineAction({ ...base, name: 'twice', on: 'record' }),
      defineAction({ ...base, name: 'twice', on: 'model' }),
      defineAction({ ...base, name: 'bulk-mark', on: 'records' }),
      defineAction({ ...base, name: 'dated', on: 'record', input: z.object({ at: z.date() }) }),
      defineAction({ ...base, name: 'plain', on: 'record', input: z.string() }),
      defineAction({ ...base, name: 'hidden', on: 'record', input: z.object({ _csrf: z.string() }) }),
      defineAction({
        ...base,
        name: 'picks',
        on: 'record',
        input: z.object({ who: z.int().meta({ model: 'nobody' }) }),
      }),
      defineAction({ ...base, name: 'proved', on: 'record', obligations: { stepUpWithin: 'soon' } }),
      defineAction({ ...base, name: 'unnamed', label: ' ', on: 'record' }),
    ],
    MODELS,
  )
  const keyless = compileOwnActions(KEYLESS, [defineAction({ ...base, name: 'go', on: 'record' })], MODELS)

  expect(mistakes.map(({ id, place }) => `${id} ${place}`)).toEqual([
    'A101 models.orders.actions.Refund_It',
    'A102 models.orders.actions.delete',
    'A103 models.orders.actions.twice',
    'A102 models.orders.actions.bulk-mark',
    'A105 models.orders.actions.dated',
    'A105 models.orders.actions.plain',
    'A105 models.orders.actions.hidden',
    'A105 models.orders.actions.picks',
    'A106 models.orders.actions.proved',
    'A108 models.orders.actions.unnamed',
  ])
  expect(keyless.mistakes).toMatchObject([{ id: 'A107' }])
  for (const { problem, remedy } of mistakes) expect(`${problem} ${remedy}`).toMatch(/\.$/)
})

test('makes the fields of its form from its schema', () => {
  const input = z.object({
    amount: z.string().max(12).meta({ title: 'Amount in EUR', description: 'With two digits.' }),
    kind: z.enum(['full', 'store_credit']),
    due: z.iso.date().nullable(),
    at: z.iso.datetime().optional(),
    copies: z.int().default(2),
    share: z.number().optional(),
    notify: z.boolean(),
    mail: z.email().optional(),
    order: z.int().meta({ model: 'orders' }),
    code: z.string().meta({ sensitivity: 'secret' }),
    tags: z.array(z.string()).optional(),
  })
  const { actions } = compileOwnActions(
    ORDERS,
    [defineAction({ name: 'go', label: 'Go', on: 'record', input, run: () => undefined })],
    MODELS,
  )
  const form = actions[0]?.own

  expect(
    form?.fields.map(({ name, type, nullable, hasDefault }) => [name, type, nullable, hasDefault]),
  ).toEqual([
    ['amount', 'text', false, false],
    ['kind', 'enum', false, false],
    ['due', 'date', true, false],
    ['at', 'timestamptz', true, false],
    ['copies', 'int', false, true],
    ['share', 'float', true, false],
    ['notify', 'bool', false, false],
    ['mail', 'text', true, false],
    ['order', 'int', false, false],
    ['code', 'text', false, false],
    ['tags', 'json', true, false],
  ])
  expect(form?.fields[0]).toMatchObject({ label: 'Amount in EUR', help: 'With two digits.', maxLength: 12 })
  expect(form?.fields[1]?.choices).toEqual([
    { value: 'full', label: 'Full' },
    { value: 'store_credit', label: 'Store credit' },
  ])
  expect(form?.fields[4]?.defaultValue).toBe(2)
  expect(form?.fields[7]?.widget).toBe('email')
  expect(form?.fields[9]?.sensitivity).toBe('secret')
  expect(form).toMatchObject({
    nulls: ['due'],
    relations: [{ target: 'orders', from: ['order'], to: ['id'] }],
  })
})
