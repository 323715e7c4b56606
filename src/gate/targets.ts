/**
 * Loading the records that an action on several is about, as `target.ts` does
 * for one: within reach, as their principal sees them, and as the policy looks at them.
 */

import type { Reader } from '../data/data-source.ts'
import { AdminError } from '../errors.ts'
import { decodeKey, encodeKey } from '../model/key.ts'
import { type Key, keyOf, type Model, type Values } from '../model/model.ts'
import { NO_ACCESS } from '../policy/access.ts'
import type { Access } from '../policy/policy.ts'
import { chunksOf } from './chunk.ts'
import type { Target } from './records.ts'
import type { Loading } from './target.ts'
import { columnsToSelect, resourcesOf, viewRecords } from './view.ts'

export interface LoadingSeveral extends Loading {
  /** What the policy looks at, for everything that is decided on each of them. */
  readonly looksAt: Access['looksAt']
  /** Fields that are shown of them, beside what they are called; null: all that may be read. */
  readonly shows: readonly string[] | null
}

/**
 * The records of those keys, in the order of the keys; locked in that order where they may be changed.
 * @param keys As in addresses, each once.
 * @throws AdminError `not-found` in the same words for records that are not there and those out of reach.
 */
export async function loadTargets(
  loading: LoadingSeveral,
  reader: Reader,
  keys: readonly string[],
  isLocked: boolean,
): Promise<readonly Target[]> {
  const { model } = loading
  const found = new Map<string, Target>()
  for (const chunk of chunksOf(known(model, keys))) {
    for (const target of await loadChunk(loading, reader, chunk, isLocked))
      found.set(target.encodedKey, target)
  }
  const missing = keys.filter((key) => !found.has(key))
  if (missing.length > 0) throw notFound(model, missing, keys.length)
  return keys.flatMap((key) => found.get(key) ?? [])
}

function known(model: Model, keys: readonly string[]): readonly Key[] {
  return keys.flatMap((text) => {
    const key = decodeKey(model, text)
    return key ? [key] : []
  })
}

async function loadChunk(
  loading: LoadingSeveral,
  reader: Reader,
  keys: readonly Key[],
  isLocked: boolean,
): Promise<readonly Target[]> {
  const { parts, model, grant, access, looksAt, shows } = loading
  const match = model.key ?? []
  const get = (scope: Access['scope'], those: readonly Key[], fields: readonly string[]) =>
    reader.getMany({
      model,
      models: parts.models,
      scope,
      match,
      keys: those,
      fields: [...new Set([...match, ...fields])],
      limit: those.length,
      isLocked,
    })
  const reading = grant.access(`${model.name}.read`)
  const needed = [...columnsToSelect(model, access, shows), ...looksAt.fields]
  const seen = reading.isPossible
    ? await get(reading.scope, keys, [...columnsToSelect(model, reading, shows), ...needed])
    : []
  const seenKeys = new Set(seen.map((values) => encodedIn(model, values)))
  const others = keys.filter((key) => !seenKeys.has(encodeKey(model, key)))
  // a right to change a record is none to see it: what may not be read is known by its key alone
  const reached = others.length > 0 && access !== reading ? await get(access.scope, others, needed) : []
  const viewing = { reader, models: parts.models, grant }
  const targetsOf = async (shown: Access, rows: readonly Values[]): Promise<readonly Target[]> => {
    if (rows.length === 0) return []
    const views = await viewRecords(viewing, model, shown, rows, shows)
    const resources = await resourcesOf(viewing, model, looksAt, rows)
    return rows.flatMap((values, index): Target[] => {
      const [view, resource, key] = [views[index], resources[index], keyOf(model, values)]
      if (!view || !resource || !key || view.key === null) return []
      return [{ model, key, encodedKey: view.key, view, resource }]
    })
  }
  return [...(await targetsOf(reading, seen)), ...(await targetsOf(NO_ACCESS, reached))]
}

function encodedIn(model: Model, values: Values): string {
  return encodeKey(model, keyOf(model, values) ?? [])
}

/** So many are named. */
const NAMED = 5

function notFound(model: Model, missing: readonly string[], count: number): AdminError {
  if (count === 1) return new AdminError('not-found', `No ${model.name} record "${missing[0] ?? ''}".`)
  const named = missing
    .slice(0, NAMED)
    .map((key) => `"${key}"`)
    .join(', ')
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : ''
  return new AdminError(
    'not-found',
    `${missing.length} of the ${count} ${model.name} records are not there: ${named}${more}. Nothing was done.`,
  )
}
