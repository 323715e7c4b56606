/**
 * The gateway handed to `run`: every read and write of it starts from the row
 * scope and the fields that the policy grants for this very action.
 */

import type { Reader, Transaction } from '../data/data-source.ts'
import { AdminError } from '../errors.ts'
import type { Identity } from '../identity/identity.ts'
import { encodeKey } from '../model/key.ts'
import type { Key, Model, Relation, Values } from '../model/model.ts'
import { keyOf } from '../model/model.ts'
import { and, EVERYTHING, or, type Predicate } from '../model/predicate.ts'
import { isFoundFirst } from '../model/scan.ts'
import type { Access, Decision } from '../policy/policy.ts'
import { chunksOf, distinctKeys, exactly } from './chunk.ts'
import { listBinding, openPosition, sealPosition } from './cursor.ts'
import { filtered, trashed } from './filtered.ts'
import { type Grant, queryableFields, readableFields } from './grant.ts'
import { impactOf } from './record/impact.ts'
import type { ListInput, ListScope, RecordList, Records, RecordView, Target } from './records.ts'
import { MOST_AT_ONCE, sealScope } from './scope.ts'
import { searched, searchPlan } from './searched.ts'
import { tallyOf } from './tally.ts'
import { belongsTo, linksTo, mustStayTree } from './ties.ts'
import {
  columnsToSelect,
  fieldsToMeasure,
  ledTo,
  mergedLooks,
  resourcesOf,
  viewRecords,
  withLengths,
} from './view.ts'

export interface GatewayOptions {
  readonly reader: Reader
  /** Null in a read action: writing is then a bug of the action, and throws. */
  readonly transaction: Transaction | null
  readonly models: ReadonlyMap<string, Model>
  readonly model: Model
  /** What the action itself is granted: the scope of its writes. */
  readonly access: Access
  readonly grant: Grant
  readonly identity: Identity
  /** UTC, milliseconds since the epoch. */
  readonly now: number
  /** Whether a hook of the application refuses this verb on a record whose stored values it may ask for. */
  isRefusedOn(verb: string, record: () => Promise<Values>): Promise<boolean>
}

export function createRecords(options: GatewayOptions): Records {
  const { reader, models, model, access, grant } = options
  const viewing = { reader, models, grant }
  const reading = grant.access(`${model.name}.read`)
  return {
    list: (input) => list(options, input),
    async reload(key): Promise<RecordView | null> {
      const fields = columnsToSelect(model, reading, null)
      const values = await reader.get({ model, models, scope: reading.scope, key, fields })
      if (!values) return null
      const [view] = await viewRecords(viewing, model, reading, [values], null)
      return view ?? null
    },
    stored: (key) => stored(options, key),
    async create(values): Promise<Key> {
      await mustSeeRelated(options, values, null)
      return await discreetly(options, () => writing(options).insert({ model: inSource(model), values }))
    },
    async update(key, values): Promise<void> {
      await mustSeeRelated(options, values, key)
      const scope = access.scope
      const change = { model: inSource(model), models, scope, key, values }
      const changed = await discreetly(options, () => writing(options).update(change))
      if (changed === 0) throw gone(model)
    },
    async remove(key): Promise<void> {
      const change = { model: inSource(model), models, scope: access.scope, key }
      const removed = await writing(options).remove(change)
      if (removed === 0) throw gone(model)
    },
    storedMany: (keys) => storedMany(options, keys),
    updateMany: (keys, values, before) => updateMany(options, keys, values, before),
    removeMany: (keys) => removeMany(options, keys),
    impact: (keys, counted) => impactOf(options, keys, counted),
    linksTo: (relation, key, targets) => linksTo(options, relation, key, targets),
    belongsTo: (relation, values, key) => belongsTo(options, relation, values, key),
    decisions: (target, verbs) => decisions(options, target, verbs),
  }
}

/** As the source has it: which actions are allowed was decided before, and deleting softly is an update there. */
function inSource(model: Model): Model {
  return model.refined ? { ...model, writable: model.refined.possible } : model
}

async function stored({ reader, models, model, access }: GatewayOptions, key: Key): Promise<Values> {
  return (await reader.get({ model, models, scope: access.scope, key, fields: storedFields(model) })) ?? {}
}

/** Everything that a source holds of a record but its secrets. */
export function storedFields(model: Model): readonly string[] {
  return model.fields
    .filter((field) => field.sensitivity !== 'secret' && !field.computed)
    .map((field) => field.name)
}

async function storedMany(
  { reader, models, model, access }: GatewayOptions,
  keys: readonly Key[],
): Promise<readonly Values[]> {
  const match = model.key ?? []
  const found = new Map<string, Values>()
  for (const chunk of chunksOf(keys)) {
    const rows = await reader.getMany({
      model,
      models,
      scope: access.scope,
      match,
      keys: chunk,
      fields: [...new Set([...match, ...storedFields(model)])],
      limit: chunk.length,
    })
    for (const values of rows) found.set(encodeKey(model, keyOf(model, values) ?? []), values)
  }
  return keys.map((key) => found.get(encodeKey(model, key)) ?? {})
}

async function updateMany(
  options: GatewayOptions,
  keys: readonly Key[],
  values: Values,
  before: readonly Values[],
): Promise<void> {
  const { models, model, access } = options
  await mustSeeAllRelated(options, keys, values, before)
  for (const chunk of chunksOf(keys)) {
    const change = { model: inSource(model), models, scope: access.scope, keys: chunk, values }
    const changed = await discreetly(options, () => writing(options).updateMany(change))
    if (changed !== chunk.length) throw someGone(model)
  }
}

async function removeMany(options: GatewayOptions, keys: readonly Key[]): Promise<void> {
  const { models, model, access } = options
  for (const chunk of chunksOf(keys)) {
    const change = { model: inSource(model), models, scope: access.scope, keys: chunk }
    const removed = await writing(options).removeMany(change)
    if (removed !== chunk.length) throw someGone(model)
  }
}

function writing({ transaction, model }: GatewayOptions): Transaction {
  if (!transaction) throw new TypeError(`A read action may not write to ${model.name}.`)
  return transaction
}

/** What the source refuses at fields that their writer may not know of is said without naming them. */
async function discreetly<T>({ model, access, grant }: GatewayOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const refused = error instanceof AdminError ? (error.fields ?? {}) : {}
    const reading = grant.access(`${model.name}.read`)
    const known = new Set([...readableFields(model, reading.fieldsSomewhere), ...access.fieldsSomewhere])
    const told = Object.entries(refused).filter(([name]) => known.has(name))
    if (told.length === Object.keys(refused).length) throw error
    const sentence = `${model.label}: the change breaks a rule of the database.`
    throw new AdminError('invalid-input', sentence, { fields: Object.fromEntries(told), cause: error })
  }
}

function gone(model: Model): AdminError {
  return new AdminError('not-found', `The ${model.label.toLowerCase()} is not there any more.`)
}

function someGone(model: Model): AdminError {
  return new AdminError(
    'conflict',
    `Some of the ${model.labelPlural.toLowerCase()} are not there any more, or changed meanwhile. Nothing was done.`,
  )
}

async function list(options: GatewayOptions, input: ListInput): Promise<RecordList> {
  const { reader, models, model, access, grant, identity } = options
  const where = matching(options, input)
  const known = {
    readable: readableFields(model, access.fieldsSomewhere),
    queryable: queryableFields(model, access),
  }
  if (input.tally) {
    const tally = await tallyOf(options, input.tally, where)
    return { records: [], page: { next: null, previous: null }, count: null, ...known, tally }
  }
  const binding = listBinding(
    model.name,
    `${grant.principal.subject.kind}:${grant.principal.subject.id}`,
    input,
  )
  const page = await reader.list({
    model,
    models,
    scope: access.scope,
    where,
    fields: columnsToSelect(model, access, input.fields),
    ...(input.bytes !== 'whole' && { measured: fieldsToMeasure(model, access) }),
    sort: input.sort,
    isFoundFirst: model.key !== null && isFoundFirst(model, input.sort, input.filters),
    limit: input.limit,
    from: openPosition(identity, input.cursor, binding),
    led: ledTo(options, model, access, input.fields),
    start: input.start ?? undefined,
    count: input.count,
  })
  const viewing = { reader, models, grant }
  const viewed = await viewRecords(viewing, model, access, page.records, input.fields, page.led)
  const records = input.bytes === 'whole' ? viewed : withLengths(model, viewed)
  const isWhole = isSameSight(access, grant.access(`${model.name}.read`))
  const scope = input.scope === undefined ? null : await listScope(options, input, input.scope)
  return {
    ...(scope && { scope }),
    records: isWhole ? records : records.map((record) => ({ ...record, version: null })),
    page: {
      next: sealPosition(identity, page.next, binding),
      previous: sealPosition(identity, page.previous, binding),
    },
    count: page.count,
    ...known,
    searched: searchPlan(options),
  }
}

/** A version is one of what is read: where a list shows something else of a record, it has none to tell. */
function isSameSight(listed: Access, reading: Access): boolean {
  const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
    a.size === b.size && [...a].every((name) => b.has(name))
  return (
    listed === reading ||
    (isSame(listed.fieldsEverywhere, reading.fieldsEverywhere) &&
      isSame(listed.fieldsSomewhere, reading.fieldsSomewhere))
  )
}

function matching(
  options: GatewayOptions,
  input: Pick<ListInput, 'filters' | 'search' | 'trash'>,
): Predicate {
  return and(
    trashed(options.model.softDelete, input.trash),
    filtered(options, input.filters),
    searched(options, searchPlan(options), input.search),
  )
}

async function listScope(options: GatewayOptions, input: ListInput, verb: string): Promise<ListScope> {
  const { reader, models, model, access, grant, identity, now } = options
  if (!model.key) throw new TypeError(`The records of ${model.name} have no key.`)
  const where = matching(options, input)
  const { value: count } = await reader.count({
    model,
    models,
    scope: access.scope,
    where,
    cap: MOST_AT_ONCE + 1,
  })
  const described = { filters: input.filters, search: input.search, trash: input.trash, count, at: now }
  return {
    token: sealScope(identity, { model: model.name, verb, principal: grant.principal }, described),
    count,
  }
}

/** The keys of all that match, as the list of the model shows them, in their order; one more than `limit` tells that there are more. */
export async function keysMatching(
  options: GatewayOptions,
  input: Pick<ListInput, 'filters' | 'search' | 'trash'>,
  limit: number,
): Promise<readonly Key[]> {
  const { reader, models, model, grant } = options
  const access = grant.access(`${model.name}.list`)
  if (!model.key || !access.isPossible) return []
  const { records } = await reader.list({
    model,
    models,
    scope: access.scope,
    where: matching({ ...options, access }, input),
    fields: model.key,
    sort: [],
    limit: limit + 1,
    from: null,
    count: 'none',
  })
  return records.flatMap((values) => {
    const key = keyOf(model, values)
    return key === null || key.includes(null) ? [] : [key]
  })
}

/** A record may only be tied to records that its writer can read. `at`: the record that is changed; null: a new one. */
async function mustSeeRelated(options: GatewayOptions, values: Values, at: Key | null): Promise<void> {
  for (const relation of written(options.model, values)) {
    const key = await keyBehind(options, relation, values, at)
    await mustSeeBehind(options, relation, [key])
    await mustStayTree(options, relation, at, key)
  }
}

/** The same for values that several records get, of which a foreign key may be but a part. */
async function mustSeeAllRelated(
  options: GatewayOptions,
  keys: readonly Key[],
  values: Values,
  before: readonly Values[],
): Promise<void> {
  for (const relation of written(options.model, values)) {
    const behind = before.map((one) => relation.from.map((name) => values[name] ?? one[name] ?? null))
    await mustSeeBehind(options, relation, behind)
    for (const [index, key] of behind.entries()) {
      await mustStayTree(options, relation, keys[index] ?? null, key)
    }
  }
}

/** The relations whose foreign key is written, or a part of it. */
function written({ relations }: Model, values: Values): readonly Relation[] {
  return relations.filter(({ kind, from }) => kind === 'one' && from.some((name) => name in values))
}

async function mustSeeBehind(
  { reader, models, grant }: GatewayOptions,
  relation: Relation,
  behind: readonly Key[],
): Promise<void> {
  const target = models.get(relation.target)
  const keys = distinctKeys(behind.filter((key) => !key.includes(null)))
  if (!target || keys.length === 0) return
  const access = grant.access(`${target.name}.read`)
  const scope = access.isPossible ? access.scope : or()
  for (const chunk of chunksOf(keys)) {
    const found = await reader.getMany({
      model: target,
      models,
      scope,
      match: relation.to,
      keys: chunk,
      fields: relation.to,
      limit: chunk.length,
    })
    const isThere = new Set(found.map((one) => exactly(relation.to.map((name) => one[name] ?? null))))
    if (isThere.size < chunk.length) throw unseen(relation, target)
  }
}

/** What the relation will lead to: a foreign key of several fields may be written in part. */
async function keyBehind(
  { reader, models, model }: GatewayOptions,
  relation: Relation,
  values: Values,
  at: Key | null,
): Promise<Key> {
  const kept = relation.from.filter((name) => !(name in values))
  const before =
    at && kept.length > 0 ? await reader.get({ model, models, scope: EVERYTHING, key: at, fields: kept }) : {}
  return relation.from.map((name) => values[name] ?? before?.[name] ?? null)
}

/** At every field that names it: who looks for the mistake finds it where they look. */
function unseen({ from }: Relation, target: Model): AdminError {
  const problem = `names no ${target.label.toLowerCase()} that you can read`
  return new AdminError('invalid-input', `Check ${from.join(', ')}: it ${problem}.`, {
    fields: Object.fromEntries(from.map((name) => [name, [problem]])),
  })
}

/** Asks for each verb on the target, loading what the rules for it look at and the target does not hold yet. */
async function decisions(
  options: GatewayOptions,
  { key, resource }: Target,
  verbs: readonly string[],
): Promise<ReadonlyMap<string, Decision>> {
  const { reader, models, model, grant, isRefusedOn } = options
  const looks = verbs.map((verb) => grant.access(`${model.name}.${verb}`).looksAt)
  const { fields, relations } = mergedLooks(looks)
  const isHeld = relations.size === 0 && [...fields].every((name) => name in resource.values)
  const values = isHeld
    ? null
    : await reader.get({ model, models, scope: EVERYTHING, key, fields: [...fields] })
  const [seen = resource] = values
    ? await resourcesOf({ reader, models, grant }, model, { fields, relations }, [values])
    : []
  return new Map(
    await Promise.all(
      verbs.map(async (verb): Promise<[string, Decision]> => {
        const decision = grant.decide(`${model.name}.${verb}`, seen)
        if (decision.effect === 'deny' || !(await isRefusedOn(verb, () => stored(options, key)))) {
          return [verb, decision]
        }
        return [verb, { effect: 'deny', rules: [], reason: 'the application does not permit it' }]
      }),
    ),
  )
}
