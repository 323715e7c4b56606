/** The values of an application's enum as choices. */

import { choiceLabel } from '../model/label.ts'
import type { Choice } from '../model/model.ts'

/** In their order; null where there are none. */
export function choicesOf(
  values: readonly (string | number | null)[] | null | undefined,
): readonly Choice[] | null {
  if (!values || values.length === 0) return null
  return values
    .filter((value) => value !== null)
    .map((value) => ({ value: String(value), label: choiceLabel(String(value)) }))
}
