/** What a list page shows, worked out before any of it is drawn. Pure. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { Field, Model, Sort } from '../../../model/model.ts'
import { fieldOf, relationThrough } from '../../../model/model.ts'
import { textOf } from '../../../model/text.ts'

/** The fields that are columns: those the model lists, as far as they may be read; never empty while anything may. */
export function columnsOf(model: Model, readable: readonly string[]): readonly Field[] {
  const named = model.list.columns.filter((name) => readable.includes(name))
  const names = named.length > 0 ? named : readable.slice(0, 6)
  return names.flatMap((name) => fieldOf(model, name) ?? [])
}

/**
 * The text of the link that a row is: the record's title where the column holds it, or where it has one; of a
 * record without a title, what the column leads to; else the column's own value.
 */
export function rowTitle(model: Model, column: Field, record: RecordView): string {
  const isTitle = model.title.length === 1 && model.title[0] === column.name
  const value = record.values[column.name] ?? null
  const relation = relationThrough(model, column.name)
  if (relation && model.title.length === 0) return record.related[relation.name]?.title ?? record.title
  if (isTitle || value === null || relation || column.type === 'bytes') return record.title
  const text = textOf(column, value) ?? ''
  const isNumberedKey = (model.key ?? []).includes(column.name) && ['int', 'bigint'].includes(column.type)
  return (isNumberedKey ? `#${text}` : text) || record.title
}

const UNSORTED: ReadonlySet<Field['type']> = new Set(['json', 'bytes', 'array', 'set', 'opaque'])

/** Types whose values have an order that means something to people. */
export function isSortable(field: Field, queryable: readonly string[]): boolean {
  return queryable.includes(field.name) && !UNSORTED.has(field.type)
}

export function directionOf(sort: readonly Sort[], field: Field): 'asc' | 'desc' | null {
  return sort.find((one) => one.field === field.name)?.direction ?? null
}

export type PhonePlace = 'title' | 'value' | 'subtitle' | 'status' | 'hidden'

/**
 * Where each column goes on the card that a row becomes on a phone: the first
 * is its title, then the first of each kind; the others are on the record.
 */
export function phonePlaces(model: Model, columns: readonly Field[]): readonly PhonePlace[] {
  const free = new Set<PhonePlace>(['value', 'subtitle', 'status'])
  return columns.map((field, index) => {
    if (index === 0) return 'title'
    const wanted = placeOf(model, field)
    return free.delete(wanted) ? wanted : 'hidden'
  })
}

function placeOf(model: Model, field: Field): PhonePlace {
  if (field.type === 'enum' || /(^|_)(status|state)$/.test(field.name)) return 'status'
  if (field.type === 'decimal' || field.type === 'float') return 'value'
  if (relationThrough(model, field.name) || field.type === 'text') return 'subtitle'
  return 'hidden'
}

/** "Search number, name, e-mail": which fields the search looks at, as far as this principal may search them. */
export function searchPlaceholder(
  model: Model,
  models: ReadonlyMap<string, Model>,
  queryable: readonly string[],
): string | null {
  // The title and what it belongs to are what people look for; the others follow.
  const paths = model.list.search.toSorted((a, b) => rank(model, a) - rank(model, b))
  const labels = paths.flatMap((path) => {
    const [first = '', behind] = path.split('.')
    if (behind === undefined)
      return queryable.includes(first) ? [inSentence(fieldOf(model, first)?.label ?? first)] : []
    const relation = model.relations.find((one) => one.name === first)
    const target = relation && models.get(relation.target)
    return relation && target ? [inSentence(relation.label)] : []
  })
  const distinct = [...new Set(labels)]
  if (distinct.length === 0) return null
  const fitting = distinct
    .slice(0, 3)
    .filter((_, index) => index === 0 || distinct.slice(0, index + 1).join(', ').length <= PLACEHOLDER_LENGTH)
  return `Search ${fitting.join(', ')}${fitting.length < distinct.length ? ' …' : ''}`
}

/** What the search field has room for. */
const PLACEHOLDER_LENGTH = 22

function rank(model: Model, path: string): number {
  if (model.title.includes(path)) return 0
  if (path.includes('.')) return 1
  return model.key?.includes(path) ? 3 : 2
}

/** Lower case, but for words that are written in capitals: "SKU", "ID". */
export function inSentence(label: string): string {
  return /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)
}

export interface Noun {
  readonly one: string
  readonly other: string
}

const RECORD: Noun = { one: 'record', other: 'records' }

/** "1,284 records", "10,000+ records", "~4.9 M records", "1 record". */
export function countText(
  count: RecordList['count'],
  number: (value: number) => string,
  noun: Noun = RECORD,
): string | null {
  if (!count) return null
  const isOne = count.kind === 'exact' && count.value === 1
  return `${countNumber(count, number)} ${isOne ? noun.one : noun.other}`
}

const MILLION = 1_000_000

/** The number alone: what was counted, where counting stopped, or about how many there are, of which three figures are told. */
export function countNumber(
  { value, kind }: NonNullable<RecordList['count']>,
  number: (value: number) => string,
): string {
  if (kind === 'exact') return number(value)
  if (kind === 'at-least') return `${number(value)}+`
  if (value >= 10 * MILLION) return `~${number(Math.round(value / MILLION))} M`
  if (value >= MILLION) return `~${number(Math.round(value / (MILLION / 10)) / 10)} M`
  return `~${number(Number(value.toPrecision(3)))}`
}
