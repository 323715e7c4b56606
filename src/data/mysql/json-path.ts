/** What stands at a path within the JSON that a column holds, for filters. */

import { type RawBuilder, sql } from 'kysely'
import type { JsonPath } from '../../model/json-path.ts'
import type { Field } from '../../model/model.ts'
import type { JsonPredicate } from '../../model/predicate.ts'
import { conjunction } from '../sql/dialect.ts'
import { quotedPath } from '../sql/json-path.ts'
import { textMatch } from './condition.ts'

/** Numbers and truths are taken as they are written, texts as they read. */
export function jsonTest(
  field: Field,
  column: RawBuilder<unknown>,
  path: JsonPath,
  test: JsonPredicate,
): RawBuilder<boolean> {
  const document = sql`CASE WHEN JSON_VALID(${column}) THEN ${column} END`
  const at = (steps: JsonPath): RawBuilder<unknown> => sql`JSON_EXTRACT(${document}, ${quotedPath(steps)})`
  // the server takes what is no array for an array of one
  const arrays = path.flatMap((step, index) =>
    typeof step === 'number' ? [sql`JSON_TYPE(${at(path.slice(0, index))}) = 'ARRAY'`] : [],
  )
  const node = at(path)
  if (test.kind === 'jsonPresent') {
    return sql<boolean>`COALESCE(${conjunction([...arrays, sql`JSON_TYPE(${node}) <> 'NULL'`])}, 0)`
  }
  const isScalar = sql`JSON_TYPE(${node}) NOT IN ('OBJECT', 'ARRAY', 'NULL')`
  const text = sql`(CASE WHEN ${conjunction([...arrays, isScalar])} THEN JSON_UNQUOTE(${node}) END)`
  const matches =
    test.operator === 'eq'
      ? sql<boolean>`CAST(CONVERT(${text} USING utf8mb4) AS BINARY) = ${Buffer.from(test.value)}`
      : textMatch({ ...field, type: 'text' }, text, test.operator, test.value)
  return sql<boolean>`COALESCE(${matches}, 0)`
}
