/** One column as the catalog tells it, with what the adapter keeps of it. */

import type { Value } from '../../model/model.ts'
import type { CatalogColumn } from '../catalog.ts'
import { codecOf } from './codec.ts'
import type { Column } from './column.ts'
import { type ColumnType, columnTypeOf } from './column-type.ts'
import type { Ddl } from './ddl.ts'
import type { ColumnRow, TableRow } from './rows.ts'

export interface ColumnSource {
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

export interface KnownColumn {
  readonly described: CatalogColumn
  readonly column: Column
}

export function columnOfRow(source: ColumnSource): KnownColumn {
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
  const column: Column = {
    affinity: seen.affinity,
    isNullable: declared.notnull === 0n && !isRowId && !(row.wr === 1n && declared.pk > 0n),
    collation: ddl.collations.get(declared.name) ?? 'BINARY',
    form: seen.form,
  }
  const described = describedColumn(source, seen, isRowId, column.isNullable)
  const defaultValue = literalDefault(described, column, declared.dflt_value)
  return { column, described: { ...described, defaultValue } }
}

function describedColumn(
  { column, row, ddl }: ColumnSource,
  seen: ColumnType,
  isRowId: boolean,
  isNullable: boolean,
): CatalogColumn {
  return {
    name: column.name,
    type: seen.type,
    dbType: column.type,
    isNullable,
    hasDefault: isRowId || !(column.dflt_value === null || /^\(*\s*NULL\s*\)*$/i.test(column.dflt_value)),
    defaultValue: null,
    isGenerated: column.hidden === 2n || column.hidden === 3n,
    isWritable: row.type === 'table',
    comment: null,
    maxLength: seen.maxLength,
    scale: seen.scale,
    choices: seen.type === 'enum' ? (ddl.choices.get(column.name) ?? []).map(String) : null,
  }
}

/** `INTEGER PRIMARY KEY` is another name for the row's number, which SQLite gives by itself. */
function numbersRows({ row, column, primaryKeySize }: ColumnSource): boolean {
  const isAlone = column.pk === 1n && primaryKeySize === 1
  return isAlone && row.wr === 0n && column.type.toUpperCase() === 'INTEGER'
}

/** The value of a literal default; null for an expression, which only the database can compute. */
function literalDefault(described: CatalogColumn, column: Column, text: string | null): Value {
  const literal =
    text
      ?.trim()
      .replace(/^\((.*)\)$/s, '$1')
      .trim() ?? ''
  const string = /^'((?:[^']|'')*)'$/s.exec(literal)?.[1]
  const raw = string === undefined ? numberOf(literal) : storedAs(column, string.replaceAll("''", "'"))
  if (raw === null) return null
  const value = codecOf(described, column).decode(raw)
  // a default that is no value of the type would only be refused by the form
  return typeof value === 'string' && described.type === 'bigint' ? null : value
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
