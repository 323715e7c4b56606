/**
 * What the columns of Castellan's own tables hold, on every engine.
 *
 * They are declared with the plainest types there are, so that one migration
 * serves all engines; their names say the rest.
 */

import type { FieldType } from '../../model/model.ts'
import type { CatalogColumn, CatalogTable } from '../catalog.ts'

const JSON_COLUMNS: ReadonlySet<string> = new Set(['methods', 'attributes', 'actions'])

/** The type that the name of an own column says it has, or null: what the engine declares. */
export function ownType(column: string): Extract<FieldType, 'timestamptz' | 'bool' | 'json'> | null {
  if (column.endsWith('_at')) return 'timestamptz'
  if (column.startsWith('is_')) return 'bool'
  return JSON_COLUMNS.has(column) ? 'json' : null
}

export function asOwn(table: CatalogTable): CatalogTable {
  const columns = table.columns.map(
    (column): CatalogColumn => ({ ...column, type: ownType(column.name) ?? column.type }),
  )
  return { ...table, columns }
}
