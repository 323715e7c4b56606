/** Rows that someone else has changed meanwhile, compared field by field as the record itself is. */

import type { Field, Model } from '../../../model/model.ts'
import type { Along, Row, Rows } from './along.ts'
import { type Conflict, conflictOf, type Texts } from './form.ts'

/** One row of which there is another version now. */
export interface RowConflict {
  readonly relation: string
  readonly target: Model
  readonly row: Row
  /** As it is now. */
  readonly now: Row
  readonly conflict: Conflict
  /** Yours deletes what they changed. */
  readonly isDeletion: boolean
}

/** @param theirs What there is now. */
export function alongConflict(mine: Along, theirs: Along): readonly RowConflict[] {
  return mine.rows.flatMap((of) => {
    const now = theirs.rows.find(({ relation }) => relation.name === of.relation.name)
    return now ? of.rows.flatMap((row) => conflictIn(of, row, now) ?? []) : []
  })
}

function conflictIn(of: Rows, row: Row, { rows }: Rows): RowConflict | null {
  const now = row.key === null ? undefined : rows.find(({ key }) => key === row.key)
  if (!now || now.version === row.version) return null
  const conflict = conflictOf(of.columns, wholeTexts(of.columns, row), row.original, now.original)
  const isTouched = row.isGone || conflict.clashes.length + conflict.yours.length > 0
  return isTouched
    ? { relation: of.relation.name, target: of.target, row, now, conflict, isDeletion: row.isGone }
    : null
}

/** What was not offered is as it was. */
function wholeTexts(columns: readonly Field[], { texts, original }: Row): Texts {
  return Object.fromEntries(
    columns.flatMap(({ name }) => {
      const text = texts[name] ?? original[name]
      return text === undefined ? [] : [[name, text]]
    }),
  )
}
