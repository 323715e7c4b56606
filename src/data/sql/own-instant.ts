/**
 * Instants in Castellan's own tables on engines that have a type for them: there
 * they are text all the same, in RFC 3339, UTC, with a fixed number of digits,
 * so that they are the same bytes on every engine. Their text sorts by time.
 */

import { type RawBuilder, sql } from 'kysely'
import { canonicalTimestamp } from '../../model/instant.ts'
import type { Field, Value } from '../../model/model.ts'
import { type Codec, FALSE, type SqlOperator, TRUE } from './dialect.ts'

/** The events of the log say when to the microsecond, everything else to the millisecond. */
const MICROSECONDS: ReadonlySet<string> = new Set(['occurred_at'])

/** How such a column is read and compared; null for a field that is no instant. */
export function ownInstantCodec(field: Field): Codec | null {
  if (field.type !== 'timestamptz') return null
  const digits = MICROSECONDS.has(field.column) ? 6 : 3
  return {
    isNullable: field.nullable,
    select: (expression) => expression,
    decode: (raw) => (typeof raw === 'string' ? (canonicalTimestamp(raw, 'utc') ?? raw) : null),
    encode: (value) => (value === null ? null : stored(String(value), digits).text),
    compare: (expression, operator, value) => compared(expression, operator, value, digits),
    among: () => null,
    order: (expression) => expression,
  }
}

function compared(
  expression: RawBuilder<unknown>,
  operator: SqlOperator,
  value: Value,
  digits: number,
): RawBuilder<boolean> {
  const canonical = typeof value === 'string' ? canonicalTimestamp(value, 'utc') : null
  if (canonical === null) return operator === '<>' && typeof value === 'string' ? TRUE : FALSE
  const { text, isExact } = stored(canonical, digits)
  if (isExact) return sql<boolean>`${expression} ${sql.raw(operator)} ${text}`
  // a moment between two that the column can hold: `text` is the one before it
  if (operator === '=' || operator === '<>') return operator === '=' ? FALSE : TRUE
  return sql<boolean>`${expression} ${sql.raw(operator.startsWith('<') ? '<=' : '>')} ${text}`
}

/** The column's text of the last moment that is not after the given one, and whether it is that one. */
function stored(instant: string, digits: number): { readonly text: string; readonly isExact: boolean } {
  const [whole = '', fraction = ''] = instant.replace(/Z$/, '').split('.')
  const kept = fraction.slice(0, digits).padEnd(digits, '0')
  return { text: `${whole}.${kept}Z`, isExact: /^0*$/.test(fraction.slice(digits)) }
}
