/** What tells one record of a table from another. */

import type { Field, Index } from '../../model/model.ts'
import type { CatalogTable } from '../catalog.ts'

/** The primary key, or else the first unique index over columns that are never NULL. */
export function keyOf(
  table: CatalogTable,
  fields: readonly Field[],
  indexes: readonly Index[],
): readonly string[] | null {
  const primary = primaryKey(table, fields)
  if (primary) return primary
  const required = new Set(
    table.columns.filter(({ isNullable }) => !isNullable).map(({ name }) => nameOf(fields, name)),
  )
  const usable = indexes.find((index) => isUsable(index, required))
  return usable ? namesOf(usable) : null
}

export function uniquesOf(
  table: CatalogTable,
  fields: readonly Field[],
  indexes: readonly Index[],
): readonly (readonly string[])[] {
  const primary = primaryKey(table, fields)
  const sets = indexes.filter(isSet).map(namesOf)
  const all = primary ? [primary, ...sets] : sets
  return all.filter((set, index) => all.findIndex((other) => other.join('\0') === set.join('\0')) === index)
}

/** Null too where the connected user may not read all of it. */
function primaryKey(table: CatalogTable, fields: readonly Field[]): readonly string[] | null {
  const names = table.primaryKey.map((column) => nameOf(fields, column))
  const known = names.filter((name) => name !== undefined)
  return known.length > 0 && known.length === names.length ? known : null
}

function isUsable(index: Index, required: ReadonlySet<string | undefined>): boolean {
  return isSet(index) && index.fields.every((name) => name !== null && required.has(name))
}

/** Without a condition and over columns alone: no two records may have the same values there. */
function isSet(index: Index): boolean {
  return index.unique && !index.partial && !index.fields.includes(null)
}

function namesOf(index: Index): readonly string[] {
  return index.fields.filter((name) => name !== null)
}

function nameOf(fields: readonly Field[], column: string): string | undefined {
  return fields.find((field) => field.column === column)?.name
}
