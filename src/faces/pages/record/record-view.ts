/** What a record page shows, worked out before any of it is drawn. Pure. */

import type { RecordView } from '../../../gate/records.ts'
import { hasMembers } from '../../../model/members.ts'
import type { Field, Model, Relation } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import type { PolicyDocument } from '../../../policy/document.ts'
import { cellOf } from '../security/matrix.ts'
import { ruleSentence } from '../security/rule-words.ts'

/** The fields that are on the sheet: what may be read, masked ones too, in the model's order. */
export function shownFields(model: Model, record: RecordView): readonly Field[] {
  return model.fields.filter((field) => field.name in record.values || record.masked.includes(field.name))
}

/** Whether the record is marked as deleted, and so only in the trash. */
export function isInTrash(model: Model, record: RecordView): boolean {
  if (!model.softDelete) return false
  const mark = record.values[model.softDelete.field] ?? null
  return model.softDelete.kind === 'flag' ? mark === true : mark !== null
}

/** Whether the field's value needs the width of the sheet. */
export function isLongValue(field: Field, record: RecordView): boolean {
  const value = record.values[field.name] ?? null
  if (field.type === 'json' || field.type === 'bytes' || hasMembers(field)) return value !== null
  const text = typeof value === 'string' ? value : ''
  return text.length > 60 || text.includes('\n')
}

/**
 * The filters that list the records of a `many` relation, as they stand in an
 * address; null where a value they need may not be read.
 */
export function relatedFilters(
  model: Model,
  record: RecordView,
  relation: Relation,
): readonly string[] | null {
  const filters = relation.from.map((name, index) => {
    const field = fieldOf(model, name)
    const value = record.values[name] ?? null
    const text = field && value !== null ? textOf(field, value) : null
    return text === null ? null : `${relation.to[index] ?? name}:eq:${text}`
  })
  return filters.every((filter) => filter !== null) ? filters : null
}

/** What the aside says beside the key: when the record was made and changed, where it tells. */
export function momentsOf(model: Model, record: RecordView): readonly { label: string; field: Field }[] {
  const named = (pattern: RegExp): Field | undefined =>
    model.fields.find((field) => pattern.test(field.name) && typeof record.values[field.name] === 'string')
  const created = named(/^(created(_at|_on)?|createdat|create_date|inserted_at)$/i)
  const updated = named(/^(updated(_at|_on)?|updatedat|last_update|modified(_at|_on)?)$/i)
  return [
    ...(created ? [{ label: 'Created', field: created }] : []),
    ...(updated ? [{ label: 'Updated', field: updated }] : []),
  ]
}

/** Why this principal may read records of the model: the rules for the roles they hold, in words. */
export function accessReasons(
  document: PolicyDocument,
  roles: readonly string[],
  model: string,
): readonly { readonly role: string; readonly sentence: string; readonly id: string }[] {
  const seen = new Set<string>()
  return roles.flatMap((role) => {
    const { rules } = cellOf(document, role, `${model}.read`)
    return rules.flatMap((rule) => {
      if (seen.has(rule.id)) return []
      seen.add(rule.id)
      return [{ role: document.roles[role]?.title ?? role, sentence: ruleSentence(rule), id: rule.id }]
    })
  })
}
