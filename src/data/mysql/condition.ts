/** Conditions that MariaDB and MySQL have a way of their own for: membership in a JSON array, and text without regard to case. */

import { type RawBuilder, sql } from 'kysely'
import type { Field, Value } from '../../model/model.ts'
import { indexedWords } from '../../model/search-plan.ts'
import { conjunction, FALSE } from '../sql/dialect.ts'
import type { Column } from './column.ts'

/** Disregards case; there since long in both, where their newer collations differ. */
const WITHOUT_CASE = sql`COLLATE utf8mb4_general_ci`

/** Member of the JSON array that the column holds; what is no JSON array has no members. */
export function contains(field: Field, column: RawBuilder<unknown>, value: Value): RawBuilder<boolean> {
  if (field.type === 'set') return hasLabel(column, value)
  const isMember = memberTest(value)
  if (!isMember) return FALSE
  const array = sql`CASE WHEN JSON_VALID(${column}) AND JSON_TYPE(${column}) = 'ARRAY' THEN ${column} ELSE '[]' END`
  return sql<boolean>`EXISTS (SELECT 1 FROM JSON_TABLE(${array}, '$[*]' COLUMNS (v JSON PATH '$')) AS e
    WHERE ${isMember})`
}

/** The bytes decide, since the column's collation would take another label for the same. */
function hasLabel(column: RawBuilder<unknown>, value: Value): RawBuilder<boolean> {
  if (typeof value !== 'string' || value.includes(',')) return FALSE
  const bytes = sql`CAST(CONVERT(${column} USING utf8mb4) AS BINARY)`
  return sql<boolean>`coalesce(FIND_IN_SET(${Buffer.from(value)}, ${bytes}) > 0, FALSE)`
}

function memberTest(value: Value): RawBuilder<boolean> | null {
  switch (typeof value) {
    case 'string':
      return sql<boolean>`JSON_TYPE(e.v) = 'STRING'
        AND CAST(JSON_UNQUOTE(e.v) AS BINARY) = ${Buffer.from(value)}`
    case 'boolean':
      return sql<boolean>`JSON_TYPE(e.v) = 'BOOLEAN' AND CAST(e.v AS CHAR) = ${String(value)}`
    case 'number':
    case 'bigint':
      return numberTest(value)
    default:
      return null
  }
}

/** JSON's numbers are floating-point ones; an integer that is none of those is no member of anything. */
function numberTest(value: number | bigint): RawBuilder<boolean> | null {
  const number = Number(value)
  const isExact = Number.isFinite(number) && (typeof value === 'number' || BigInt(number) === value)
  if (!isExact) return null
  return sql<boolean>`JSON_TYPE(e.v) IN ('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER')
    AND CAST(CAST(e.v AS CHAR) AS DOUBLE) = ${number}`
}

/** The words as a FULLTEXT index knows them, each as the beginning of one. Letters and digits alone: none is an operator. */
export function wordMatch(column: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
  const words = indexedWords(text).map((word) => `+${word}*`)
  return words.length === 0
    ? FALSE
    : sql<boolean>`MATCH (${column}) AGAINST (${words.join(' ')} IN BOOLEAN MODE)`
}

/** The order of its index goes by letters without their case, of any that is looked for. */
export function isCaseless({ charset, collation }: Column): boolean {
  return charset === 'utf8mb4' && collation !== null && collation.endsWith('_ci')
}

export function textMatch(
  { type, indexing }: Field,
  column: RawBuilder<unknown>,
  operator: 'contains' | 'startsWith',
  text: string,
): RawBuilder<boolean> {
  const printed = type === 'text' || type === 'enum' ? column : sql`CAST(${column} AS CHAR)`
  const pattern = `${operator === 'contains' ? '%' : ''}${text.replace(/[|%_]/g, (wildcard) => `|${wildcard}`)}%`
  // not the backslash: whether it escapes in a text depends on a setting
  const matches = sql<boolean>`CONVERT(${printed} USING utf8mb4) ${WITHOUT_CASE} LIKE ${pattern} ESCAPE '|'`
  if (operator === 'contains' || !indexing?.begins) return matches
  // by the column's own collation, whose index finds the candidates
  return conjunction([sql`${column} LIKE ${pattern} ESCAPE '|'`, matches])
}
