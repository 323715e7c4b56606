/**
 * What deleting records does to others: which go with them, which lose what
 * points here, and which stand in the way; also those behind the ones that go.
 *
 * For people only what they may list is counted, by ties that they may search
 * by, and only what goes is followed further. Of records out of their sight not
 * even "there are others" is said: that alone would tell that there are any.
 * For the audit log everything is counted. Depth, breadth and counts are
 * bounded, by numbers and not by time, so that the same question has the same
 * answer when it is asked again to be confirmed.
 *
 * @see docs/decisions/0036-several-records-at-once.md
 */

import type { Count, Reader } from '../../data/data-source.ts'
import type { Key, Model, Relation, Values } from '../../model/model.ts'
import { EVERYTHING, equals, or, type Predicate } from '../../model/predicate.ts'
import { chunksOf, distinctKeys } from '../chunk.ts'
import { type Grant, queryableFields } from '../grant.ts'
import type { Impact, ImpactCounted, ImpactPart } from '../records.ts'

/** Counts stop here. */
const MOST_COUNTED = 1_000
const MOST_LEVELS = 5
/** How many relations are followed, over all levels. */
const MOST_RELATIONS = 40

export interface ImpactOptions {
  readonly reader: Reader
  readonly models: ReadonlyMap<string, Model>
  readonly model: Model
  readonly grant: Grant
}

/** Records that go, as far as the relations need them. */
interface Going {
  readonly model: Model
  readonly rows: readonly Values[]
}

export async function impactOf(
  options: ImpactOptions,
  keys: readonly Key[],
  counted: ImpactCounted,
): Promise<Impact> {
  const parts: ImpactPart[] = []
  let level: readonly Going[] = [{ model: options.model, rows: await ownRows(options, keys) }]
  for (let depth = 0; level.some(({ rows }) => rows.length > 0); depth += 1) {
    const followed = level.flatMap((going) => tiesOf(options, going, counted))
    if (followed.length === 0) break
    if (depth === MOST_LEVELS || parts.length + followed.length > MOST_RELATIONS) {
      return { parts, isComplete: false }
    }
    const found = []
    for (const tie of followed) found.push(await follow(options, tie))
    parts.push(...found.flatMap(({ part }) => (part.count.value > 0 ? [part] : [])))
    level = found.map(({ going }) => going)
  }
  return { parts, isComplete: true }
}

/** What the relations of the deleted records themselves start from: their keys hold it, or it is read. */
async function ownRows(
  { reader, models, model }: ImpactOptions,
  keys: readonly Key[],
): Promise<readonly Values[]> {
  const match = model.key ?? []
  const needed = new Set(outward(model).flatMap(({ from }) => from))
  if (needed.size === 0) return []
  if ([...needed].every((name) => match.includes(name))) {
    return keys.map((key) => Object.fromEntries(match.map((name, index) => [name, key[index] ?? null])))
  }
  const rows: Values[] = []
  for (const chunk of chunksOf(keys)) {
    const fields = [...needed]
    rows.push(
      ...(await reader.getMany({
        model,
        models,
        scope: EVERYTHING,
        match,
        keys: chunk,
        fields,
        limit: chunk.length,
      })),
    )
  }
  return rows
}

function outward({ relations }: Model): readonly Relation[] {
  return relations.filter(({ kind }) => kind === 'many')
}

interface Tie {
  readonly from: Model
  readonly relation: Relation
  readonly target: Model
  readonly scope: Predicate
  readonly keys: readonly Key[]
}

/** The relations of records that go, as far as they may be counted. */
function tiesOf(
  { models, grant }: ImpactOptions,
  { model, rows }: Going,
  counted: ImpactCounted,
): readonly Tie[] {
  if (rows.length === 0) return []
  return outward(model).flatMap((relation): Tie[] => {
    const target = models.get(relation.target)
    if (!target) return []
    const scope = counted === 'all' ? EVERYTHING : seenScope(grant, relation, target)
    const keys = distinctKeys(rows.map((row) => relation.from.map((name) => row[name] ?? null)))
    const known = keys.filter((key) => !key.includes(null))
    return scope && known.length > 0 ? [{ from: model, relation, target, scope, keys: known }] : []
  })
}

/** A count by a field that may not be read would tell who it names. */
function seenScope(grant: Grant, { to }: Relation, target: Model): Predicate | null {
  const access = grant.access(`${target.name}.list`)
  const queryable = queryableFields(target, access)
  return access.isPossible && to.every((name) => queryable.includes(name)) ? access.scope : null
}

interface Followed {
  readonly part: ImpactPart
  /** Those that go as well. */
  readonly going: Going
}

async function follow(options: ImpactOptions, tie: Tie): Promise<Followed> {
  const { from, relation, target } = tie
  const isFollowed = relation.onDelete === 'cascade' && outward(target).length > 0
  const rows = isFollowed ? await rowsBehind(options, tie) : []
  const count = isFollowed ? countOf(rows.length) : await countBehind(options, tie)
  const going = { model: target, rows: rows.slice(0, MOST_COUNTED) }
  return { part: { from, relation, target, count }, going }
}

function countOf(found: number): Count {
  return found > MOST_COUNTED ? { value: MOST_COUNTED, kind: 'at-least' } : { value: found, kind: 'exact' }
}

async function countBehind(
  { reader, models }: ImpactOptions,
  { relation, target, scope, keys }: Tie,
): Promise<Count> {
  let found = 0
  for (const chunk of chunksOf(keys)) {
    const where = anyOf(relation.to, chunk)
    const { value, kind } = await reader.count({
      model: target,
      models,
      scope,
      where,
      cap: MOST_COUNTED - found,
    })
    found += value
    if (kind === 'at-least') return { value: MOST_COUNTED, kind }
  }
  return { value: found, kind: 'exact' }
}

function anyOf(fields: readonly string[], keys: readonly Key[]): Predicate {
  const [only, ...more] = fields
  if (only !== undefined && more.length === 0) {
    return { kind: 'in', field: only, values: keys.map(([value = null]) => value) }
  }
  return or(...keys.map((key) => equals(fields, key)))
}

async function rowsBehind(
  { reader, models }: ImpactOptions,
  { relation, target, scope, keys }: Tie,
): Promise<readonly Values[]> {
  const fields = [...new Set([...outward(target).flatMap(({ from }) => from), ...(target.key ?? [])])]
  const rows: Values[] = []
  for (const chunk of chunksOf(keys)) {
    const limit = MOST_COUNTED + 1 - rows.length
    if (limit <= 0) break
    rows.push(
      ...(await reader.getMany({
        model: target,
        models,
        scope,
        match: relation.to,
        keys: chunk,
        fields,
        limit,
      })),
    )
  }
  return rows
}
