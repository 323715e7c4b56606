/**
 * The declared ways between tables: a `one` for each foreign key, a `many` back, and a `many-to-many` for each side
 * of a table of links.
 */

import { humanise, singular } from '../../model/label.ts'
import type { Model, Relation } from '../../model/model.ts'
import type { Catalog, CatalogForeignKey } from '../catalog.ts'
import type { Warning } from '../data-source.ts'
import type { Draft } from './draft.ts'
import { freeName } from './free-name.ts'
import { addLinks } from './links.ts'

/** One foreign key between two models, by field names. */
interface Way {
  readonly here: Model
  readonly there: Model
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly onDelete: Relation['onDelete']
}

/** A foreign key that leads nowhere is left out with a warning. */
export function relationsOf(
  drafts: readonly Draft[],
  { leftOut }: Catalog,
): { readonly relations: ReadonlyMap<Model, readonly Relation[]>; readonly warnings: readonly Warning[] } {
  const relations = new Map<Model, Relation[]>(drafts.map(({ model }) => [model, []]))
  const warnings: Warning[] = []
  const added: Added[] = []
  const places = Map.groupBy(drafts, ({ table }) => placeOf(table.schema, table.name))
  for (const { table, model } of drafts) {
    for (const key of table.foreignKeys) {
      const way = wayOf(places, model, key)
      if (way) added.push(...addOne(relations.get(model) ?? [], way))
      else warnings.push(broken(model, key, leftOut))
    }
  }
  for (const one of added) addMany(relations.get(one.way.there) ?? [], one)
  addLinks(relations)
  return { relations, warnings }
}

interface Added {
  readonly way: Way
  readonly name: string
  readonly label: string
}

function addOne(list: Relation[], way: Way): readonly Added[] {
  if (list.some((known) => isSameWay(known, way))) return []
  const { here, there, from, to, onDelete } = way
  const names = oneNames(way)
  const name = freeName(here, list, names)
  const label = from.length === 1 ? humanise(names[0] ?? name) : humanise(name)
  list.push({ name, label, kind: 'one', target: there.name, from, to, onDelete })
  return [{ way, name, label }]
}

function addMany(list: Relation[], { way, name: one, label: oneLabel }: Added): void {
  const { here, there, from, to, onDelete } = way
  const name = freeName(there, list, [here.table, `${here.table}_by_${one}`])
  const label = name === here.table ? here.labelPlural : `${here.labelPlural} by ${oneLabel.toLowerCase()}`
  list.push({ name, label, kind: 'many', target: here.name, from: to, to: from, onDelete })
}

function wayOf(places: Places, here: Model, key: CatalogForeignKey): Way | null {
  const there = targetOf(places, key)
  if (!there) return null
  const from = key.columns.map((column) => fieldNamed(here, column))
  const to = key.targetColumns ? key.targetColumns.map((column) => fieldNamed(there, column)) : there.key
  const known = (names: readonly (string | undefined)[] | null): names is readonly string[] =>
    names !== null && !names.includes(undefined)
  if (!known(from) || !known(to) || from.length !== to.length) return null
  return { here, there, from, to, onDelete: key.onDelete }
}

/** Some engines compare names without regard to case; what is spelled alike goes first. */
function targetOf(places: Places, key: CatalogForeignKey): Model | undefined {
  const near = places.get(placeOf(key.targetSchema, key.targetTable)) ?? []
  return (near.find(({ table }) => table.name === key.targetTable) ?? near[0])?.model
}

/** Tables whose names differ in case alone share one. */
type Places = ReadonlyMap<string, readonly Draft[]>

function placeOf(schema: string | null, table: string): string {
  return JSON.stringify([schema, table.toLowerCase()])
}

function fieldNamed({ fields }: Model, column: string): string | undefined {
  const near = fields.filter((field) => field.column.toLowerCase() === column.toLowerCase())
  return (near.find((field) => field.column === column) ?? near[0])?.name
}

function broken(model: Model, key: CatalogForeignKey, leftOut: Catalog['leftOut']): Warning {
  const target = leftOut.find(({ schema, name }) => schema === key.targetSchema && name === key.targetTable)
  const end = target ? `to "${target.name}", which is left out` : 'to no table or column'
  const detail = `Its foreign key on ${key.columns.join(', ')} leads ${end}.`
  return { code: 'broken-foreign-key', model: model.name, field: null, detail }
}

function isSameWay(known: Relation, { there, from, to }: Way): boolean {
  return (
    known.target === there.name &&
    known.from.join('\0') === from.join('\0') &&
    known.to.join('\0') === to.join('\0')
  )
}

/** `customer_id`, `CustomerId` → customer, Customer; else the other table's name for one record. */
function oneNames({ from, there }: Way): readonly string[] {
  const [column = '', ...more] = from
  const other = singular(there.table)
  if (more.length > 0) return [other, `${other}_by_${from.join('_')}`]
  const stripped = column.replace(/(?:_(?:id|fk|uuid)|(?<=[a-z])(?:Id|ID))$/, '')
  return [stripped, other, `${column}_${other}`]
}
