/** The records that the relation widgets of a form offer. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { Field, Model, Relation } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'
import { readPart } from '../ask.ts'
import { isPossible, type PageContext } from '../context.ts'
import { pickedRelation } from '../fields/widget.ts'
import type { PickerOptions } from '../fields/widget-props.ts'
import { modelPath } from './paths.ts'

/** Above this many a list is no help; the widget takes a key and scripts search. */
export const MAX_OPTIONS = 200

/** By field name, for the fields that lead to records which may be listed. */
export async function pickersFor(
  page: PageContext,
  model: Model,
  fields: readonly Field[],
  record: RecordView | null,
): Promise<ReadonlyMap<string, PickerOptions>> {
  const pairs = await Promise.all(
    fields.map(async (field): Promise<readonly [string, PickerOptions][]> => {
      const relation = pickedRelation(model, field)
      const target = relation && page.house.gate.models.get(relation.target)
      if (!relation || !target || !isPossible(page, `${target.name}.list`)) return []
      const picker = await pickerFor(page, relation, target, record)
      return picker ? [[field.name, picker]] : []
    }),
  )
  return new Map(pairs.flat())
}

async function pickerFor(
  page: PageContext,
  relation: Relation,
  target: Model,
  record: RecordView | null,
): Promise<PickerOptions | null> {
  const by = fieldOf(target, relation.to[0] ?? '')
  if (!by) return null
  const list = await readPart<RecordList>(page, {
    action: `${target.name}.list`,
    input: { fields: [by.name], limit: MAX_OPTIONS },
  })
  if (!list) return null
  const path = page.url(modelPath(target.name))
  return {
    source: `${path}/~options?by=${encodeURIComponent(by.name)}`,
    options: list.page.next === null ? optionsOf(by, list.records) : null,
    current: record?.related[relation.name]?.title ?? null,
    listHref: path,
    label: target.labelPlural.toLowerCase(),
  }
}

function optionsOf(by: Field, records: readonly RecordView[]): readonly { value: string; label: string }[] {
  return records.flatMap((record) => {
    const value = textOf(by, record.values[by.name] ?? null)
    return value === null ? [] : [{ value, label: record.title }]
  })
}
