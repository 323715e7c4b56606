import { expect, test } from 'vitest'
import type { AuditEvent } from '../audit/event.ts'
import { openWorld } from '../gate/fixture.ts'
import { createGrant } from '../gate/grant.ts'
import type { Rule } from '../policy/document.ts'
import { permit } from '../policy/permit.ts'
import { seenInLog } from './seen-event.ts'

const WRITES = permit('services-do-all', { kinds: ['service'], actions: ['*.*'] })
const READS = permit('reads', { kinds: ['person'], actions: ['customers.read'] })

test('shows to a reader of every record what changed in it, and how it is called', async () => {
  expect(await seenBy([READS])).toMatchObject({
    target: { key: '1', label: 'Amara Okafor' },
    changes: [{ field: 'region', before: 'north', after: 'west' }],
  })
})

test('shows of a change only which record and field it was, to a reader of some records', async () => {
  const some = { ...READS, where: { region: { eq: 'south' } } }

  expect(await seenBy([some])).toMatchObject({
    target: { key: '1', label: null },
    changes: [{ field: 'region', before: null, after: null, masked: true }],
  })
})

test('hides a field that its reader sees on some records only', async () => {
  const names = { ...READS, fields: ['name'] }
  const regions = permit('reads-regions', {
    kinds: ['person'],
    actions: ['customers.read'],
    where: { region: { eq: 'south' } },
  })

  expect(await seenBy([names, regions])).toMatchObject({
    target: { label: 'Amara Okafor' },
    changes: [{ field: 'region', before: null, after: null, masked: true }],
  })
})

test('keeps the name of a record from a reader who may not read what it is called by', async () => {
  const seen = await seenBy([{ ...READS, fields: { except: ['name'] } }])

  expect(seen).toMatchObject({ target: { label: null }, changes: [{ before: 'north', after: 'west' }] })
})

/** The event of a customer's move from the north to the west, as a person under these rules sees it. */
async function seenBy(rules: readonly Rule[]): Promise<AuditEvent> {
  await using world = await openWorld({ rules: [WRITES, ...rules] })
  const { gate } = world
  await gate.perform(
    world.call('customers.update', {
      principal: world.as({ kind: 'service' }),
      key: '1',
      input: { values: { region: 'west' } },
    }),
  )
  const [event] = await world.events()
  if (!event) throw new Error('There is no event.')
  const grant = createGrant(gate.policy, world.as(), {
    now: world.clock.now,
    address: '192.0.2.1',
    networks: [],
    assurance: 2,
  })
  return seenInLog(event, { grant, models: gate.models })
}
