/** What an owner should know of a database that could not be taken in whole. */

import type { Catalog } from '../catalog.ts'
import type { Warning } from '../data-source.ts'
import type { Draft } from './draft.ts'
import { nameOf } from './name.ts'

interface Found {
  readonly drafts: readonly Draft[]
  /** Tables whose names can't be taken. */
  readonly refused: readonly Warning[]
  /** Foreign keys that lead nowhere. */
  readonly broken: readonly Warning[]
  readonly prefix: string
}

export function warningsOf(catalog: Catalog, { drafts, refused, broken, prefix }: Found): readonly Warning[] {
  return [
    ...catalog.leftOut.map((table) => warning(table.code, nameOf(prefix, table), table.detail)),
    ...refused,
    ...catalog.notes.map(({ table, column, code, detail }) => ({
      ...warning(code, table && nameOf(prefix, table), detail),
      field: column,
    })),
    ...broken,
    ...drafts.flatMap((draft) => warningsOfTable(draft, catalog)),
    ...warningsOfWhole(catalog, drafts),
  ]
}

function warningsOfTable({ table, model }: Draft, { notes }: Catalog): readonly Warning[] {
  if (table.kind === 'view') return []
  const isExplained = notes.some(
    ({ code, table: about }) =>
      code === 'inherited' && about?.name === table.name && about.schema === table.schema,
  )
  const keyless = 'Without a key its records can be listed, but not opened or changed.'
  return [
    ...(model.key || isExplained ? [] : [warning('no-key', model.name, keyless)]),
    ...model.fields
      .filter(({ type, element }) => type === 'opaque' || element?.type === 'opaque')
      .map(({ name, dbType }) => ({
        ...warning(
          'unknown-type',
          model.name,
          `The type "${dbType}" is shown as text and can not be written.`,
        ),
        field: name,
      })),
  ]
}

function warningsOfWhole({ leftOut }: Catalog, drafts: readonly Draft[]): readonly Warning[] {
  if (drafts.length === 0 && leftOut.length === 0)
    return [warning('no-tables', null, 'The database has no tables.')]
  const tables = drafts.map(({ table }) => table).filter(({ kind }) => kind === 'table')
  if (tables.length < 2 || tables.some(({ foreignKeys }) => foreignKeys.length > 0)) return []
  return [warning('no-foreign-keys', null, 'No table declares a foreign key, so no relations are known.')]
}

function warning(code: string, model: string | null, detail: string): Warning {
  return { code, model, field: null, detail }
}
