/**
 * Relations that a database does not declare, as its names suggest them:
 * `orders.customer_id` beside `customers.id`. Guesses for somebody to confirm,
 * in the option `relations`; none is ever applied by itself.
 *
 * A name alone proves little, so a suggestion needs a key or a unique field of
 * the same type on the other side, and a name that fits one table better than
 * any other. What fits two alike is left out.
 */

import { singular, wordsOf } from './label.ts'
import { type Field, fieldOf, type Model, relationOf } from './model.ts'
import { joinKind } from './refine-relations.ts'
import { unshown } from './refining.ts'

export interface SuggestedRelation {
  readonly model: string
  /** How it could be called: `customer`. */
  readonly name: string
  readonly from: readonly string[]
  readonly target: string
  readonly to: readonly string[]
}

/** @param models Of one database; in their order, and within a model in the order of its fields. */
export function suggestRelations(models: readonly Model[]): readonly SuggestedRelation[] {
  const tables = models.filter(({ kind }) => kind === 'table')
  const ends = tables.flatMap(endsOf)
  return tables.flatMap((model) => {
    const made: SuggestedRelation[] = []
    for (const way of [...compositeWays(model, tables), ...singleWays(model, ends)]) {
      if (isKnown(model, way.from)) continue
      made.push({ model: model.name, name: freeName(model, made, way), ...way })
    }
    return made
  })
}

type Way = Pick<SuggestedRelation, 'from' | 'target' | 'to'>

/** One field that tells the records of a model apart, by which another table may name them. */
interface End {
  readonly model: Model
  readonly field: Field
  /** Its words behind those of its table: `customer id` for `customers.id` and for `Customer.CustomerId`. */
  readonly words: readonly string[]
}

function endsOf(model: Model): readonly End[] {
  const names = [model.key ?? [], ...model.uniques].flatMap((unique) => (unique.length === 1 ? unique : []))
  const table = wordsOf(singular(model.table))
  return [...new Set(names)].flatMap((name) => {
    const field = fieldOf(model, name)
    if (!field || !joins(field)) return []
    const own = wordsOf(field.column)
    return [{ model, field, words: beginsWith(own, table) ? own : [...table, ...own] }]
  })
}

function singleWays(model: Model, ends: readonly End[]): readonly Way[] {
  return model.fields.filter(joins).flatMap((field) => {
    const words = wordsOf(field.column)
    const fitting = ends.filter((end) => isFit(model, field, words, end))
    const weights = fitting.map((end) => weightOf(end, words))
    const most = Math.max(...weights)
    const [best, ...rest] = fitting.filter((_, index) => weights[index] === most)
    if (!best || rest.length > 0) return []
    return [{ from: [field.name], target: best.model.name, to: [best.field.name] }]
  })
}

/**
 * What says more of the other side outweighs, and its key outweighs its other unique fields. That both are called
 * alike, and not after their table, is the least.
 */
function weightOf({ model, field, words: end }: End, words: readonly string[]): number {
  if (!endsWith(words, end)) return 0
  return end.length * 2 + (model.key?.[0] === field.name ? 1 : 0)
}

function isFit(model: Model, field: Field, words: readonly string[], { words: end, ...there }: End): boolean {
  if (joinKind(field) !== joinKind(there.field)) return false
  if (there.model === model) {
    const own = wordsOf(there.field.column)
    // `parent_id` beside `id`; `parent_category_id` too, but never a field with itself
    return field !== there.field && (isParent(words, own) || (words[0] === 'parent' && endsWith(words, end)))
  }
  // `billing_address_id` plays a role, and is an address all the same
  return endsWith(words, end) || (!isOwnKey(model, field) && isSameKeyName(words, there))
}

/** Two tables of one key: which of them is about the other, no name tells. */
function isOwnKey({ key }: Model, field: Field): boolean {
  return key?.length === 1 && key[0] === field.name
}

/** `CustomerTypeID` beside the key `CustomerTypeID` of a table with another name; a bare `id` says nothing. */
function isSameKeyName(words: readonly string[], { model, field }: Pick<End, 'model' | 'field'>): boolean {
  const isKey = model.key?.length === 1 && model.key[0] === field.name
  return isKey && words.length > 1 && words.join(' ') === wordsOf(field.column).join(' ')
}

function isParent(words: readonly string[], own: readonly string[]): boolean {
  return words.join(' ') === ['parent', ...own].join(' ')
}

/** Every column of another table's key is here, under the same names. */
function compositeWays(model: Model, models: readonly Model[]): readonly Way[] {
  return models.flatMap((target) => {
    const { key } = target
    if (target === model || !key || key.length < 2 || isSameKey(model, key)) return []
    const isHere = key.every((name) => {
      const here = fieldOf(model, name)
      const there = fieldOf(target, name)
      return here && there && joins(here) && joinKind(here) === joinKind(there)
    })
    return isHere ? [{ from: key, target: target.name, to: key }] : []
  })
}

/** Two tables of one key: which of them is about the other, no name tells. */
function isSameKey({ key }: Model, other: readonly string[]): boolean {
  return key?.length === other.length && other.every((name) => key.includes(name))
}

function joins(field: Field): boolean {
  return !field.computed && joinKind(field) !== undefined && unshown(field) === null
}

/** The database, or the application, says already where these fields lead. */
function isKnown({ relations }: Model, from: readonly string[]): boolean {
  return relations.some(
    (relation) =>
      relation.kind === 'one' &&
      relation.from.length >= from.length &&
      from.every((name) => relation.from.includes(name)),
  )
}

/** What an option may be called, and neither a field nor another relation is. */
function freeName(model: Model, made: readonly SuggestedRelation[], { from, target, to }: Way): string {
  const other = underscored(singular(target))
  const [first = ''] = from
  const words = wordsOf(first)
  const tail = from.length === 1 && words.length > 1 && ['id', 'fk', 'uuid'].includes(words.at(-1) ?? '')
  const wanted = [
    tail ? words.slice(0, -1).join('_') : other,
    other,
    `${underscored(first)}_${other}`,
    `${other}_by_${to.map(underscored).join('_')}`,
  ]
  const isFree = (name: string): boolean =>
    NAME.test(name) &&
    !fieldOf(model, name) &&
    !relationOf(model, name) &&
    !made.some((one) => one.name === name)
  const free = wanted.find(isFree)
  if (free !== undefined) return free
  let number = 2
  while (!isFree(`relation_${number}`)) number += 1
  return `relation_${number}`
}

const NAME = /^[A-Za-z_]\w{0,62}$/

function underscored(name: string): string {
  return wordsOf(name).join('_')
}

function beginsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.length > 0 && start.every((word, index) => words[index] === word)
}

function endsWith(words: readonly string[], end: readonly string[]): boolean {
  const from = words.length - end.length
  return from >= 0 && end.every((word, index) => words[from + index] === word)
}
