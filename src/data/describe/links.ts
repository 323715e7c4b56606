/**
 * Tables of links: their key, or a unique set of theirs, is exactly two foreign keys, and a link says nothing else
 * that anybody gives a value: not how many, not in which order. Each of the two sides gets a `many-to-many` relation to the other.
 *
 * The table stays a model of its own: its rules are the ones that decide on every link.
 */

import { humanise } from '../../model/label.ts'
import type { Field, Model, Relation } from '../../model/model.ts'
import { freeName } from './free-name.ts'

/** One side of a table of links: the foreign key that leads to it, in the order of that side's key. */
interface Side {
  readonly relation: Relation
  readonly model: Model
  readonly key: readonly string[]
  readonly columns: readonly string[]
}

/** @param relations By model, `one` and `many` found already; what is found here is added. */
export function addLinks(relations: ReadonlyMap<Model, Relation[]>): void {
  const models = new Map([...relations.keys()].map((model) => [model.name, model]))
  for (const [links, ways] of relations) {
    const sides = sidesOf(links, ways, models)
    if (!sides) continue
    const [left, right] = sides
    addLink(relations.get(left.model) ?? [], links, left, right)
    addLink(relations.get(right.model) ?? [], links, right, left)
  }
}

/** Null where the records are more than links. */
function sidesOf(
  links: Model,
  ways: readonly Relation[],
  models: ReadonlyMap<string, Model>,
): readonly [Side, Side] | null {
  const [first, second, ...more] = ways.filter(({ kind }) => kind === 'one')
  if (links.kind !== 'table' || !links.key || !first || !second || more.length > 0) return null
  const left = sideOf(first, models)
  const right = sideOf(second, models)
  if (!left || !right) return null
  const pair = [...left.columns, ...right.columns]
  const isPair = [links.key, ...links.uniques].some((set) => isSame(set, pair))
  const isAll = links.fields.every((field) =>
    pair.includes(field.name) ? !field.nullable && !field.generated : isFilled(links, field),
  )
  return isPair && isAll ? [left, right] : null
}

/** Null where the foreign key does not lead to the whole key of the other side. */
function sideOf(relation: Relation, models: ReadonlyMap<string, Model>): Side | null {
  const model = models.get(relation.target)
  if (!model?.key || !isSame(model.key, relation.to)) return null
  const columns = model.key.map((name) => relation.from[relation.to.indexOf(name)] ?? '')
  return { relation, model, key: model.key, columns }
}

/** Nobody gives it a value: a number of its own, or when it was made. Anything else would be lost with the link. */
function isFilled({ key }: Model, { name, type, nullable, hasDefault, generated }: Field): boolean {
  if (generated) return true
  const isOwn = key?.includes(name) === true || INSTANTS.has(type)
  return isOwn && (nullable || hasDefault)
}

const INSTANTS: ReadonlySet<Field['type']> = new Set(['date', 'timestamp', 'timestamptz'])

function isSame(set: readonly string[], names: readonly string[]): boolean {
  return (
    new Set(names).size === names.length &&
    set.length === names.length &&
    set.every((one) => names.includes(one))
  )
}

function addLink(list: Relation[], links: Model, here: Side, there: Side): void {
  const isSelf = here.model === there.model
  const far = there.relation
  const own = isSelf ? [far.name, `${links.table}_${far.name}`] : [there.model.table]
  const name = freeName(here.model, list, [...own, `${there.model.table}_by_${links.table}`])
  const plain = isSelf ? humanise(name) : there.model.labelPlural
  const label = name === own[0] ? plain : `${there.model.labelPlural} by ${links.labelPlural.toLowerCase()}`
  list.push({
    name,
    label,
    kind: 'many-to-many',
    target: there.model.name,
    from: here.key,
    to: there.key,
    onDelete: here.relation.onDelete,
    through: { model: links.name, from: here.columns, to: there.columns },
  })
}
