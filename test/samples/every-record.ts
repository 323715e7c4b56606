/**
 * What must hold for records of databases that nobody here wrote, by the gate
 * and by the pages as a browser fills them in.
 *
 * A seeded handful of each model by default; more by `npm run test:deep`, and
 * all of them with a large `CASTELLAN_TEST_RUNS`. What a table holds is compared by the database's own
 * client, and so is whether there was an UPDATE at all.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../src/demo/random.ts'
import type { Field, Model } from '../../src/model/model.ts'
import { textOf } from '../../src/model/text.ts'
import { guardedForm } from '../browser-form.ts'
import { BASE } from '../client.ts'
import { type Sample, samples } from './databases.ts'
import { freeFields, newText } from './new-text.ts'
import { openSampleHouse, pageOf, type SampleHouse } from './sample-house.ts'
import type { StoredRow, StoredTable } from './stored.ts'
import { unchangedValues } from './unchanged.ts'

const RUNS = process.env['CASTELLAN_TEST_RUNS']
const SEED = Number(process.env['CASTELLAN_TEST_SEED'] ?? 20_261_121)
/** So many records of each model, */
const SOME = Number(RUNS ?? 10)
/** out of the first so many of its list. */
const FIRST = RUNS === undefined ? 1000 : Number.POSITIVE_INFINITY
const LIMIT_MS = RUNS === undefined ? 120_000 : 3_600_000

/** Columns that triggers of the samples, `ON UPDATE` or the engine write whatever else is written. */
const BY_THE_DATABASE: ReadonlySet<string> = new Set(['last_update', 'fulltext'])

/** Defines the tests of all samples of that engine. */
export function everyRecordOf(engine: Sample['engine']): void {
  const found = samples().filter((sample) => sample.engine === engine)
  if (found.length === 0) test.skip(`opens the sample databases of ${engine}`)
  for (const sample of found) describe(`${sample.name} on ${engine}`, () => everyRecord(sample))
}

function everyRecord(sample: Sample): void {
  let at: SampleHouse
  let chosen: ReadonlyMap<Model, readonly string[]>
  beforeAll(async () => {
    at = await openSampleHouse(sample)
    chosen = await choose(at)
  }, LIMIT_MS)
  afterAll(() => at?.close())

  test('lists every model and opens its records', { timeout: LIMIT_MS }, async () => {
    for (const model of at.models) {
      const list = await at.client.get(`${BASE}/m/${encodeURIComponent(model.name)}`)
      expect([model.name, list.status]).toEqual([model.name, 200])
      for (const key of chosen.get(model) ?? []) {
        const record = await at.client.get(pageOf(model, key))
        expect([model.name, key, record.status]).toEqual([model.name, key, 200])
      }
    }

    expect(at.models.length).toBeGreaterThan(10)
    expect([...chosen.values()].flat().length).toBeGreaterThan(10)
  })

  test('saves records unchanged without an UPDATE', { timeout: LIMIT_MS }, async () => {
    const before = await everyTable(at)
    let saved = 0

    for (const [model, keys] of chosen) {
      for (const key of keys) saved += await saveUnchanged(at, model, key)
    }

    expect(saved).toBeGreaterThan(10)
    for (const [model, table] of await everyTable(at)) {
      expect([model.name, differing(before.get(model), table)]).toEqual([model.name, []])
      expect([model.name, table.updates]).toEqual([model.name, before.get(model)?.updates])
    }
  })

  test('changes one field and leaves every other column as it was', { timeout: LIMIT_MS }, async () => {
    const random = createRandom(SEED)
    let changes = 0

    for (const [model, keys] of chosen) changes += await changeEach(at, random, model, keys)

    expect(changes).toBeGreaterThan(10)
  })

  test('refuses to save a record of a model that has no key', { timeout: LIMIT_MS }, async () => {
    const keyless = at.models.filter(({ key }) => key === null)

    for (const model of keyless) {
      expect([model.name, await refusalOf(at, `${model.name}.update`)]).toEqual([model.name, 'not-found'])
      expect([model.name, (await at.client.get(pageOf(model, '1', '/edit'))).status]).toEqual([
        model.name,
        404,
      ])
    }
    for (const model of at.models.filter(({ key }) => key !== null)) {
      expect(chosen.has(model)).toBe(true)
    }
  })
}

async function choose(at: SampleHouse): Promise<ReadonlyMap<Model, readonly string[]>> {
  const random = createRandom(SEED)
  const chosen = new Map<Model, readonly string[]>()
  for (const model of at.models.filter(({ key }) => key !== null)) {
    const keys = await at.keys(model, FIRST)
    chosen.set(model, keys.length > SOME ? random.some(keys, SOME) : keys)
  }
  return chosen
}

async function everyTable({ models, storage }: SampleHouse): Promise<ReadonlyMap<Model, StoredTable>> {
  const tables = new Map<Model, StoredTable>()
  for (const model of models.filter(({ kind }) => kind === 'table'))
    tables.set(model, await storage.table(model))
  return tables
}

/** Saves by the gate, with all that may be written, and by the page as it is; how often that could be done. */
async function saveUnchanged(at: SampleHouse, model: Model, key: string): Promise<number> {
  const found = await at.read(model, key)
  if (!found.verbs.includes('update')) return 0
  const values = unchangedValues(model, found)
  const outcome = await at.perform(`${model.name}.update`, { values }, key)
  expect([model.name, key, outcome]).toMatchObject([
    model.name,
    key,
    { kind: 'done', result: { changed: [] } },
  ])

  const page = await at.client.get(pageOf(model, key, '/edit'))
  if (page.status === 403 && found.writable.every((name) => model.key?.includes(name))) return 1
  expect([model.name, key, page.status]).toEqual([model.name, key, 200])
  const saved = await post(at, model, key, guardedForm(page.text).body())
  // without an event: nothing was asked of the gate
  expect([model.name, key, saved]).toEqual([model.name, key, { status: 303, location: pageOf(model, key) }])
  return 2
}

async function post(
  { client }: SampleHouse,
  model: Model,
  key: string,
  body: string,
): Promise<{ readonly status: number; readonly location: string | null }> {
  const { status, location } = await client.send('POST', pageOf(model, key, '/edit'), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  return { status, location }
}

interface Changed {
  readonly key: string
  readonly field: Field
  readonly event: string
  readonly before: string | null
  readonly after: string | null
}

/** Changes one field of each record, by the page and by the gate in turn; how many records it changed. */
async function changeEach(
  at: SampleHouse,
  random: Random,
  model: Model,
  keys: readonly string[],
): Promise<number> {
  const before = await at.storage.table(model)
  const changed: Changed[] = []
  for (const [index, key] of keys.entries()) {
    const one = await changeOne(at, random, model, key, index % 2 === 0)
    if (one) changed.push(one)
  }
  const after = await at.storage.table(model)

  const expected = changed.map(({ key, field }) => ({ row: rowOf(model, key), columns: [field.column] }))
  const seen = differing(before, after).map(({ row, columns }) => ({
    row,
    columns: columns.filter((name) => !BY_THE_DATABASE.has(name) && !isGenerated(model, name)),
  }))
  expect([model.name, sorted(seen)]).toEqual([model.name, sorted(expected)])
  // what shows above that nothing was written does show it when something was
  expect(after.updates !== before.updates).toBe(changed.length > 0)
  await mustBeRecorded(at, model, changed)
  return changed.length
}

async function changeOne(
  at: SampleHouse,
  random: Random,
  model: Model,
  key: string,
  isByPage: boolean,
): Promise<Changed | null> {
  const { record, writable } = await at.read(model, key)
  const free = freeFields(model, writable).filter(({ name }) => !BY_THE_DATABASE.has(name))
  if (free.length === 0) return null
  const field = random.pick(free)
  const stored = field.name in record.values ? textOf(field, record.values[field.name] ?? null) : null
  const text = newText(random, field, stored)
  if (text === null) return null
  const event = isByPage
    ? await changeByPage(at, model, key, field, text)
    : await changeByGate(at, model, key, field, text)
  if (event === null) return null
  const again = await at.read(model, key)
  return { key, field, event, before: stored, after: textOf(field, again.record.values[field.name] ?? null) }
}

async function changeByPage(
  at: SampleHouse,
  model: Model,
  key: string,
  field: Field,
  text: string,
): Promise<string | null> {
  const form = guardedForm((await at.client.get(pageOf(model, key, '/edit'))).text)
  // bytes are not typed
  if (form.value(field.name) === null) return null
  form.set(field.name, text)
  const { status, location } = await post(at, model, key, form.body())
  expect([model.name, key, field.name, status]).toEqual([model.name, key, field.name, 303])
  const [, event] = /[?&]event=([0-9a-f]{32})/.exec(location ?? '') ?? []
  if (event === undefined) throw new Error(`${model.name} ${key}: ${field.name} was not saved as "${text}".`)
  return event
}

async function changeByGate(
  at: SampleHouse,
  model: Model,
  key: string,
  field: Field,
  text: string,
): Promise<string> {
  const outcome = await at.perform(`${model.name}.update`, { values: { [field.name]: text } }, key)
  if (outcome.kind !== 'done' || !outcome.event) throw new Error(`${model.name} ${key}: ${outcome.kind}`)
  return outcome.event.id
}

/** Each event holds exactly the one change; of personal values that there was one, of secrets only that they changed. */
async function mustBeRecorded(at: SampleHouse, model: Model, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return
  const ids = changed.map(({ event }) => `'${event}'`).join()
  const rows = (await at.house.sql(`select event from castellan_audit_event where id in (${ids})`)) as {
    event: string
  }[]
  const events = new Map(
    rows
      .map(({ event }) => JSON.parse(event) as { id: string; changes: unknown })
      .map((one) => [one.id, one]),
  )
  for (const { key, field, event, before, after } of changed) {
    const common = { field: field.name, class: field.sensitivity }
    const isOpen = field.sensitivity === 'public' || field.sensitivity === 'internal'
    expect(events.get(event)).toMatchObject({
      action: `${model.name}.update`,
      target: { model: model.name, key },
      outcome: 'done',
      changes: [isOpen ? { ...common, before, after } : common],
    })
  }
}

interface Difference {
  readonly row: string
  readonly columns: readonly string[]
}

function differing(before: StoredTable | undefined, after: StoredTable): readonly Difference[] {
  const rows = new Set([...(before?.rows.keys() ?? []), ...after.rows.keys()])
  return [...rows].flatMap((row): Difference[] => {
    const columns = differingColumns(before?.rows.get(row), after.rows.get(row))
    return columns.length > 0 ? [{ row, columns }] : []
  })
}

function differingColumns(before: StoredRow | undefined, after: StoredRow | undefined): readonly string[] {
  if (!before || !after) return ['(the whole row)']
  return Object.keys(after).filter((name) => before[name] !== after[name])
}

/** A model's key as `stored.ts` calls the row. */
function rowOf({ key }: Model, encoded: string): string {
  return key?.length === 1 ? JSON.stringify([encoded.replace(/^~/, '')]) : encoded
}

function isGenerated(model: Model, column: string): boolean {
  return model.fields.some((field) => field.column === column && field.generated)
}

function sorted(differences: readonly Difference[]): readonly Difference[] {
  return [...differences].sort((one, other) => (one.row < other.row ? -1 : 1))
}

async function refusalOf(at: SampleHouse, action: string): Promise<string> {
  try {
    return (await at.perform(action, { values: {} }, '1')).kind
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'thrown'
  }
}
