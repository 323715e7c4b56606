/**
 * Sensible defaults for a model that nobody has described: what its records are
 * called, which columns a list shows, what search looks through, how it is sorted.
 *
 * Guesses from names and types alone; every one can be overridden.
 */

import { singular, wordsOf } from './label.ts'
import {
  type Field,
  fieldOf,
  type ListOptions,
  type Model,
  relationThrough,
  type SoftDelete,
  type Sort,
} from './model.ts'

const MAX_COLUMNS = 7
const PER_PAGE = 50
/** Fields of its own that search looks through, at most. */
const MAX_SEARCHED = 8
/** Fields behind relations that search looks through, at most: each is a look-up for every record. */
const MAX_HOPS = 6
/** Texts that may be longer than this are no list columns. */
const LONG_TEXT = 200

/** Names of titles, best first; `*` stands for the model's own name. */
const TITLES: readonly (readonly string[])[] = [
  ['name'],
  ['full name'],
  ['display name'],
  // before the title, which on a person is what the person does
  ['first name', 'last name'],
  ['firstname', 'lastname'],
  ['given name', 'family name'],
  ['title'],
  ['label'],
  ['*'],
  ['* name'],
  ['company name'],
  ['subject'],
  ['number'],
  ['* number'],
  ['order number'],
  ['invoice number'],
  ['reference'],
  ['code'],
  ['sku'],
  ['username'],
  ['user name'],
  ['login'],
  ['email'],
  ['email address'],
  ['e mail'],
  ['slug'],
  ['summary'],
  ['description'],
  ['* description'],
  ['desc'],
]

const LONG_NAMES: ReadonlySet<string> = new Set([
  'description',
  'notes',
  'note',
  'comment',
  'comments',
  'body',
  'content',
  'text',
  'bio',
  'biography',
  'html',
  'markdown',
  'message',
  'remarks',
  'details',
  'raw',
  'payload',
  'photo',
  'picture',
  'image',
  'avatar',
])

const WHEN: readonly string[] = [
  'placed at',
  'ordered at',
  'created at',
  'created',
  'created on',
  'creation date',
  'create date',
  'date created',
  'placed on',
  'order date',
  'invoice date',
  'payment date',
  'rental date',
  'published at',
  'occurred at',
  'received at',
  'requested at',
  'paid at',
  'sent at',
  'inserted at',
  'added at',
  'registered at',
  'joined at',
  'date',
  'at',
]

const DELETED_FLAGS: ReadonlySet<string> = new Set(['is deleted', 'deleted'])
const DELETED_INSTANTS: ReadonlySet<string> = new Set(['deleted at', 'deleted on'])

/** How well a column tells one record from another at a glance; by the last word of its name, then by its type. */
const WEIGHT_BY_WORD: Readonly<Record<string, number>> = {
  status: 9,
  state: 8,
  email: 8,
  number: 8,
  total: 7,
  amount: 7,
  price: 7,
  country: 5,
  city: 5,
  phone: 4,
  region: 4,
  updated: -6,
  update: -6,
  modified: -6,
  fax: -2,
  zip: -1,
  code: 1,
  line2: -2,
  address2: -3,
}
const WEIGHT_BY_TYPE: Readonly<Record<Field['type'], number>> = {
  enum: 7,
  decimal: 5,
  date: 4,
  timestamp: 4,
  timestamptz: 4,
  bool: 3,
  text: 2,
  bigint: 1,
  int: 1,
  float: 1,
  uuid: 0,
  time: 1,
  json: 0,
  bytes: 0,
  opaque: 0,
}

/** The fields that call a record by name; empty when none does. */
export function guessTitle(model: Model): readonly string[] {
  const usable = new Map(
    model.fields.filter(isTitleLike).map((field) => [wordsOf(field.name).join(' '), field.name]),
  )
  const own = wordsOf(singular(model.table)).join(' ')
  for (const pattern of TITLES) {
    const names = pattern.map((phrase) => usable.get(phrase.replace('*', own)))
    const found = names.filter((name) => name !== undefined)
    if (found.length === names.length) return found
  }
  const unique = model.uniques.find(
    ([name, ...more]) => more.length === 0 && isTitleField(model, name) && !isReference(model, name),
  )
  // a record that begins with a text is usually called by it; one that begins with a date is not
  const first = model.fields.find((field) => !isReference(model, field.name))
  return unique ?? (first?.type === 'text' && isTitleLike(first) ? [first.name] : [])
}

/** Columns, filters, search and sort of a list. */
export function guessList(model: Model, isSmall: boolean): ListOptions {
  const sort = guessSort(model, isSmall)
  return {
    columns: guessColumns(model, sort),
    filters: model.fields.filter(isQueryable).map(nameOf),
    search: guessSearch(model),
    sort,
    perPage: PER_PAGE,
  }
}

/**
 * Adds what search finds over the `one` relations: their titles, so that an
 * order is found by its customer's name. Done when every model has its title.
 */
export function searchAcross(model: Model, models: ReadonlyMap<string, Model>): readonly string[] {
  const hops = model.relations
    .filter((relation) => relation.kind === 'one' && relation.target !== model.name)
    .flatMap((relation) => {
      const target = models.get(relation.target)
      const texts = (target?.title ?? []).filter((name) => target && isSearched(target, name))
      return texts.map((name) => `${relation.name}.${name}`)
    })
  const places = hops.filter((place) => place.split('.').length === 2).slice(0, MAX_HOPS)
  return [...model.list.search, ...places]
}

/** A field that only leads to another record is called after it: "Customer", not "Customer ID". */
export function linkLabelled(model: Model): Model {
  const fields = model.fields.map((field) => {
    const link = relationThrough(model, field.name)
    return link && !model.key?.includes(field.name) ? { ...field, label: link.label } : field
  })
  return { ...model, fields }
}

/** `is_deleted` as a flag, or `deleted_at` as an instant that may be empty. */
export function guessSoftDelete(model: Model): SoftDelete | null {
  for (const field of model.fields) {
    const name = wordsOf(field.name).join(' ')
    if (field.generated) continue
    if (field.type === 'bool' && DELETED_FLAGS.has(name)) return { field: field.name, kind: 'flag' }
    const isInstant = field.type === 'timestamp' || field.type === 'timestamptz'
    if (isInstant && field.nullable && DELETED_INSTANTS.has(name))
      return { field: field.name, kind: 'instant' }
  }
  return null
}

function nameOf(field: Field): string {
  return field.name
}

function isOpen(field: Field): boolean {
  return !field.hidden && (field.sensitivity === 'public' || field.sensitivity === 'internal')
}

function isTitleLike(field: Field): boolean {
  return isOpen(field) && ['text', 'bigint', 'int', 'enum', 'uuid'].includes(field.type)
}

/** A key calls its record by itself, and a foreign key calls another. */
function isReference(model: Model, name: string | undefined): boolean {
  if (name === undefined || model.key?.includes(name)) return true
  return model.relations.some(({ kind, from }) => kind === 'one' && from.includes(name))
}

function isTitleField(model: Model, name: string | undefined): boolean {
  const field = name === undefined ? undefined : fieldOf(model, name)
  return field !== undefined && isTitleLike(field)
}

function isQueryable(field: Field): boolean {
  return isOpen(field) && !['bytes', 'json', 'opaque'].includes(field.type)
}

/** What a cell can hold: no bytes, no JSON, no long text. */
function isListed(field: Field): boolean {
  return isOpen(field) && field.type !== 'bytes' && field.type !== 'json' && !isLong(field)
}

function isLong(field: Field): boolean {
  if (field.type !== 'text') return false
  if (field.maxLength !== null) return field.maxLength > LONG_TEXT
  return LONG_NAMES.has(wordsOf(field.name).at(-1) ?? '')
}

/** What a record is called, what it is sorted by, and what of the rest weighs most, in the order of the table. */
function guessColumns(model: Model, sort: readonly Sort[]): readonly string[] {
  const first = model.title.length > 0 ? model.title : (model.key ?? [])
  const sorted = sort.map(({ field }) => field).filter((name) => !first.includes(name))
  const deleted = model.softDelete?.field
  const rest = model.fields
    .filter((field) => !first.includes(field.name) && field.name !== deleted)
    .filter((field) => isListed(field) && !model.key?.includes(field.name))
    .map((field) => ({ name: field.name, weight: weightOf(model, field) }))
    .filter(({ weight }) => weight >= 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ name }) => name)
    .filter((name) => !sorted.includes(name))
    .slice(0, Math.max(0, MAX_COLUMNS - first.length - sorted.length))
    .concat(sorted)
  // a key of several fields says what the record ties together
  const keys = model.key && model.key.length > 1 && rest.length + first.length < MAX_COLUMNS ? model.key : []
  const order = model.fields.map(nameOf).filter((name) => rest.includes(name) || keys.includes(name))
  return [...new Set([...first, ...order])].slice(0, MAX_COLUMNS)
}

function weightOf(model: Model, field: Field): number {
  const words = wordsOf(field.name)
  const byWord = words.map((word) => WEIGHT_BY_WORD[word] ?? 0)
  const isLink = model.relations.some(({ kind, from }) => kind === 'one' && from.includes(field.name))
  return WEIGHT_BY_TYPE[field.type] + Math.max(0, ...byWord) + Math.min(0, ...byWord) + (isLink ? 5 : 0)
}

function guessSearch(model: Model): readonly string[] {
  const texts = model.fields.map(nameOf).filter((name) => isSearched(model, name))
  const titles = model.title.filter((name) => isTitleField(model, name))
  const [key, ...more] = model.key ?? []
  const number = key !== undefined && more.length === 0 && isTitleField(model, key) ? [key] : []
  return [...new Set([...titles, ...number, ...texts])].slice(0, MAX_SEARCHED)
}

function isSearched(model: Model, name: string): boolean {
  const field = fieldOf(model, name)
  return (
    field !== undefined && field.type === 'text' && isOpen(field) && !isLong(field) && !name.includes('.')
  )
}

/** Newest first, where that costs no scan; else by key. */
function guessSort(model: Model, isSmall: boolean): readonly Sort[] {
  const newest = WHEN.map((phrase) => model.fields.find((field) => isMoment(field, phrase))).find(
    (field) => field !== undefined && (isSmall || isIndexed(model, field.name)),
  )
  if (newest) return [{ field: newest.name, direction: 'desc' }]
  if (model.key) return model.key.map((field) => ({ field, direction: 'asc' }))
  return []
}

function isMoment(field: Field, phrase: string): boolean {
  const isTime = field.type === 'date' || field.type === 'timestamp' || field.type === 'timestamptz'
  return isTime && isOpen(field) && wordsOf(field.name).join(' ') === phrase
}

function isIndexed(model: Model, name: string): boolean {
  return model.indexes.some((index) => !index.partial && index.fields[0] === name)
}
