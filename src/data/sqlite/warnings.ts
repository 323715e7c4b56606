/** What an owner should know of a database that could not be taken in whole. */

import type { Model } from '../../model/model.ts'
import type { Warning } from '../data-source.ts'
import type { Catalog } from './catalog.ts'

/** Models of ours have such names; a table of the application may not pass for one. */
export const OWN_MODELS = 'castellan.'

/** @param isWanted Which tables were to be taken in at all. */
export function warningsOf(
  catalog: Catalog,
  models: readonly Model[],
  isWanted: (name: string) => boolean,
): readonly Warning[] {
  return [
    ...catalog.tables
      .filter(({ name, type }) => isWanted(name) && type === 'virtual')
      .map(({ name }) => warning('virtual-table', name, 'Virtual tables are left out.')),
    ...catalog.tables
      .filter(({ name }) => name.startsWith(OWN_MODELS))
      .map(({ name }) =>
        warning('reserved-name', name, `Names that begin with "${OWN_MODELS}" are left out.`),
      ),
    ...catalog.brokenViews
      .filter(isWanted)
      .map((name) => warning('broken-view', name, 'The view can not be read.')),
    ...models.filter(({ kind }) => kind === 'table').flatMap(warningsOfModel),
    ...warningsOfWhole(catalog, models, isWanted),
  ]
}

function warningsOfModel(model: Model): readonly Warning[] {
  const keyless = 'Without a key its records can be listed, but not opened or changed.'
  return [
    ...(model.key ? [] : [warning('no-key', model.name, keyless)]),
    ...model.fields
      .filter(({ type }) => type === 'opaque')
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

function warningsOfWhole(
  catalog: Catalog,
  models: readonly Model[],
  isWanted: (name: string) => boolean,
): readonly Warning[] {
  if (models.length === 0) return [warning('no-tables', null, 'The database has no tables.')]
  const hasSeveral = models.filter(({ kind }) => kind === 'table').length > 1
  if (!hasSeveral || catalog.foreignKeys.some(({ tbl }) => isWanted(tbl))) return []
  return [warning('no-foreign-keys', null, 'No table declares a foreign key, so no relations are known.')]
}

function warning(code: string, model: string | null, detail: string): Warning {
  return { code, model, field: null, detail }
}
