/**
 * Records that an action looks at beside its own target: of any model of the same database, within what their
 * principal may read, with what the policy says to some verbs on each.
 */

import { decodeKey, encodeKey } from '../model/key.ts'
import { keyOf } from '../model/model.ts'
import type { Beside } from './action.ts'
import { chunksOf } from './chunk.ts'
import { storedFields } from './gateway.ts'
import type { Running } from './running.ts'
import { columnsToSelect, mergedLooks, resourcesOf, viewRecords } from './view.ts'

/** @throws TypeError for a model of another database. */
export async function recordsBeside(
  { performance, reader, transaction }: Pick<Running, 'performance' | 'reader' | 'transaction'>,
  name: string,
  texts: readonly string[],
  verbs: readonly string[],
): Promise<ReadonlyMap<string, Beside>> {
  const { parts, grant, call } = performance
  const model = parts.models.get(name)
  if (!model || model.source !== performance.model.source || model.name.startsWith('castellan.')) {
    throw new TypeError(`${call.action} looks at ${name}, which is not in the same database.`)
  }
  const reading = grant.access(`${name}.read`)
  const found = new Map<string, Beside>()
  if (!reading.isPossible || !model.key) return found
  const match = model.key
  const looksAt = mergedLooks(verbs.map((verb) => grant.access(`${name}.${verb}`).looksAt))
  const fields = [
    ...new Set([
      ...match,
      ...columnsToSelect(model, reading, null),
      ...storedFields(model),
      ...looksAt.fields,
    ]),
  ]
  const viewing = { reader, models: parts.models, grant }
  const keys = [...new Set(texts)].sort().flatMap((text) => {
    const key = decodeKey(model, text)
    return key ? [key] : []
  })
  for (const chunk of chunksOf(keys)) {
    const rows = await reader.getMany({
      model,
      models: parts.models,
      scope: reading.scope,
      match,
      keys: chunk,
      fields,
      limit: chunk.length,
      isLocked: transaction !== null,
    })
    const views = await viewRecords(viewing, model, reading, rows, null)
    const resources = await resourcesOf(viewing, model, looksAt, rows)
    for (const [index, stored] of rows.entries()) {
      const [view, resource, key] = [views[index], resources[index], keyOf(model, stored)]
      if (!view || !resource || !key) continue
      const decisions = new Map(verbs.map((verb) => [verb, grant.decide(`${name}.${verb}`, resource)]))
      found.set(encodeKey(model, key), { key, view, stored, decisions })
    }
  }
  return found
}
