/** The columns of a table as fields. */

import { choiceLabel, humanise } from '../../model/label.ts'
import type { Field } from '../../model/model.ts'
import { classify } from '../../model/sensitivity.ts'
import type { CatalogColumn, CatalogTable } from '../catalog.ts'

/** Names that forms carry beside a record's fields; a column may not take them. */
const FORM_WORDS: ReadonlySet<string> = new Set([
  '_csrf',
  '_version',
  '_reason',
  '_ticket',
  '_confirmation',
  '_code',
])

export function fieldsOf(table: CatalogTable): readonly Field[] {
  const taken = new Set(table.columns.map(({ name }) => name).filter((name) => !isTaken(name)))
  return table.columns.map((column) => {
    const name = isTaken(column.name) ? freeName(column.name, taken) : column.name
    taken.add(name)
    return fieldOf(table, column, name)
  })
}

function fieldOf(
  { kind, name: table, primaryKey }: CatalogTable,
  column: CatalogColumn,
  name: string,
): Field {
  const { type } = column
  return {
    name,
    column: column.name,
    label: humanise(column.name),
    help: column.comment,
    type,
    dbType: column.dbType,
    // SQLite lets NULL into most primary keys; nobody means it
    nullable: column.isNullable && !primaryKey.includes(column.name),
    hasDefault: column.hasDefault,
    defaultValue: column.defaultValue,
    generated: column.isGenerated,
    readonly: column.isGenerated || !column.isWritable || isOnlyShown(column) || kind === 'view',
    hidden: false,
    sensitivity: classify(column.name, type, table),
    choices: column.choices?.map((value) => ({ value, label: choiceLabel(value) })) ?? null,
    maxLength: column.maxLength,
    scale: column.scale,
    ...(column.element && { element: column.element }),
    ...(column.spanHours !== undefined && { spanHours: column.spanHours }),
    widget: null,
  }
}

/** Values are kept by field name in plain objects, where `constructor` and its like are always found. */
function isTaken(name: string): boolean {
  return FORM_WORDS.has(name) || name in Object.prototype
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const next = `${name}_`
  return taken.has(next) ? freeName(next, taken) : next
}

/** Nobody but the source can say what its text would have to be. */
function isOnlyShown({ type, element }: CatalogColumn): boolean {
  return type === 'opaque' || element?.type === 'opaque'
}
