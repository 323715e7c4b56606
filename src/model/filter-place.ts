/**
 * What a filter asks about: a field, a field behind a relation, or a place in
 * the JSON that a field holds. `status`, `customer.country`, `details$.size`.
 */

import { type JsonPath, readJsonPath, writeJsonPath } from './json-path.ts'
import { type Field, fieldOf, type Model, type Relation } from './model.ts'

export interface FilterPlace {
  /** The way from the records that are listed; null: the field is theirs. */
  readonly relation: Relation | null
  /** The model that the field is of. */
  readonly model: Model
  readonly field: Field
  /** Into the field's JSON; null: the field itself. */
  readonly path: JsonPath | null
}

/** What one principal may ask about, as the gate says. */
export interface Askable {
  readonly models: ReadonlyMap<string, Model>
  /** Names of fields of that model that it may filter by: those it reads on every record it reaches there. */
  queryable(model: string): ReadonlySet<string>
}

/**
 * The place of that name, where it is one that this principal may ask about; null: it is not there, may not
 * be read, or is not meant for filters, here or behind its relation. Nothing tells these apart.
 */
export function placeToAsk(model: Model, text: string, askable: Askable): FilterPlace | null {
  const place = placeIn(model, askable.models, text)
  return place && mayBeAsked(model, place, askable) ? place : null
}

/** How a field behind a relation is called: `customer.country`. */
export function behind(relation: Pick<Relation, 'name'>, field: Pick<Field, 'name'>): string {
  return `${relation.name}.${field.name}`
}

/** Whether conditions may go over this relation at all: what ties the records may itself be asked about. */
export function mayHop(model: Model, relation: Relation, { models, queryable }: Askable): boolean {
  const target = models.get(relation.target)
  if (!target || target.source !== model.source || relation.through) return false
  const isTiedBy = (one: Model, name: string): boolean =>
    queryable(one.name).has(name) && one.list.filters.includes(name)
  return (
    relation.from.every((name) => isTiedBy(model, name)) &&
    // the key of a record is no secret to whoever reads the foreign key; the other way round it is
    (relation.kind === 'one' || relation.to.every((name) => isTiedBy(target, name)))
  )
}

function mayBeAsked(model: Model, { relation, model: at, field }: FilterPlace, askable: Askable): boolean {
  const isOpen = askable.queryable(at.name).has(field.name) && at.list.filters.includes(field.name)
  return isOpen && (relation === null || mayHop(model, relation, askable))
}

/** A field of the record's own comes before one behind a relation, should both be called the same. */
function placeIn(model: Model, models: ReadonlyMap<string, Model>, text: string): FilterPlace | null {
  const own = fieldAt(model, text)
  if (own) return { relation: null, model, ...own }
  for (const relation of model.relations) {
    const target = models.get(relation.target)
    if (!target || !text.startsWith(`${relation.name}.`)) continue
    const there = fieldAt(target, text.slice(relation.name.length + 1))
    if (there) return { relation, model: target, ...there }
  }
  return null
}

function fieldAt(model: Model, text: string): Pick<FilterPlace, 'field' | 'path'> | null {
  const field = fieldOf(model, text)
  if (field) return { field, path: null }
  const at = text.indexOf('$')
  const holder = at > 0 ? fieldOf(model, text.slice(0, at)) : undefined
  const path = holder?.type === 'json' ? readJsonPath(text.slice(at)) : null
  // one text for one place
  return holder && path && writeJsonPath(path) === text.slice(at) ? { field: holder, path } : null
}
