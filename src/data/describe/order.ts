/** The order in which models are offered: tables, then those that only tie others together, then views. */

import { fieldOf, type Model } from '../../model/model.ts'

export function inMenuOrder(models: readonly Model[]): readonly Model[] {
  const rank = new Map(models.map((model) => [model, rankOf(model)]))
  return models.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))
}

function rankOf(model: Model): number {
  if (model.kind === 'view') return 2
  return isJunction(model) ? 1 : 0
}

/** Its key is made of references to other records, and nothing else has to be said of it. */
export function isJunction(model: Model): boolean {
  const ways = model.relations.filter(({ kind }) => kind === 'one')
  const references = new Set(ways.flatMap(({ from }) => from))
  const { key } = model
  if (!key || key.length < 2 || ways.length < 2 || !key.every((name) => references.has(name))) return false
  return model.fields.every(
    ({ name, nullable, hasDefault, generated }) =>
      key.includes(name) || nullable || hasDefault || generated || fieldOf(model, name)?.readonly === true,
  )
}
