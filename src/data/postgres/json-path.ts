/** What stands at a path within the JSON that a column holds, for filters. */

import { type RawBuilder, sql } from 'kysely'
import type { JsonPath } from '../../model/json-path.ts'
import type { JsonPredicate } from '../../model/predicate.ts'
import { FALSE } from '../sql/dialect.ts'
import { quotedPath } from '../sql/json-path.ts'
import type { Column } from './column.ts'
import { textContains } from './condition.ts'

/** Numbers and truths are taken as they are written, texts as they read. */
export function jsonTest(
  column: Column,
  expression: RawBuilder<unknown>,
  path: JsonPath,
  test: JsonPredicate,
): RawBuilder<boolean> {
  const document = documentOf(column, expression)
  if (!document) return FALSE
  // strict: what is no array is not taken for an array of one
  const node = sql`jsonb_path_query_first(${document}, ${`strict ${quotedPath(path)}`}::jsonpath, '{}', true)`
  if (test.kind === 'jsonPresent') return sql<boolean>`coalesce(jsonb_typeof(${node}) <> 'null', false)`
  if (test.value.includes('\0')) return FALSE
  const text = sql`(CASE WHEN jsonb_typeof(${node}) IN ('string', 'number', 'boolean') THEN ${node} #>> '{}' END)`
  const matches =
    test.operator === 'eq'
      ? sql<boolean>`${text} COLLATE "C" = ${test.value}`
      : textContains(text, test.operator, test.value)
  return sql<boolean>`coalesce(${matches}, false)`
}

/** As `jsonb`; of `json` only what that can hold: no character of the code 0, no half of a pair, no number without end. */
function documentOf({ base, isArray }: Column, expression: RawBuilder<unknown>): RawBuilder<unknown> | null {
  if (isArray) return sql`to_jsonb(${expression})`
  if (base === 'jsonb') return expression
  if (base !== 'json') return null
  const withoutPairs = sql`regexp_replace(${expression}::text,
    '\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g')`
  return sql`CASE WHEN ${withoutPairs} ~ '\\\\u(0000|[dD][89a-fA-F])|[0-9][eE][+-]?[0-9]{4}'
    THEN NULL ELSE ${expression}::jsonb END`
}
