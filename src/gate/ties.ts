/**
 * How records are tied to each other, asked for whoever changes the ties: which links of a record there are, which
 * records belong to it, and whether it would lead back to itself.
 */

import type { Reader } from '../data/data-source.ts'
import { AdminError } from '../errors.ts'
import { encodeKey } from '../model/key.ts'
import {
  fieldOf,
  type Key,
  keyOf,
  type Model,
  type Relation,
  type Value,
  type Values,
} from '../model/model.ts'
import { EVERYTHING, equals } from '../model/predicate.ts'
import { textOf } from '../model/text.ts'
import { type Grant, queryableFields } from './grant.ts'

export interface Tying {
  readonly reader: Reader
  readonly models: ReadonlyMap<string, Model>
  readonly model: Model
  readonly grant: Grant
}

/**
 * The links of a record to some others, as far as their reader may list them: the key of each link by that of the
 * record it leads to, both as in addresses.
 */
export async function linksTo(
  { reader, models, grant }: Tying,
  { through, target: targetName }: Relation,
  key: Key,
  targets: readonly Key[],
): Promise<ReadonlyMap<string, string>> {
  const links = models.get(through?.model ?? '')
  const target = models.get(targetName)
  if (!through || !links || !target || targets.length === 0) return new Map()
  const access = grant.access(`${links.name}.list`)
  const match = [...through.from, ...through.to]
  const queryable = queryableFields(links, access)
  if (!access.isPossible || !match.every((name) => queryable.includes(name))) return new Map()
  const found = await reader.getMany({
    model: links,
    models,
    scope: access.scope,
    match,
    keys: targets.map((there) => [...key, ...there]),
    fields: [...new Set([...match, ...(links.key ?? [])])],
    limit: targets.length,
  })
  return new Map(
    found.map((values) => [
      encodeKey(
        target,
        through.to.map((name) => values[name] ?? null),
      ),
      encodeKey(links, keyOf(links, values) ?? []),
    ]),
  )
}

/** Whether a record of the other side belongs to the one of these values; locked, so that it stays so. */
export async function belongsTo(
  { reader, models }: Tying,
  { target: targetName, to }: Relation,
  values: Key,
  key: Key,
): Promise<boolean> {
  const model = models.get(targetName)
  if (!model || values.includes(null)) return false
  const scope = equals(to, values)
  return (await reader.get({ model, models, scope, key, fields: [], isLocked: true })) !== null
}

/** A tree deeper than this is not followed to its root. */
const MAX_DEPTH = 100

/**
 * @param at The record that is changed; null: a new one, which nothing can lead back to.
 * @param key Of the record that it is to lead to.
 * @throws AdminError `invalid-input` where that one leads back to the record itself.
 */
export async function mustStayTree(
  { reader, models, model }: Tying,
  relation: Relation,
  at: Key | null,
  key: Key,
): Promise<void> {
  if (!at || !model.refined?.trees.has(relation.name)) return
  const fields = [...new Set([...relation.from, ...relation.to])]
  const self = await reader.get({ model, models, scope: EVERYTHING, key: at, fields })
  const own = self && tied(model, relation.to, self)
  let above: Key | null = key
  for (let depth = 0; own && above && !above.includes(null) && depth < MAX_DEPTH; depth += 1) {
    if (fingerprint(model, relation.to, above) === own) throw circular(relation)
    const found: readonly Values[] = await reader.getMany({
      model,
      models,
      scope: EVERYTHING,
      match: relation.to,
      keys: [above],
      fields,
      limit: 1,
    })
    const [next] = found
    above = next ? relation.from.map((name) => next[name] ?? null) : null
  }
}

function tied(model: Model, names: readonly string[], values: Values): string {
  return fingerprint(
    model,
    names,
    names.map((name) => values[name] ?? null),
  )
}

function fingerprint(model: Model, names: readonly string[], key: readonly Value[]): string {
  return JSON.stringify(
    names.map((name, index) => {
      const field = fieldOf(model, name)
      return field ? textOf(field, key[index] ?? null) : null
    }),
  )
}

function circular({ from }: Relation): AdminError {
  const problem = 'leads back to this record'
  return new AdminError('invalid-input', `Check ${from.join(', ')}: it ${problem}.`, {
    fields: Object.fromEntries(from.map((name) => [name, [problem]])),
  })
}
