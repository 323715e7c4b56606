/** Names of relations that a model has room for. */

import type { Model, Relation } from '../../model/model.ts'

/** The first name that neither a field nor another relation has; a relation is no field of its own. */
export function freeName(model: Model, taken: readonly Relation[], wanted: readonly string[]): string {
  const used = new Set([...model.fields, ...taken].map(({ name }) => name))
  const clean = wanted.map((name) => name.replaceAll('.', '_')).filter((name) => name !== '')
  const free = clean.find((name) => !used.has(name))
  if (free !== undefined) return free
  const [base = 'relation'] = clean.slice(-1)
  let number = 2
  while (used.has(`${base}_${number}`)) number += 1
  return `${base}_${number}`
}
