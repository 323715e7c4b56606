/**
 * A predicate as a closure: whether it holds for one record that is at hand.
 *
 * The twin of `data/sql/compile.ts`; `test/conformance/policy-agreement.test.ts`
 * holds the two together. Two-valued: a leaf over NULL, or over what does not
 * fit its field, is false, save `isNull`.
 * Texts are compared by code point, which is the byte order of UTF-8, and never
 * by a locale; decimals by their digits.
 */

import { compareDecimals, isDecimal } from './decimal.ts'
import { microsecondsOf } from './instant.ts'
import { elementOf, flatMembers, hasMembers, membersOf } from './members.ts'
import {
  type Field,
  type FieldType,
  fieldOf,
  type Model,
  relationOf,
  type Value,
  type Values,
} from './model.ts'
import type { Comparison, Predicate } from './predicate.ts'

/** A record with the records behind its `one` relations, by relation name; null where there is none. */
export interface Held {
  readonly values: Values
  readonly related: Readonly<Record<string, Values | null>>
}

/** @throws TypeError when the record lacks a value that the predicate looks at: a bug of whoever loaded it. */
export type Holds = (record: Held) => boolean

/**
 * Compiles a predicate over records of `model`.
 *
 * @param models Where `related` leads, by name.
 * @throws TypeError for a field or relation that is not there, for a hop over a `many`
 *   relation, for a second hop, and for text search, which no policy may use.
 */
export function compileHolds(model: Model, models: ReadonlyMap<string, Model>, predicate: Predicate): Holds {
  switch (predicate.kind) {
    case 'constant':
      return () => predicate.value
    case 'not': {
      const holds = compileHolds(model, models, predicate.of)
      return (record) => !holds(record)
    }
    case 'and': {
      const parts = predicate.of.map((part) => compileHolds(model, models, part))
      return (record) => parts.every((holds) => holds(record))
    }
    case 'or': {
      const parts = predicate.of.map((part) => compileHolds(model, models, part))
      return (record) => parts.some((holds) => holds(record))
    }
    case 'related':
      return compileRelated(model, models, predicate)
    case 'text':
    case 'jsonText':
    case 'jsonPresent':
      throw new TypeError('A search in texts or in JSON runs in the data source only.')
    default:
      return compileLeaf(model, predicate)
  }
}

/**
 * The order of two values of one type, as the data sources order them: negative, zero or positive.
 * Null when they are not of one type, as where a column holds what does not fit its field.
 */
export function compareValues(type: FieldType, left: Value, right: Value): number | null {
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(type, left, right)
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return order(left, right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  return null
}

type Leaf = Extract<Predicate, { readonly kind: 'compare' | 'in' | 'isNull' | 'contains' }>

const MATCHES: Readonly<Record<Comparison, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
}

function compileRelated(
  model: Model,
  models: ReadonlyMap<string, Model>,
  { relation: name, where }: Extract<Predicate, { readonly kind: 'related' }>,
): Holds {
  const relation = relationOf(model, name)
  const target = relation && models.get(relation.target)
  if (!target) throw new TypeError(`"${model.name}" has no relation "${name}".`)
  if (relation.kind !== 'one') throw new TypeError(`"${model.name}.${name}" leads to many records.`)
  // No models behind the hop: a second one finds nothing to lead to.
  const holds = compileHolds(target, new Map(), where)
  return (record) => {
    const values = record.related[name]
    if (values === undefined) throw new TypeError(`"${model.name}.${name}" was not loaded.`)
    return values !== null && holds({ values, related: {} })
  }
}

function compileLeaf(model: Model, leaf: Leaf): Holds {
  const field = fieldOf(model, leaf.field)
  if (!field) throw new TypeError(`"${model.name}" has no field "${leaf.field}".`)
  const test = leafTest(field, leaf)
  return ({ values }) => {
    const value = values[field.name]
    if (value === undefined) throw new TypeError(`"${model.name}.${field.name}" was not loaded.`)
    return test(value)
  }
}

function leafTest(field: Field, leaf: Leaf): (value: Value) => boolean {
  const { type } = field
  switch (leaf.kind) {
    case 'isNull':
      return (value) => value === null
    case 'in': {
      const { values: members } = leaf
      return (value) => members.some((member) => compareValues(type, value, member) === 0)
    }
    case 'contains':
      return hasMembers(field)
        ? (value) => hasMember(field, value, leaf.value)
        : (value) => typeof value === 'string' && setContains(value, leaf.value)
    case 'compare': {
      const matches = MATCHES[leaf.operator]
      const { value: wanted } = leaf
      return (value) => {
        const order = compareValues(type, value, wanted)
        return order !== null && matches(order)
      }
    }
  }
}

function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** What is no number has no place among them. */
function compareNumbers(left: number | bigint, right: number | bigint): number | null {
  return Number.isNaN(left) || Number.isNaN(right) ? null : order(left, right)
}

function order<T extends number | bigint | string | boolean>(left: T, right: T): number {
  if (left < right) return -1
  return left > right ? 1 : 0
}

function compareTexts(type: FieldType, left: string, right: string): number | null {
  if (type === 'decimal') return isDecimal(left) && isDecimal(right) ? compareDecimals(left, right) : null
  // Numbers and truths as text are what a column holds although its field can't.
  if (type === 'int' || type === 'bigint' || type === 'float' || type === 'bool') return null
  if (type === 'time') return compareTimes(left, right)
  if (type === 'timestamp' || type === 'timestamptz') {
    return order(withMicroseconds(left), withMicroseconds(right))
  }
  return compareCodePoints(left, right)
}

/** A time may be a span: `-10:00:00` is before `09:00:00`, and that before `100:00:00`. */
function compareTimes(left: string, right: string): number {
  const [a, b] = [microsecondsOf(left), microsecondsOf(right)]
  if (a !== null && b !== null) return order(a, b)
  return order(withMicroseconds(left), withMicroseconds(right))
}

/** `10:00:00Z` is before `10:00:00.5Z`, though "Z" is after ".": the fraction is written out first. */
function withMicroseconds(text: string): string {
  const [whole = '', fraction = ''] = text.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

/** JavaScript orders by UTF-16 unit, which puts U+1F600 before U+FF5E; UTF-8 does not. */
function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a === b) continue
    return isSurrogate(a) === isSurrogate(b) ? a - b : Number(isSurrogate(a)) - Number(isSurrogate(b))
  }
  return left.length - right.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

/** Whether one of the members, at any depth, equals the value. */
function hasMember(field: Field, list: Value, wanted: Value): boolean {
  const { type } = elementOf(field)
  const members = membersOf(field, list) ?? []
  return flatMembers(members).some((member) => compareValues(type, member, wanted) === 0)
}

/** Whether a JSON array holds that very scalar; what is no JSON array holds nothing. */
function setContains(json: string, wanted: Value): boolean {
  let members: unknown
  try {
    members = JSON.parse(json)
  } catch {
    return false
  }
  if (!Array.isArray(members)) return false
  if (!isNumeric(wanted)) return wanted !== null && members.includes(wanted)
  return members.some((member) => typeof member === 'number' && order<number | bigint>(member, wanted) === 0)
}
