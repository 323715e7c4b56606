/** What a source lets anyone do with the records of a table, before any policy. */

import type { Model, Writable } from '../../model/model.ts'
import type { CatalogTable } from '../catalog.ts'

/** Why a view can't be written; engines say it of theirs. */
export const VIEW_REASON = 'This is a view: its records come from other tables.'

const NOTHING = { create: false, update: false, delete: false }

export function writableOf(table: CatalogTable, model: Model, isReadOnly: boolean): Writable {
  if (isReadOnly) return { ...NOTHING, reason: 'The database can only be read.' }
  const { insert, update, delete: remove } = table.rights
  if (!insert && !update && !remove) return { ...NOTHING, reason: table.rightsReason }
  if (!model.key) {
    const keyless = 'The table has no key, so its records can not be told apart.'
    return { ...NOTHING, create: insert && !missing(model, table), reason: keyless }
  }
  const column = insert ? missing(model, table) : null
  const reason = column === null ? null : `A new record needs "${column}", which can not be written here.`
  return {
    create: insert && column === null,
    update,
    delete: remove,
    reason: table.rightsReason ?? reason,
  }
}

/** A column that every new record must have and that nobody can give it from here. */
function missing({ fields }: Model, { hasInsertTrigger }: CatalogTable): string | null {
  if (hasInsertTrigger) return null
  const field = fields.find(
    ({ readonly, generated, nullable, hasDefault }) => readonly && !generated && !nullable && !hasDefault,
  )
  return field?.column ?? null
}
