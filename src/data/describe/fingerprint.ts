/** One text for the shape of all tables, to see that it changed. */

import { createHash } from 'node:crypto'
import type { CatalogTable } from '../catalog.ts'

/**
 * SHA-256 (FIPS 180-4) over the tables, columns, keys and constraints. Neither
 * records nor rights nor comments change it, nor does a type that was only seen
 * from the stored values.
 */
export function fingerprintOf(tables: readonly CatalogTable[]): string {
  const shapes = tables.map(
    ({ schema, name, kind, columns, primaryKey, indexes, foreignKeys, definition }) => [
      schema,
      name,
      kind,
      columns.map((column) => [
        column.name,
        column.dbType,
        column.isNullable,
        column.hasDefault,
        column.isGenerated,
        column.maxLength,
        column.scale,
        column.choices,
      ]),
      primaryKey,
      indexes.map((index) => [index.name, index.columns, index.isUnique, index.isPartial]),
      foreignKeys.map((key) => [
        key.columns,
        key.targetSchema,
        key.targetTable,
        key.targetColumns,
        key.onDelete,
      ]),
      definition,
    ],
  )
  return createHash('sha256').update(JSON.stringify(shapes)).digest('hex')
}
