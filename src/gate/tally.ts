/**
 * The values that a filter over a field can take, and how many records have each:
 * of those in force, within the scope of whoever asks.
 *
 * For fields whose values are few and known: truths, choices, and relations to a
 * model of few records. Of the other model only records are named that could be
 * listed there.
 */

import type { Reader } from '../data/data-source.ts'
import { type Field, fieldOf, type Model, relationThrough, type Value } from '../model/model.ts'
import { parseValue } from '../model/parse.ts'
import { EVERYTHING, type Predicate } from '../model/predicate.ts'
import type { Filtering } from './filtered.ts'
import { queryableFields } from './grant.ts'
import type { FieldTally } from './records.ts'
import { titleOf } from './view.ts'

/** More values than this are no choice to pick from. */
const MOST_VALUES = 50
/** Records that are looked at. */
const CAP = 10_000

interface Known {
  readonly value: Value
  readonly label: string
}

/** @param where What is in force beside the field itself. Null: the field has no few and known values. */
export async function tallyOf(
  filtering: Filtering & { readonly reader: Reader },
  name: string,
  where: Predicate,
): Promise<FieldTally | null> {
  const { reader, model, models, access } = filtering
  const field = fieldOf(model, name)
  const known = field && (await valuesOf(filtering, model, field))
  if (!field || !known) return null
  const named = field.nullable ? [...known, { value: null, label: 'None' }] : known
  const values = named.map(({ value }) => value)
  const { counts, isWhole } = await reader.tally({
    model,
    models,
    scope: access.scope,
    where,
    field: name,
    values,
    cap: CAP,
  })
  return { field: name, isWhole, values: named.map((one, index) => ({ ...one, count: counts[index] ?? 0 })) }
}

async function valuesOf(
  filtering: Filtering & { readonly reader: Reader },
  model: Model,
  field: Field,
): Promise<readonly Known[] | null> {
  if (field.type === 'bool') {
    return [
      { value: true, label: 'Yes' },
      { value: false, label: 'No' },
    ]
  }
  if (field.choices) {
    if (field.choices.length > MOST_VALUES) return null
    return field.choices.flatMap(({ value, label }) => {
      const parsed = parseValue(field, value)
      return parsed.ok ? [{ value: parsed.value, label }] : []
    })
  }
  return await recordsBehind(filtering, model, field)
}

/** The records that the field can lead to, where they are few. */
async function recordsBehind(
  { reader, models, grant }: Filtering & { readonly reader: Reader },
  model: Model,
  field: Field,
): Promise<readonly Known[] | null> {
  const relation = relationThrough(model, field.name)
  const target = relation && models.get(relation.target)
  const [to] = relation?.to ?? []
  if (!target || to === undefined || target.isLarge) return null
  const access = grant.access(`${target.name}.list`)
  const queryable = new Set(access.isPossible ? queryableFields(target, access) : [])
  if (!queryable.has(to)) return null
  const titles = target.title.filter((name) => queryable.has(name))
  const page = await reader.list({
    model: target,
    models,
    scope: access.scope,
    where: EVERYTHING,
    fields: [...new Set([to, ...titles, ...(target.key ?? [])])],
    sort: titles.slice(0, 1).map((name) => ({ field: name, direction: 'asc' })),
    limit: MOST_VALUES + 1,
    from: null,
    count: 'none',
  })
  if (page.records.length > MOST_VALUES) return null
  return page.records.map((values) => ({
    value: values[to] ?? null,
    label: titleOf(target, values, queryable),
  }))
}
