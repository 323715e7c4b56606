/**
 * Records as one principal sees them: fields it may read, masks, titles of what
 * they lead to, and a version of just that.
 *
 * However many records there are, this asks one query for each relation.
 */

import { createHash } from 'node:crypto'
import type { Led, Page, Reader } from '../data/data-source.ts'
import { encodeKey } from '../model/key.ts'
import type { Field, Key, Model, Relation, Value, Values } from '../model/model.ts'
import { fieldOf, keyOf } from '../model/model.ts'
import { EVERYTHING } from '../model/predicate.ts'
import { textOf } from '../model/text.ts'
import type { Access, Resource } from '../policy/policy.ts'
import { type Grant, isMasked, readableFields } from './grant.ts'
import type { RecordView, RelatedView } from './records.ts'

export interface Viewing {
  readonly reader: Reader
  readonly models: ReadonlyMap<string, Model>
  readonly grant: Grant
}

/** What a list or a read must select so that `viewRecords` can do its work. */
export function columnsToSelect(model: Model, access: Access, wanted: readonly string[] | null): string[] {
  const readable = readableFields(model, access.fieldsSomewhere).filter(
    (name) => !isMasked(model, name) && (!wanted || wanted.includes(name)),
  )
  const stored = readable.flatMap((name) => fieldOf(model, name)?.computed?.from ?? [name])
  const titles = titleFields(model, access.fieldsSomewhere)
  return [...new Set([...stored, ...titles, ...(model.key ?? []), ...access.looksAt.fields])]
}

/** All that several actions look at. */
export function mergedLooks(looks: readonly Access['looksAt'][]): Access['looksAt'] {
  const relations = new Map<string, ReadonlySet<string>>()
  for (const [name, fields] of looks.flatMap((one) => [...one.relations])) {
    relations.set(name, new Set([...(relations.get(name) ?? []), ...fields]))
  }
  return { fields: new Set(looks.flatMap((one) => [...one.fields])), relations }
}

/** The fields of bytes of which showing a record takes no more than the length: nothing is told, worked out or decided by them. */
export function fieldsToMeasure(model: Model, { looksAt }: Access): ReadonlySet<string> {
  const needed = new Set([
    ...(model.key ?? []),
    ...model.title,
    ...looksAt.fields,
    ...model.relations.flatMap(({ from }) => from),
    ...model.fields.flatMap(({ computed }) => computed?.from ?? []),
  ])
  const large = model.fields.filter(({ name, type }) => type === 'bytes' && !needed.has(name))
  return new Set(large.map(({ name }) => name))
}

/** The records as the policy sees them, in the same order: their values and those behind the relations it looks through. */
export async function resourcesOf(
  viewing: Viewing,
  model: Model,
  looksAt: Access['looksAt'],
  rows: readonly Values[],
): Promise<readonly Resource[]> {
  const behind = await Promise.all(
    [...looksAt.relations].map(async ([name, fields]) => {
      const relation = model.relations.find((one) => one.name === name)
      const target = relation && viewing.models.get(relation.target)
      if (!relation || !target) return null
      const found = await targetsOf(viewing, relation, target, rows, EVERYTHING, [...fields])
      return { relation, found }
    }),
  )
  return rows.map((values) => {
    const related: Record<string, Values | null> = {}
    for (const entry of behind) {
      if (entry)
        related[entry.relation.name] = entry.found.get(fingerprint(values, entry.relation.from)) ?? null
    }
    return { values, related }
  })
}

/**
 * The records as the principal sees them, in the same order. `wanted` narrows the fields; null: all readable.
 * @param read What the records lead to, as far as it was read along with them.
 */
export async function viewRecords(
  viewing: Viewing,
  model: Model,
  access: Access,
  rows: readonly Values[],
  wanted: readonly string[] | null,
  read: Page['led'] = new Map(),
): Promise<readonly RecordView[]> {
  const resources = await resourcesOf(viewing, model, access.looksAt, rows)
  const led = await relatedViews(viewing, relationsShown(model, access, wanted), rows, read)
  const sights = new Map<ReadonlySet<string>, Sight>()
  return resources.map((resource) => {
    const granted = access.fieldsOf(resource)
    const sight = sights.get(granted) ?? sightOf(model, granted, wanted)
    sights.set(granted, sight)
    const values: Record<string, Value> = {}
    for (const field of sight.open) values[field.name] = viewedValue(model, field, resource.values)
    const related: Record<string, RelatedView | null> = {}
    for (const [relation, views] of led) {
      if (relation.from.every((name) => granted.has(name))) {
        related[relation.name] = views.get(fingerprint(resource.values, relation.from)) ?? null
      }
    }
    return {
      model: model.name,
      key: encodedKeyOf(model, resource.values),
      title: titleBy(model, sight.title, resource.values),
      values,
      masked: sight.masked,
      related,
      version: wanted ? null : versionOf(model, values),
    }
  })
}

/** Of bytes a list tells how many there are, also of those that a rule or a title had to read. */
export function withLengths(model: Model, records: readonly RecordView[]): readonly RecordView[] {
  const names = model.fields.filter(({ type }) => type === 'bytes').map(({ name }) => name)
  if (names.length === 0) return records
  return records.map((record) => {
    const lengths = names.flatMap((name): (readonly [string, number])[] => {
      const value = record.values[name]
      return value instanceof Uint8Array ? [[name, value.length]] : []
    })
    return lengths.length === 0
      ? record
      : { ...record, values: { ...record.values, ...Object.fromEntries(lengths) } }
  })
}

/** What of a record is seen by whoever is granted some of its fields: the same for all records that grant the same. */
interface Sight {
  readonly open: readonly Field[]
  readonly masked: readonly string[]
  readonly title: readonly Field[]
}

function sightOf(model: Model, granted: ReadonlySet<string>, wanted: readonly string[] | null): Sight {
  const readable = readableFields(model, granted).filter((name) => !wanted || wanted.includes(name))
  return {
    open: fieldsOf(
      model,
      readable.filter((name) => !isMasked(model, name)),
    ),
    masked: readable.filter((name) => isMasked(model, name)),
    title: fieldsOf(model, titleFields(model, granted)),
  }
}

/** A field's value, worked out where no column holds it. @throws TypeError when the application's code fails. */
function viewedValue(model: Model, { name, computed }: Field, stored: Values): Value {
  if (!computed) return stored[name] ?? null
  const from = Object.fromEntries(computed.from.map((one) => [one, stored[one] ?? null]))
  try {
    return valueIn(computed.value(Object.freeze(from)))
  } catch (error) {
    throw new TypeError(`models.${model.name}.fields.${name}.computed failed.`, { cause: error })
  }
}

/** @throws TypeError for what no field holds: a date, an object. */
function valueIn(value: unknown): Value {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError('A computed field answers text, a number, true, false or null.')
}

/** How a record is called: its title fields as far as they are granted, else its key. */
export function titleOf(model: Model, values: Values, granted: ReadonlySet<string>): string {
  return titleBy(model, fieldsOf(model, titleFields(model, granted)), values)
}

function titleBy(model: Model, fields: readonly Field[], values: Values): string {
  const parts: string[] = []
  for (const field of fields) {
    const value = values[field.name] ?? null
    if (value === null) continue
    const isNumber = field.type === 'int' || field.type === 'bigint'
    parts.push(isNumber ? `#${textOf(field, value)}` : (textOf(field, value) ?? ''))
  }
  const title = parts.join(' ').trim()
  if (title !== '') return title
  const key = encodedKeyOf(model, values)
  return key === null ? model.label : `#${spoken(model, key)}`
}

/** A key for people: `10482`, `1 / 23`. */
function spoken(model: Model, key: string): string {
  const isOne = model.key?.length === 1
  // of several fields it is a JSON array of texts
  return isOne ? key.replace(/^~/, '') : (JSON.parse(key) as readonly string[]).join(' / ')
}

export function encodedKeyOf(model: Model, values: Values): string | null {
  const key = keyOf(model, values)
  // A key that holds NULL names no single record, so it has no address.
  return key === null || key.includes(null) ? null : encodeKey(model, key)
}

function fieldsOf(model: Model, names: readonly string[]): readonly Field[] {
  return names.flatMap((name) => fieldOf(model, name) ?? [])
}

function titleFields(model: Model, granted: ReadonlySet<string>): readonly string[] {
  const readable = readableFields(model, granted)
  return model.title.filter((name) => readable.includes(name) && !isMasked(model, name))
}

/**
 * A hash over what the principal may read, so that a hidden field can never be guessed from it. A number that
 * the application counts on with each change stands for the whole record; an instant stands beside the rest,
 * since a clock may tick too slowly to tell two changes apart. Null where of some bytes only the length is known.
 */
function versionOf(model: Model, values: Values): string | null {
  const hash = createHash('sha256')
  for (const field of fieldsOfVersion(model, values)) {
    if (field.type === 'bytes' && typeof values[field.name] === 'number') return null
    const text = textOf(field, values[field.name] ?? null)
    hash.update(JSON.stringify([field.name, text]))
  }
  return hash.digest('base64url').slice(0, 22)
}

function fieldsOfVersion(model: Model, values: Values): readonly Field[] {
  const shown = model.fields.filter((field) => field.name in values && !field.computed)
  const count = shown.find((field) => field.name === model.refined?.concurrency)
  const isCount = count !== undefined && ['int', 'bigint'].includes(count.type) && values[count.name] !== null
  return isCount ? [count] : shown
}

/** What a page of the records can be read along with: what they lead to, as far as the principal may follow. */
export function ledTo(
  viewing: Pick<Viewing, 'models' | 'grant'>,
  model: Model,
  access: Access,
  wanted: readonly string[] | null,
): readonly Led[] {
  return relationsShown(model, access, wanted).flatMap((relation) => ledBy(viewing, relation)?.led ?? [])
}

/** A masked foreign key must not be told by the record it leads to. */
function relationsShown(model: Model, access: Access, wanted: readonly string[] | null): readonly Relation[] {
  const shown = new Set(
    readableFields(model, access.fieldsSomewhere).filter(
      (name) => !isMasked(model, name) && (!wanted || wanted.includes(name)),
    ),
  )
  return model.relations.filter(
    (relation) => relation.kind === 'one' && relation.from.every((name) => shown.has(name)),
  )
}

/** What tells the title and the key of the records there; null where none may be read. */
function ledBy({ models, grant }: Pick<Viewing, 'models' | 'grant'>, relation: Relation): Leading | null {
  const target = models.get(relation.target)
  const access = grant.access(`${relation.target}.read`)
  if (!target || !access.isPossible) return null
  const titles = titleFields(target, access.fieldsEverywhere)
  const fields = [...new Set([...relation.to, ...titles, ...(target.key ?? [])])]
  return { led: { relation, target, scope: access.scope, fields }, title: fieldsOf(target, titles) }
}

interface Leading {
  readonly led: Led
  /** Of the target, as far as they may be read in whatever record it is. */
  readonly title: readonly Field[]
}

async function relatedViews(
  viewing: Viewing,
  relations: readonly Relation[],
  rows: readonly Values[],
  read: NonNullable<Page['led']>,
): Promise<ReadonlyMap<Relation, ReadonlyMap<string, RelatedView>>> {
  const pairs = await Promise.all(
    relations.map(async (relation): Promise<[Relation, ReadonlyMap<string, RelatedView>]> => {
      return [relation, await viewsBehind(viewing, relation, rows, read.get(relation.name))]
    }),
  )
  return new Map(pairs)
}

async function viewsBehind(
  viewing: Viewing,
  relation: Relation,
  rows: readonly Values[],
  read: readonly (Values | null)[] | undefined,
): Promise<ReadonlyMap<string, RelatedView>> {
  const views = new Map<string, RelatedView>()
  const leading = ledBy(viewing, relation)
  if (!leading) return views
  const { target, scope, fields } = leading.led
  const found = read
    ? behindRows(relation, rows, read)
    : await targetsOf(viewing, relation, target, rows, scope, fields)
  for (const [fingerprintHere, values] of found) {
    const key = encodedKeyOf(target, values)
    if (key !== null) {
      views.set(fingerprintHere, { model: target.name, key, title: titleBy(target, leading.title, values) })
    }
  }
  return views
}

/** What was read along with the records, by their foreign key. */
function behindRows(
  { from }: Relation,
  rows: readonly Values[],
  read: readonly (Values | null)[],
): ReadonlyMap<string, Values> {
  const found = new Map<string, Values>()
  for (const [index, values] of read.entries()) {
    const row = rows[index]
    if (row && values) found.set(fingerprint(row, from), values)
  }
  return found
}

/** The records that a `one` relation leads to, by the foreign key of the records here. */
async function targetsOf(
  viewing: Viewing,
  relation: Relation,
  target: Model,
  rows: readonly Values[],
  scope: Access['scope'],
  fields: readonly string[],
): Promise<ReadonlyMap<string, Values>> {
  const keys = new Map<string, Key>()
  for (const values of rows) {
    const key = relation.from.map((name) => values[name] ?? null)
    if (!key.includes(null)) keys.set(fingerprint(values, relation.from), key)
  }
  if (keys.size === 0) return new Map()
  const found = await viewing.reader.getMany({
    model: target,
    models: viewing.models,
    scope,
    match: relation.to,
    keys: [...keys.values()],
    fields: [...new Set([...relation.to, ...fields])],
    limit: keys.size,
  })
  return new Map(found.map((values) => [fingerprint(values, relation.to), values]))
}

/** Tells records apart by some of their fields. */
function fingerprint(values: Values, fields: readonly string[]): string {
  const [only] = fields
  if (fields.length === 1 && only !== undefined) {
    const text = comparable(values[only] ?? null)
    return text === null ? '' : `=${text}`
  }
  return JSON.stringify(fields.map((name) => comparable(values[name] ?? null)))
}

function comparable(value: Value): string | null {
  if (value === null) return null
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}
