/**
 * Values of fields in PostgreSQL columns.
 *
 * Reading never fails: what does not fit its field's type, as after a change of
 * the column, is given as text. Comparing means the same as `model/holds.ts`,
 * byte by byte, whatever the column's collation; the column's own index serves
 * wherever that allows. Writing refuses what the column would change.
 */

import { sql } from 'kysely'
import { readerNamed } from '../../database/postgres/answer.ts'
import { canonicalDecimal } from '../../model/decimal.ts'
import { type Member, memberField, textOfMembers } from '../../model/members.ts'
import type { Field, FieldType, Value } from '../../model/model.ts'
import type { Codec } from '../sql/dialect.ts'
import { printed } from '../sql/raw.ts'
import { type ArrayText, readArray } from './array-literal.ts'
import type { Column } from './column.ts'
import { among, compared } from './compare.ts'
import { delimiterOf, printedBy } from './printed.ts'
import { readMoment, type TemporalType } from './temporal.ts'
import { written } from './write.ts'

export function codecOf(field: Field, column: Column): Codec {
  const read = READERS[field.type]
  return {
    isNullable: column.isNullable,
    select: (expression) => expression,
    // the length of what is stored out of line is known without reading it
    ...(field.type === 'bytes' && { measure: (expression) => sql`octet_length(${expression})` }),
    decode: (raw) => (raw === null || raw === undefined ? null : (read(raw, field, column) ?? printed(raw))),
    encode: (value) => (value === null ? null : written(field, column, value)),
    compare: (expression, operator, value) => compared(field, column, expression, operator, value),
    among: (expression, values) => among(field, column, expression, values),
    compares: served(field, column),
    ...(column.isComposite && { presence: (expression) => printedBy(column, expression) }),
    order: (expression) => (column.isOrdered ? expression : printedBy(column, expression)),
  }
}

/** Texts are ordered by their bytes here, and numbers of 32 bits by what they print. */
function served(field: Field, column: Column): 'range' | 'equal' | 'none' {
  if (column.isArray || field.type === 'json' || field.type === 'opaque') return 'none'
  // of the others no text is certain to be one of the type
  if (field.type === 'native') return column.base === 'inet' ? 'equal' : 'none'
  if (field.type === 'float') return column.base === 'float4' ? 'equal' : 'range'
  if (field.type !== 'text' && field.type !== 'enum') return 'range'
  const isText = column.base === 'text' || column.base === 'varchar'
  if (isText && column.collation === 'bytes') return 'range'
  return isText || column.labels !== null || column.base === 'bpchar' || column.collation === 'loose'
    ? 'equal'
    : 'none'
}

type Reader = (raw: unknown, field: Field, column: Column) => Value

const READERS: Readonly<Record<FieldType, Reader>> = {
  int: (raw) => (typeof raw === 'bigint' ? Number(raw) : null),
  bigint: (raw) => (typeof raw === 'bigint' ? raw : null),
  decimal: (raw, field) => (typeof raw === 'string' ? readDecimal(raw, field) : null),
  float: (raw) => (typeof raw === 'number' ? raw : null),
  bool: (raw) => (raw === 0n || raw === 1n ? raw === 1n : null),
  text: readText,
  enum: readText,
  uuid: readText,
  date: momentReader('date'),
  time: momentReader('time'),
  timestamp: momentReader('timestamp'),
  timestamptz: momentReader('timestamptz'),
  json: readText,
  bytes: (raw) => (raw instanceof Uint8Array ? raw : null),
  array: readList,
  set: () => null,
  native: readText,
  opaque: readText,
}

/** What is no member of its type is the text that it prints. */
function readList(raw: unknown, field: Field, column: Column): string | null {
  const members = typeof raw === 'string' ? readArray(raw, delimiterOf(column)) : null
  if (!members) return null
  const one = memberField(field)
  const memberColumn = { ...column, isArray: false }
  const decoded = (member: ArrayText): Member => {
    if (member === null) return null
    if (typeof member !== 'string') return member.map(decoded)
    return READERS[one.type](readerNamed(column.base)(member), one, memberColumn) ?? member
  }
  return textOfMembers(members.map(decoded))
}

/** A number as PostgreSQL prints it has exactly the digits of its scale; others are brought into form. */
function readDecimal(raw: string, { scale }: Field): string | null {
  return canonicalDecimal(raw, scale) ?? canonicalDecimal(raw, null)
}

/** The spaces at the end of a `char(n)` are padding. */
function readText(raw: unknown, _: Field, { base }: Column): string | null {
  if (typeof raw !== 'string') return null
  return base === 'bpchar' ? raw.replace(/ +$/, '') : raw
}

function momentReader(type: TemporalType): Reader {
  return (raw) => (typeof raw === 'string' ? readMoment(type, raw) : null)
}
