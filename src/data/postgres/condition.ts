/** Conditions that PostgreSQL has a way of its own for: membership in JSON and in arrays, and text without regard to case. */

import { type RawBuilder, sql } from 'kysely'
import { textOfMembers } from '../../model/members.ts'
import type { Field, Value } from '../../model/model.ts'
import { FALSE } from '../sql/dialect.ts'
import type { Column } from './column.ts'
import { listText } from './write.ts'

/**
 * Member of the JSON array or of the array that the column holds; what is neither has no members.
 * An index over `jsonb` or over the array serves.
 */
export function contains(
  field: Field,
  column: Column,
  expression: RawBuilder<unknown>,
  value: Value,
): RawBuilder<boolean> {
  if (field.type === 'array') return hasMember(field, column, expression, value)
  const member = jsonOf(value)
  if (member === null) return FALSE
  if (column.base === 'jsonb') {
    return sql<boolean>`coalesce(jsonb_typeof(${expression}) = 'array'
      AND ${expression} @> ${`[${member}]`}::jsonb, false)`
  }
  if (column.base !== 'json') return FALSE
  // json may hold what jsonb can not: only elements that are plain enough are made one
  return sql<boolean>`EXISTS (
    SELECT 1 FROM json_array_elements(
      CASE WHEN json_typeof(${expression}) = 'array' THEN ${expression} ELSE '[]' END) AS e (one)
    WHERE CASE WHEN e.one::text ~ '\\\\u(0000|[dD][89a-fA-F])' THEN false
      ELSE e.one::jsonb = ${member}::jsonb END)`
}

/** At any depth. NaN equals nothing, and a text only itself, whatever the column's collation. */
function hasMember(
  field: Field,
  column: Column,
  expression: RawBuilder<unknown>,
  value: Value,
): RawBuilder<boolean> {
  if (Number.isNaN(value) || value === 'NaN') return FALSE
  const list = listText(field, column, textOfMembers([value]))
  if (list === null || value === null) return FALSE
  if (column.collation !== 'loose') return sql<boolean>`coalesce(${expression} @> ${list}, false)`
  return sql<boolean>`EXISTS (SELECT 1 FROM unnest(${expression}) AS e (one)
    WHERE e.one::text COLLATE "C" = ${String(value)})`
}

/** The member as JSON; null for what no JSON array of scalars holds. */
function jsonOf(value: Value): string | null {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : null
  if (typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return null
  return JSON.stringify(value)
}

/** Case is folded as the column's collation does it, or the database's where that one can't. */
export function textMatch(
  column: Column,
  expression: RawBuilder<unknown>,
  operator: 'contains' | 'startsWith',
  text: string,
): RawBuilder<boolean> {
  return text.includes('\0') ? FALSE : textContains(subjectOf(column, expression), operator, text)
}

/** Of an expression that is a text; NULL where that is. The text that is looked for holds no character of the code 0. */
export function textContains(
  subject: RawBuilder<unknown>,
  operator: 'contains' | 'startsWith',
  text: string,
): RawBuilder<boolean> {
  const pattern = `${operator === 'contains' ? '%' : ''}${escapeLike(text)}%`
  return sql<boolean>`${subject} ILIKE ${pattern}`
}

function subjectOf(column: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> {
  if (column.isArray) return sql`array_to_string(${expression}, ' ')`
  if (column.base !== 'text' && column.base !== 'varchar') return sql`${expression}::text`
  return column.collation === 'loose' ? sql`${expression} COLLATE "default"` : expression
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (wildcard) => `\\${wildcard}`)
}
