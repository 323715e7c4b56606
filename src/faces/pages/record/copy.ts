/** What a new record takes over from the one that it starts as. */

import type { Field, Model, Values } from '../../../model/model.ts'
import { type Texts, textsOf } from './form.ts'

/**
 * The texts that a copy starts with: what may be read of the original and written in a new record. Its key is its own,
 * and so is what Castellan or the database keeps; what is secret or masked is not there to be copied.
 *
 * @returns Beside the texts the fields that no two records may have the same value in.
 */
export function copiedTexts(
  model: Model,
  fields: readonly Field[],
  values: Values,
): { readonly texts: Texts; readonly unique: ReadonlySet<string> } {
  const own = new Set([...(model.key ?? []), model.softDelete?.field, model.refined?.concurrency])
  const taken = fields.filter(({ name, sensitivity }) => !own.has(name) && sensitivity !== 'secret')
  const unique = model.uniques.flatMap((set) => (set.length === 1 ? set : []))
  return { texts: textsOf(taken, values), unique: new Set(unique) }
}
