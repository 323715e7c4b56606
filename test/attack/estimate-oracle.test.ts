/**
 * What a database keeps of a large table tells of all its records: a count that
 * is made from it tells whoever may see a part of them how many there are beside.
 */

import { expect, onTestFinished, test } from 'vitest'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { BASE } from '../client.ts'
import { openTestDatabase, STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { fillLarge, LARGE } from '../large.ts'
import { api } from './api.ts'

const READS = ['events.list', 'events.read', 'customers.list', 'customers.read']

/** Someone of the north, who may see its records or, as the control, all. */
async function openLarge(engine: StoreEngine, isScoped: boolean): Promise<SignedIn> {
  const home = await openTestDatabase(engine)
  await fillLarge(home, engine)
  const rules = SEEDED_POLICY.rules.filter((rule) => !rule.roles?.includes('support'))
  const own = isScoped ? { where: { region: { eq: 'north' } } } : {}
  const rule = { id: 'support-reads', effect: 'permit', roles: ['support'], actions: READS, ...own } as const
  const house = await openHouse({ engine, home, policy: { ...SEEDED_POLICY, rules: [...rules, rule] } })
  onTestFinished(() => house.close())
  return await house.signIn({ role: 'support' })
}

interface Told {
  readonly value: number
  readonly kind: string
}

async function counted({ client }: SignedIn, query: string): Promise<Told | null> {
  const { json } = await api(client, 'GET', `/models/events/records?limit=1&${query}`)
  return json['count'] as Told | null
}

const ASKED = ['count=estimated', 'count=estimated&filter=kind:eq:call', 'count=capped&filter=kind:eq:call']

test.each(STORE_ENGINES)('no estimate is told to whom any record is hidden: %s', async (engine) => {
  const low = await openLarge(engine, true)

  for (const query of ASKED) {
    const told = await counted(low, query)
    expect([query, told?.kind]).not.toEqual([query, 'estimate'])
    expect(told?.value ?? 0).toBeLessThanOrEqual(LARGE / 10)
  }
  const { text } = await low.client.get(`${BASE}/m/events`)
  expect(text).toContain('10,000')
  expect(text).not.toMatch(/~\d/)
})

test.each(STORE_ENGINES)(
  'control: who may see all of them is told about how many there are: %s',
  async (engine) => {
    const low = await openLarge(engine, false)

    const told = await counted(low, 'count=estimated')
    expect(told?.kind).toBe('estimate')
    expect(Math.abs((told?.value ?? 0) - LARGE)).toBeLessThan(LARGE / 10)
    expect((await low.client.get(`${BASE}/m/events`)).text).toMatch(/~\d/)
  },
)
