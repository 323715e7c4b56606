/**
 * What becomes of random selections under random rules, against the plainest
 * possible reading of both: all of them or none, and an event for each that is
 * different afterwards.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import type { Client } from '../client.ts'
import { STORE_ENGINES, type StoreEngine } from '../engine.ts'
import { type House, openHouse } from '../house.ts'
import { RUNS_LIMIT_MS, runs } from '../runs.ts'
import { api } from './api.ts'
import { bulk, type Scope } from './bulk.ts'
import {
  type Attributes,
  attributes,
  type Conditions,
  type Customer,
  conditions,
  customer,
  customersSql,
  fits,
  mayHave,
  REGIONS,
  rulesFor,
} from './plain-rules.ts'
import { policyWith } from './shop.ts'

const FEW = runs(20, 1 / 5)
/** Fewer where each world is a database that a server has to make. */
const runsOn = (engine: StoreEngine): number => Math.ceil(FEW / (engine === 'sqlite' ? 1 : 5))

type Values = Partial<Pick<Customer, 'region' | 'level'>>

interface Step {
  readonly verb: 'update' | 'delete'
  readonly values: Values
  /** By index, of which some are not there; null: all that match. */
  readonly keys: readonly number[] | null
  readonly filter: Filter | null
}

interface Filter {
  readonly field: 'region' | 'level'
  readonly operator: 'eq' | 'ne' | 'gte'
  readonly value: string | number
}

interface World {
  readonly customers: readonly Customer[]
  readonly seen: Conditions
  readonly changed: Conditions
  readonly attributes: Attributes
  readonly steps: readonly Step[]
}

const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constant('level' as const),
    operator: fc.constantFrom('eq' as const, 'ne' as const, 'gte' as const),
    value: fc.nat(3),
  }),
  fc.record({
    field: fc.constant('region' as const),
    operator: fc.constantFrom('eq' as const, 'ne' as const),
    value: fc.constantFrom('north', 'south', 'North'),
  }),
)
const values: fc.Arbitrary<Values> = fc.oneof(
  fc.option(fc.constantFrom(...REGIONS)).map((region) => ({ region })),
  fc.option(fc.nat(3)).map((level) => ({ level })),
)
const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('update' as const, 'update' as const, 'delete' as const),
  values,
  keys: fc.option(fc.array(fc.nat(5), { minLength: 2, maxLength: 4 }), { freq: 1 }),
  filter: fc.option(filter),
})
/** Anything goes, or some may not be had. */
const rules: fc.Arbitrary<Conditions> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ permits: [{}], forbids: [] }) },
  {
    weight: 2,
    arbitrary: fc.record({
      permits: fc.constant([{}]),
      forbids: conditions.map(({ permits }) => permits.slice(0, 1)),
    }),
  },
  { weight: 1, arbitrary: conditions },
)
const world: fc.Arbitrary<World> = fc.record({
  customers: fc.array(customer, { minLength: 4, maxLength: 6 }),
  seen: rules,
  changed: rules,
  attributes,
  steps: fc.array(step, { minLength: 4, maxLength: 4 }),
})

function rulesOf({ seen, changed }: World): readonly Rule[] {
  return [
    ...rulesFor(['customers.list', 'customers.read'], seen),
    ...rulesFor(['customers.update', 'customers.delete'], changed),
  ]
}

/** By key. */
type Stored = ReadonlyMap<string, Customer>

interface Wanted {
  readonly isDone: boolean
  readonly stored: Stored
  /** Keys of those that are different. */
  readonly different: readonly string[]
}

function wantedOf({ seen, changed, attributes }: World, stored: Stored, one: Step): Wanted {
  const refused: Wanted = { isDone: false, stored, different: [] }
  const maySee = (row: Customer): boolean => mayHave(seen, row, attributes)
  const mayChange = (row: Customer): boolean => mayHave(changed, row, attributes)
  const listed = [...stored].flatMap(([key, row]) => (maySee(row) && matches(one.filter, row) ? [key] : []))
  const keys = one.keys === null ? listed : [...new Set(one.keys.map((index) => String(index + 1)))]
  const targets = keys.map((key) => stored.get(key))
  if (targets.length === 0 || !targets.every((row) => row !== undefined && mayChange(row))) return refused
  const after = new Map(stored)
  if (one.verb === 'delete') {
    for (const key of keys) after.delete(key)
    return { isDone: true, stored: after, different: keys }
  }
  const different: string[] = []
  for (const key of keys) {
    const before = stored.get(key)
    if (!before) continue
    const row = { ...before, ...one.values }
    if (!mayChange(row)) return refused
    if (JSON.stringify(row) !== JSON.stringify(before)) different.push(key)
    after.set(key, row)
  }
  return { isDone: true, stored: after, different }
}

function matches(asked: Filter | null, row: Customer): boolean {
  return asked === null || fits({ [asked.field]: { [asked.operator]: asked.value } }, row, {})
}

async function storedIn(house: House): Promise<Stored> {
  const rows = await house.sql('select id, region, level, active from customers order by id')
  return new Map(
    rows.map((row) => {
      const { id, region, level, active } = row as Customer & { id: number }
      return [String(id), { region, level, active: active === null ? null : Boolean(active) }]
    }),
  )
}

interface Logged {
  readonly kind: string
  readonly record_key: string | null
}

/** What the log says was done since its `after`-th entry. */
async function loggedIn(house: House, after: number): Promise<readonly Logged[]> {
  const rows = await house.sql(
    "select kind, record_key from castellan_audit_event where outcome = 'done' and (kind like 'record.%update' or kind like 'record.%delete') order by entry",
  )
  return (rows as Logged[]).slice(after)
}

/** Whether it was done; a selection of which nothing can be made counts as refused. */
async function take(client: Client, { verb, values, keys, filter }: Step): Promise<boolean> {
  const selection = keys
    ? { keys: keys.map((index) => String(index + 1)) }
    : await scopeFor(client, verb, filter)
  if (selection === null) return false
  const body = { ...selection, ...(verb === 'update' && { input: { values } }) }
  const asked = await bulk(client, verb, body)
  if (asked.status !== 428) {
    // one key alone is no selection, and asks for no confirmation
    if (asked.status !== 200) expect([403, 404, 422], asked.text).toContain(asked.status)
    return asked.status === 200
  }
  const done = await bulk(client, verb, { ...body, confirmation: asked.json['confirmation'] })
  if (done.status !== 200) expect([403], done.text).toContain(done.status)
  return done.status === 200
}

async function scopeFor(
  client: Client,
  verb: string,
  asked: Filter | null,
): Promise<{ readonly scope: string } | null> {
  const query = asked
    ? `&filter=${encodeURIComponent(`${asked.field}:${asked.operator}:${asked.value}`)}`
    : ''
  const { status, json } = await api(client, 'GET', `/models/customers/records?limit=1&scope=${verb}${query}`)
  return status === 200 ? { scope: (json['scope'] as Scope).token } : null
}

interface Tally {
  done: number
  refused: number
  different: number
}

/** Takes the steps one after another, and compares what became of each. */
async function compare(
  engine: StoreEngine,
  made: World,
  given: readonly Rule[],
  tally: Tally,
): Promise<void> {
  const house = await openHouse({ engine, sql: customersSql(made.customers), policy: policyWith(given) })
  try {
    const { client } = await house.signIn({ role: 'support', attributes: made.attributes })
    let stored = await storedIn(house)
    let logged = 0
    for (const one of made.steps) {
      const wanted = wantedOf(made, stored, one)
      expect([one, await take(client, one)]).toEqual([one, wanted.isDone])
      expect(await storedIn(house)).toEqual(wanted.stored)

      const events = await loggedIn(house, logged)
      const whole = events.filter(({ record_key }) => record_key === null)
      const each = events.filter(({ record_key }) => record_key !== null)
      expect(each.map(({ record_key }) => record_key).toSorted()).toEqual(wanted.different.toSorted())
      expect(each.every(({ kind }) => kind === `record.${one.verb}`)).toBe(true)
      expect(whole.map(({ kind }) => kind)).toEqual(wanted.isDone ? [`record.bulk-${one.verb}`] : [])
      stored = wanted.stored
      logged += events.length
      tally[wanted.isDone ? 'done' : 'refused'] += 1
      tally.different += wanted.different.length
    }
  } finally {
    await house.close()
  }
}

test.each(STORE_ENGINES)(
  'changes all that were chosen or none, each with its event: %s',
  {
    timeout: RUNS_LIMIT_MS,
  },
  async (engine) => {
    const tally: Tally = { done: 0, refused: 0, different: 0 }
    const runs = runsOn(engine)

    await fc.assert(
      fc.asyncProperty(world, (made) => compare(engine, made, rulesOf(made), tally)),
      { numRuns: runs, seed: 20_261_130 },
    )
    // what always says the same has said nothing
    expect(tally.done).toBeGreaterThan(runs / 4)
    expect(tally.refused).toBeGreaterThan(runs / 4)
    expect(tally.different).toBeGreaterThan(runs / 2)
  },
)

test('control: without the conditions the same comparison finds what was let out', async () => {
  const made: World = {
    customers: [
      { region: 'north', level: 1, active: true },
      { region: 'south', level: 2, active: null },
    ],
    seen: { permits: [{}], forbids: [] },
    changed: { permits: [{ region: { eq: { principal: 'region' } } }], forbids: [] },
    attributes: { region: 'north' },
    steps: [{ verb: 'update', values: { level: 3 }, keys: null, filter: null }],
  }
  const tally: Tally = { done: 0, refused: 0, different: 0 }
  const wide = rulesOf(made).map(({ where: _where, ...rule }) => rule)

  await compare('sqlite', made, rulesOf(made), tally)
  expect(tally.refused).toBe(1)
  await expect(compare('sqlite', made, wide, tally)).rejects.toThrow()
})
