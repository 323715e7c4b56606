/** Conditions that SQLite has a way of its own for: membership in a JSON array, and text without regard to case. */

import { type RawBuilder, sql } from 'kysely'
import type { Field, Value } from '../../model/model.ts'
import { disjunction, FALSE } from '../sql/dialect.ts'

/** Member of the JSON array that the column holds; what is no JSON array has no members. */
export function contains(_: Field, column: RawBuilder<unknown>, value: Value): RawBuilder<boolean> {
  const array = sql`CASE WHEN json_valid(${column}) THEN
    CASE WHEN json_type(${column}) = 'array' THEN ${column} ELSE '[]' END ELSE '[]' END`
  const isMember = memberTest(value)
  return isMember ? sql<boolean>`EXISTS (SELECT 1 FROM json_each(${array}) AS e WHERE ${isMember})` : FALSE
}

function memberTest(value: Value): RawBuilder<boolean> | null {
  if (typeof value === 'string') return sql<boolean>`e.type = 'text' AND e.value = ${value}`
  if (typeof value === 'boolean') return sql<boolean>`e.type = ${String(value)}`
  if (typeof value === 'number' || typeof value === 'bigint') {
    return sql<boolean>`e.type IN ('integer', 'real') AND e.value = ${Number(value)}`
  }
  return null
}

/**
 * LIKE folds the case of ASCII letters alone; a pattern with other letters is
 * tried as typed, in lower and in upper case.
 */
export function textMatch(
  field: Field,
  column: RawBuilder<unknown>,
  operator: 'contains' | 'startsWith',
  text: string,
): RawBuilder<boolean> {
  const subject = field.type === 'text' || field.type === 'enum' ? column : sql`CAST(${column} AS TEXT)`
  const spellings = new Set([text, text.toLowerCase(), text.toUpperCase(), capitalised(text)])
  const needed = isAscii(text) ? [text] : [...spellings]
  return disjunction(
    needed.map((spelling) => {
      const pattern = `${operator === 'contains' ? '%' : ''}${escapeLike(spelling)}%`
      return sql`${subject} LIKE ${pattern} ESCAPE '\\'`
    }),
  )
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (wildcard) => `\\${wildcard}`)
}

function capitalised(text: string): string {
  const [first = '', ...rest] = text
  return first.toUpperCase() + rest.join('').toLowerCase()
}

function isAscii(text: string): boolean {
  return [...text].every((character) => (character.codePointAt(0) ?? 0) < 0x80)
}
