/** What stands at a path within the JSON that a column holds, for filters. */

import { type RawBuilder, sql } from 'kysely'
import type { JsonPath } from '../../model/json-path.ts'
import type { Field } from '../../model/model.ts'
import type { JsonPredicate } from '../../model/predicate.ts'
import { quotedPath } from '../sql/json-path.ts'
import { textMatch } from './condition.ts'

/** Numbers and truths are taken as they are written, texts as they read. */
export function jsonTest(
  field: Field,
  column: RawBuilder<unknown>,
  path: JsonPath,
  test: JsonPredicate,
): RawBuilder<boolean> {
  const document = sql`CASE WHEN json_valid(${column}) THEN ${column} END`
  const at = quotedPath(path)
  const type = sql`json_type(${document}, ${at})`
  if (test.kind === 'jsonPresent') return sql<boolean>`coalesce(${type} <> 'null', 0)`
  const text = sql`CASE WHEN ${type} = 'text' THEN json_extract(${document}, ${at})
    WHEN ${type} IN ('integer', 'real', 'true', 'false') THEN ${document} -> ${at} END`
  const matches =
    test.operator === 'eq'
      ? sql<boolean>`(${text}) = ${test.value}`
      : textMatch({ ...field, type: 'text' }, sql`(${text})`, test.operator, test.value)
  return sql<boolean>`coalesce(${matches}, 0)`
}
