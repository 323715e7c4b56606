/** Obligations that must not be lost: on reads, on what has no key, on the new record, in two databases. */

import { expect, test } from 'vitest'
import { permit } from '../policy/permit.ts'
import { type Action, defineAction } from './action.ts'
import { openWorld, type World } from './fixture.ts'

const ROLE = { roles: ['support'] }
const READS = permit('support-reads', { ...ROLE, actions: ['*.list', '*.read'] })
const CONFIRMED = { obligations: { confirm: true } }

test('denies a reading action on a model whose every permit has a condition it cannot check', async () => {
  const rule = (where: object) =>
    permit('reports', { ...ROLE, actions: ['orders.report'], obligations: { reason: true }, ...where })
  await using world = await openWorld({
    actions: [report('report')],
    rules: [READS, rule({ where: { archived: { eq: false } } })],
  })
  await using control = await openWorld({ actions: [report('report')], rules: [READS, rule({})] })

  await expect(world.gate.perform(world.call('orders.report'))).rejects.toMatchObject({ code: 'denied' })
  await expect(control.gate.perform(control.call('orders.report'))).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { reason: [expect.any(String)] },
  })
  await expect(
    control.gate.perform(control.call('orders.report', { reason: 'month end' })),
  ).resolves.toMatchObject({ kind: 'done' })
})

test('a confirmed read runs once', async () => {
  await using world = await openWorld({
    actions: [report('report')],
    rules: [READS, permit('reports', { ...ROLE, actions: ['orders.report'], ...CONFIRMED })],
  })
  const confirmation = await confirmationFor(world, 'orders.report', {})

  const again = (): Promise<unknown> => world.gate.perform(world.call('orders.report', { confirmation }))
  expect(await again()).toMatchObject({ kind: 'done' })
  expect(await again()).toMatchObject({ kind: 'confirmation-required' })
})

test('a confirmed change runs where our own tables are in another database', async () => {
  await using world = await openWorld({
    hasStoreApart: true,
    rules: [READS, permit('deletes', { ...ROLE, actions: ['*.delete'], ...CONFIRMED })],
  })
  const call = { key: '["1","1"]' }
  const confirmation = await confirmationFor(world, 'order_lines.delete', call)

  expect(await world.gate.perform(world.call('order_lines.delete', { ...call, confirmation }))).toMatchObject(
    { kind: 'done' },
  )
  expect((await world.events()).map(({ outcome }) => outcome)).toEqual([
    'started',
    'pending',
    'started',
    'done',
  ])
})

test('shows what changes when only the new record has to be confirmed', async () => {
  await using world = await openWorld({
    rules: [
      READS,
      permit('updates', { ...ROLE, actions: ['orders.update'] }),
      permit('ships', {
        ...ROLE,
        actions: ['orders.update'],
        where: { status: { eq: 'shipped' } },
        ...CONFIRMED,
      }),
    ],
  })
  const update = (status: string): Promise<unknown> =>
    world.gate.perform(world.call('orders.update', { key: '1', input: { values: { status } } }))

  expect(await update('shipped')).toMatchObject({
    kind: 'confirmation-required',
    plan: { changes: [{ field: 'status', before: 'open', after: 'shipped' }] },
  })
  expect(await update('paid')).toMatchObject({ kind: 'done' })
})

test('refuses to create what has no key under a rule that looks at the record', async () => {
  const tables = 'create table visits (region text not null, note text);'
  const creates = (where: object) => permit('creates', { ...ROLE, actions: ['visits.create'], ...where })
  const create = async (where: object): Promise<unknown> => {
    await using world = await openWorld({ tables, rules: [creates(where)] })
    return await world.gate
      .perform(world.call('visits.create', { input: { values: { region: 'south' } } }))
      .catch((error: { code: string }) => error.code)
  }

  expect(await create({ where: { region: { eq: 'north' } } })).toBe('denied')
  expect(await create({})).toMatchObject({ kind: 'done' })
})

test('tells what fails after the commit without calling the change failed', async () => {
  const mail = defineAction<null, string>({
    verb: 'mail',
    model: 'orders',
    label: 'Mail',
    on: 'record',
    access: 'write',
    kind: 'action.run',
    parse: () => null,
    async run(_input, { afterCommit }) {
      afterCommit(() => Promise.reject(new Error('no mail')))
      return 'sent'
    },
  }) as Action
  await using world = await openWorld({
    actions: [mail],
    rules: [READS, permit('mails', { ...ROLE, actions: ['orders.mail'] })],
  })

  await expect(world.gate.perform(world.call('orders.mail', { key: '1' }))).rejects.toThrow('no mail')
  expect((await world.events()).map(({ outcome }) => outcome)).toEqual(['done'])
})

function report(verb: string): Action {
  return defineAction<null, string>({
    verb,
    model: 'orders',
    label: 'Report',
    on: 'model',
    access: 'read',
    kind: 'action.run',
    parse: () => null,
    run: () => Promise.resolve('42 orders'),
  }) as Action
}

async function confirmationFor(world: World, action: string, call: object): Promise<string> {
  const outcome = await world.gate.perform(world.call(action, call))
  if (outcome.kind !== 'confirmation-required') throw new Error(outcome.kind)
  return outcome.confirmation
}
