/** One column as a field, with what the adapter keeps of it. */

import { humanise } from '../../model/label.ts'
import type { Choice, Field, Value } from '../../model/model.ts'
import { classify } from '../../model/sensitivity.ts'
import type { ColumnRow, TableRow } from './catalog.ts'
import { codecOf } from './codec.ts'
import type { Column } from './column.ts'
import { type ColumnType, columnTypeOf } from './column-type.ts'
import type { Ddl } from './ddl.ts'

export interface FieldSource {
  readonly row: TableRow
  readonly column: ColumnRow
  readonly ddl: Ddl
  /** In a primary or foreign key. */
  readonly isKey: boolean
  /** The first stored values, without NULLs. */
  readonly values: readonly unknown[]
  /** Columns in the table's primary key. */
  readonly primaryKeySize: number
}

/** Names that forms carry beside a record's fields; a column may not take them. */
const FORM_WORDS: ReadonlySet<string> = new Set([
  '_csrf',
  '_version',
  '_reason',
  '_ticket',
  '_confirmation',
  '_code',
])

export function fieldOfColumn(source: FieldSource): { readonly field: Field; readonly column: Column } {
  const { row, column: declared, ddl } = source
  const seen = columnTypeOf({
    name: declared.name,
    declared: declared.type,
    choices: ddl.choices.get(declared.name),
    checkedLength: ddl.maxLengths.get(declared.name),
    defaultValue: declared.dflt_value,
    isKey: source.isKey,
    isComputed: row.type === 'view',
    values: source.values,
  })
  const isRowId = numbersRows(source)
  const isNullable = declared.notnull === 0n && !isRowId && !(row.wr === 1n && declared.pk > 0n)
  const column: Column = {
    affinity: seen.affinity,
    isNullable,
    collation: ddl.collations.get(declared.name) ?? 'BINARY',
    form: seen.form,
  }
  const field = fieldWith(source, seen, isRowId, isNullable)
  return { column, field: { ...field, defaultValue: literalDefault(field, column, declared.dflt_value) } }
}

function fieldWith(source: FieldSource, seen: ColumnType, isRowId: boolean, isNullable: boolean): Field {
  const { column, row, ddl } = source
  const isGenerated = column.hidden === 2n || column.hidden === 3n
  return {
    name: isTaken(column.name) ? `${column.name}_` : column.name,
    column: column.name,
    label: humanise(column.name),
    help: null,
    type: seen.type,
    dbType: column.type,
    // SQLite lets NULL into most primary keys; nobody means it
    nullable: isNullable && column.pk === 0n,
    hasDefault: isRowId || !(column.dflt_value === null || /^\(*\s*NULL\s*\)*$/i.test(column.dflt_value)),
    defaultValue: null,
    generated: isGenerated,
    readonly: isGenerated || seen.type === 'opaque' || row.type === 'view',
    hidden: false,
    sensitivity: classify(column.name, seen.type),
    choices: seen.type === 'enum' ? choicesOf(ddl.choices.get(column.name) ?? []) : null,
    maxLength: seen.maxLength,
    scale: seen.scale,
    widget: null,
  }
}

/** Values are kept by field name in plain objects, where `constructor` and its like are always found. */
function isTaken(name: string): boolean {
  return FORM_WORDS.has(name) || name in Object.prototype
}

/** `INTEGER PRIMARY KEY` is another name for the row's number, which SQLite gives by itself. */
function numbersRows({ row, column, primaryKeySize }: FieldSource): boolean {
  const isAlone = column.pk === 1n && primaryKeySize === 1
  return isAlone && row.wr === 0n && column.type.toUpperCase() === 'INTEGER'
}

function choicesOf(values: readonly (string | bigint)[]): readonly Choice[] {
  return values.map((value) => ({ value: String(value), label: humanise(String(value)) }))
}

/** The value of a literal default; null for an expression, which only the database can compute. */
function literalDefault(field: Field, column: Column, text: string | null): Value {
  const literal =
    text
      ?.trim()
      .replace(/^\((.*)\)$/s, '$1')
      .trim() ?? ''
  const string = /^'((?:[^']|'')*)'$/s.exec(literal)?.[1]
  const raw = string === undefined ? numberOf(literal) : storedAs(column, string.replaceAll("''", "'"))
  if (raw === null) return null
  const value = codecOf(field, column).decode(raw)
  // a default that is no value of the type would only be refused by the form
  return typeof value === 'string' && field.type === 'bigint' ? null : value
}

function numberOf(literal: string): bigint | number | string | null {
  if (/^[+-]?\d{1,18}$/.test(literal)) return BigInt(literal.replace('+', ''))
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(literal)) return Number(literal)
  if (/^true$/i.test(literal)) return 1n
  return /^false$/i.test(literal) ? 0n : null
}

/** A column with a numeric affinity stores the text of a number as the number. */
function storedAs(column: Column, text: string): bigint | number | string {
  const number = column.affinity === 'text' || column.affinity === 'blob' ? null : numberOf(text)
  return number ?? text
}
