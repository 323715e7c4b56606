import { expect, test } from 'vitest'
import { openWorld, type World } from '../gate/fixture.ts'
import type { RecordHistory } from '../gate/recorded.ts'
import type { PrincipalKind, Rule } from '../policy/document.ts'
import { history } from './history.ts'

const EVERYTHING: Rule = { id: 'everything', effect: 'permit', actions: ['*.*'] }
const HIDES_THE_NOTE: Rule = {
  id: 'hides-the-note',
  effect: 'permit',
  kinds: ['person'],
  actions: ['orders.read', 'orders.history'],
  fields: { except: ['note'] },
}
const SERVICES_SEE_ALL: Rule = { ...EVERYTHING, id: 'services-see-all', kinds: ['service'] }

test('shows who changed which field from what to what, newest first', async () => {
  await using world = await openWorld({ rules: [EVERYTHING], actions: [history] })
  await update(world, 'orders', '1', { note: 'second' }, 'asked by the customer')
  await update(world, 'orders', '1', { note: 'third' })

  const { events } = await historyOf(world, 'orders', '1')

  expect(events.map(({ event }) => event.changes)).toEqual([
    [{ field: 'note', class: 'internal', before: 'second', after: 'third' }],
    [{ field: 'note', class: 'internal', before: 'first', after: 'second' }],
  ])
  expect(events[1]?.event).toMatchObject({ principal: { label: 'Ana' }, reason: 'asked by the customer' })
})

test('tells a reader of the record nothing that belongs to the log', async () => {
  await using world = await openWorld({ rules: [EVERYTHING], actions: [history] })
  await update(world, 'orders', '1', { note: 'second' })

  const [{ event } = {}] = (await historyOf(world, 'orders', '1')).events

  expect(event).toMatchObject({
    session: null,
    request: { address: '', addressChain: [], userAgent: null },
    principal: { roles: [], authentication: { methods: [] } },
    policy: { rules: [] },
  })
  expect(JSON.stringify(event)).not.toContain('192.0.2.1')
})

test('leaves out the fields that the principal may not read, and shows them to who may', async () => {
  await using world = await openWorld({ rules: [HIDES_THE_NOTE, SERVICES_SEE_ALL], actions: [history] })
  await update(world, 'orders', '1', { note: 'second', status: 'paid' }, undefined, 'service')

  const [seen] = (await historyOf(world, 'orders', '1')).events
  const [whole] = (await historyOf(world, 'orders', '1', 'service')).events

  expect(seen?.event.changes.map(({ field }) => field)).toEqual(['status'])
  expect(whole?.event.changes.map(({ field }) => field).sort()).toEqual(['note', 'status'])
})

test('keeps personal values masked, for everyone', async () => {
  await using world = await openWorld({ rules: [EVERYTHING], actions: [history] })
  await update(world, 'customers', '1', { tax_number: 'T-9' })

  const [seen] = (await historyOf(world, 'customers', '1')).events

  expect(seen?.event.changes).toEqual([
    { field: 'tax_number', class: 'personal', before: null, after: null, masked: true },
  ])
})

test('answers for a record out of reach as for one that is not there', async () => {
  const rules: readonly Rule[] = [
    { ...EVERYTHING, actions: ['customers.*'], where: { region: { eq: 'north' } } },
  ]
  await using world = await openWorld({ rules, actions: [history] })

  const outOfReach = historyOf(world, 'customers', '2')
  const missing = historyOf(world, 'customers', '99')

  await expect(outOfReach).rejects.toMatchObject({ code: 'not-found', message: 'No customers record "2".' })
  await expect(missing).rejects.toMatchObject({ code: 'not-found', message: 'No customers record "99".' })
  await expect(historyOf(world, 'customers', '1')).resolves.toMatchObject({ events: [] })
})

test('goes on where the page before ended, and refuses another cursor', async () => {
  await using world = await openWorld({ rules: [EVERYTHING], actions: [history] })
  for (const note of ['a', 'b', 'c']) await update(world, 'orders', '1', { note })

  const first = await historyOf(world, 'orders', '1', 'person', { limit: '2' })
  const second = await historyOf(world, 'orders', '1', 'person', { limit: '2', cursor: first.page.next })

  expect([first.events.length, second.events.length]).toEqual([2, 1])
  expect(second.page).toEqual({ next: null, previous: expect.stringMatching(/^newer-/) })
  await expect(historyOf(world, 'orders', '1', 'person', { cursor: "1' or 1=1" })).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { cursor: [expect.any(String)] },
  })
})

async function update(
  world: World,
  model: string,
  key: string,
  values: Readonly<Record<string, unknown>>,
  reason?: string,
  kind: PrincipalKind = 'person',
): Promise<void> {
  const principal = world.as({ kind })
  await world.gate.perform(
    world.call(`${model}.update`, {
      key,
      input: { values },
      principal,
      ...(reason !== undefined && { reason }),
    }),
  )
}

async function historyOf(
  world: World,
  model: string,
  key: string,
  kind: PrincipalKind = 'person',
  input: unknown = {},
): Promise<RecordHistory> {
  const principal = world.as({ kind })
  const outcome = await world.gate.perform(world.call(`${model}.history`, { key, input, principal }))
  if (outcome.kind !== 'done') throw new TypeError(`The outcome was ${outcome.kind}.`)
  return outcome.result as RecordHistory
}
