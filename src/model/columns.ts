/** Which columns the list of a model shows that nobody has described. */

import { wordsOf } from './label.ts'
import { type Field, fieldOf, type Model, type Sort } from './model.ts'
import { isLink, isLong, isOpen, nameOf } from './shown.ts'

const MAX_COLUMNS = 7
const LINK_WEIGHT = 5

/**
 * How well a column tells one record from another at a glance: by its type, by
 * the best and the worst word of its name, and by whether it leads to another
 * record. Below zero it is left out even where there is room.
 */
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
  array: 1,
  set: 1,
  native: 0,
  opaque: 0,
}

const WEIGHT_BY_WORD: Readonly<Record<string, number>> = {
  status: 9,
  state: 8,
  email: 8,
  mail: 8,
  number: 8,
  amount: 7,
  price: 7,
  total: 7,
  balance: 6,
  kind: 6,
  priority: 6,
  stage: 6,
  type: 6,
  category: 5,
  company: 5,
  mobile: 5,
  phone: 5,
  role: 5,
  stock: 5,
  subject: 5,
  title: 5,
  username: 5,
  country: 4,
  due: 4,
  quantity: 4,
  reference: 4,
  rate: 3,
  rating: 3,
  year: 4,
  city: 3,
  department: 3,
  discontinued: 3,
  hire: 3,
  language: 3,
  length: 3,
  name: 3,
  sku: 3,
  active: 2,
  brand: 2,
  duration: 2,
  expires: 2,
  paid: 2,
  rank: 2,
  region: 2,
  score: 2,
  shipped: 2,
  code: 1,
  address: -1,
  district: -1,
  homepage: -2,
  line: -1,
  locale: -2,
  postal: -2,
  slug: -2,
  timezone: -2,
  url: -2,
  website: -2,
  zip: -2,
  bytes: -3,
  extension: -3,
  fax: -5,
  latitude: -3,
  level: -1,
  longitude: -3,
  original: -6,
  path: -3,
  per: -5,
  position: -2,
  reorder: -3,
  '2': -3,
  '3': -4,
  courtesy: -6,
  guid: -6,
  hash: -6,
  modified: -6,
  rowguid: -8,
  update: -6,
  updated: -6,
}

/** Words that say where something is: beside them a state is a place and no condition. */
const PLACES: ReadonlySet<string> = new Set(['city', 'country', 'zip', 'postal', 'street'])

/** What a record is called, what it is sorted by, and what of the rest weighs most, in the order of the table. */
export function guessColumns(model: Model, sort: readonly Sort[]): readonly string[] {
  const first = leading(model)
  const sorted = sort.map(({ field }) => field).filter((name) => !first.includes(name))
  const isPlaced = model.fields.some(({ name }) => wordsOf(name).some((word) => PLACES.has(word)))
  const rest = model.fields
    .filter((field) => !first.includes(field.name) && field.name !== model.softDelete?.field)
    .filter((field) => isListed(field) && !model.key?.includes(field.name))
    .map((field) => ({ name: field.name, weight: weightOf(model, field, isPlaced) }))
    .filter(({ weight }) => weight >= 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ name }) => name)
    .filter((name) => !sorted.includes(name))
    .slice(0, Math.max(0, MAX_COLUMNS - first.length - sorted.length))
    .concat(sorted)
  const hasRoom = rest.length + first.length < MAX_COLUMNS
  // a key of several fields says what the record ties together, and any other is what support is asked by
  const keys = hasRoom ? (model.key ?? []).filter((name) => isShort(model, name)) : []
  const order = model.fields.map(nameOf).filter((name) => rest.includes(name) || keys.includes(name))
  const columns = [...new Set([...first, ...order])].slice(0, MAX_COLUMNS)
  return columns.length > 0 ? columns : anything(model)
}

/** Where there is nothing but what a cell holds badly, that is better than an empty list. */
function anything(model: Model): readonly string[] {
  return model.fields
    .filter((field) => isOpen(field) && field.type !== 'bytes')
    .map(nameOf)
    .slice(0, MAX_COLUMNS)
}

/** Whoever wrote a view chose the order of its columns. */
function leading(model: Model): readonly string[] {
  if (model.kind === 'view' && model.key === null) return []
  return model.title.length > 0 ? model.title : (model.key ?? [])
}

/** What a cell can hold: no bytes, no JSON, no long text and no index of one. */
function isListed(field: Field): boolean {
  const isLarge = field.type === 'bytes' || field.type === 'json' || field.dbType === 'tsvector'
  return isOpen(field) && !isLarge && !isLong(field)
}

/** A random key is wide and says nothing. */
function isShort(model: Model, name: string): boolean {
  const field = fieldOf(model, name)
  return field !== undefined && isOpen(field) && field.type !== 'uuid' && field.type !== 'bytes'
}

function weightOf(model: Model, field: Field, isPlaced: boolean): number {
  const weights = wordsOf(field.name).map((word) => wordWeight(word, isPlaced))
  const link = isLink(model, field.name) ? LINK_WEIGHT : 0
  return WEIGHT_BY_TYPE[field.type] + Math.max(0, ...weights) + Math.min(0, ...weights) + link
}

function wordWeight(word: string, isPlaced: boolean): number {
  if (word === 'state' && isPlaced) return WEIGHT_BY_WORD['region'] ?? 0
  return WEIGHT_BY_WORD[word] ?? 0
}
