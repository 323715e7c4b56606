/**
 * Values on their way into PostgreSQL columns: what the column can't hold, or
 * would round, cut or fill up without a word, is refused at its field.
 */

import { parameterOf } from '../../database/postgres/answer.ts'
import { AdminError } from '../../errors.ts'
import { canonicalDecimal, compareDecimals } from '../../model/decimal.ts'
import { isList, type Member, memberField, membersOf } from '../../model/members.ts'
import type { Field, FieldType, Value } from '../../model/model.ts'
import { type ArrayText, writeArray } from './array-literal.ts'
import type { Column } from './column.ts'
import { delimiterOf } from './printed.ts'
import { fractionDigits, type TemporalType, writeMoment } from './temporal.ts'

type Filled = Exclude<Value, null>
/** The parameter, or the sentence that says why there is none. */
type Written = { readonly raw: Filled } | { readonly problem: string }

const LARGEST: Readonly<Record<string, bigint>> = {
  int2: 2n ** 15n - 1n,
  int4: 2n ** 31n - 1n,
  int8: 2n ** 63n - 1n,
}

export const UUID: RegExp = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** In JSON that was written out anew: NUL, or half of a pair of surrogates. */
const NOT_IN_JSONB = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

/** @throws AdminError `invalid-input` at the field. */
export function written(field: Field, column: Column, value: Filled): Filled {
  const outcome =
    field.type === 'array' ? writeList(field, column, value) : WRITERS[field.type](column, value)
  if ('raw' in outcome) return outcome.raw
  throw new AdminError('invalid-input', `Check ${field.name}.`, {
    fields: { [field.name]: [outcome.problem] },
  })
}

/** The text of an array that the column can hold exactly; null: there is none. */
export function listText(field: Field, column: Column, value: Value): string | null {
  const outcome = value === null ? null : writeList(field, column, value)
  return outcome && 'raw' in outcome ? String(outcome.raw) : null
}

function writeList(field: Field, column: Column, value: Filled): Written {
  const members = membersOf(field, value)
  if (!members) return problem('must be a list')
  const { type } = memberField(field)
  const one = { ...column, isArray: false }
  const problems: string[] = []
  const textOf = (member: Member): ArrayText => {
    if (member === null) return null
    if (isList(member)) return member.map(textOf)
    const outcome = type === 'array' ? problem('must be a list') : WRITERS[type](one, member)
    if ('raw' in outcome) return memberText(outcome.raw)
    problems.push(`has a member that ${outcome.problem}`)
    return null
  }
  const texts = members.map(textOf)
  const [first] = problems
  return first === undefined ? { raw: writeArray(texts, delimiterOf(column)) } : problem(first)
}

function memberText(raw: Filled): string {
  return raw instanceof Uint8Array ? `\\x${Buffer.from(raw).toString('hex')}` : String(parameterOf(raw))
}

const WRITERS: Readonly<Record<Exclude<FieldType, 'array'>, (column: Column, value: Filled) => Written>> = {
  int: writeInteger,
  bigint: writeInteger,
  decimal: writeDecimal,
  float: writeFloat,
  bool: (_, value) => (typeof value === 'boolean' ? { raw: value } : problem('must be true or false')),
  text: writeText,
  enum: writeText,
  uuid: (_, value) =>
    typeof value === 'string' && UUID.test(value) ? { raw: value } : problem('must be a UUID'),
  date: momentWriter('date'),
  time: momentWriter('time'),
  timestamp: momentWriter('timestamp'),
  timestamptz: momentWriter('timestamptz'),
  json: writeJson,
  bytes: (_, value) => (value instanceof Uint8Array ? { raw: value } : problem('must be bytes')),
  set: () => problem('can only be read here'),
  native: writeNative,
  opaque: () => problem('can only be read here'),
}

function problem(sentence: string): Written {
  return { problem: sentence }
}

function writeInteger({ base }: Column, value: Filled): Written {
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  if (!isWhole) return problem('must be a whole number')
  const largest = LARGEST[base]
  if (largest === undefined) return { raw: value }
  if (BigInt(value) > largest) return problem(`must be at most ${largest}`)
  return BigInt(value) < -largest - 1n ? problem(`must be at least ${-largest - 1n}`) : { raw: value }
}

function writeDecimal({ declared }: Column, value: Filled): Written {
  const [, precisionText, scaleText = '0'] = /\((\d+)(?:,(-?\d+))?\)/.exec(declared) ?? []
  if (value === 'NaN') return { raw: value }
  if (value === 'Infinity' || value === '-Infinity') {
    return precisionText === undefined ? { raw: value } : problem('must be a finite number')
  }
  const exact = typeof value === 'string' ? canonicalDecimal(value, null) : null
  if (exact === null) return problem('must be a decimal number')
  if (precisionText === undefined) return { raw: exact }
  const scale = Number(scaleText)
  if (!hasScale(exact, scale)) {
    return problem(scale > 0 ? `must have at most ${scale} digits after the point` : 'must be a whole number')
  }
  // numeric(3,5) holds 0.00999 at most: what counts is where its digits begin
  const bound = powerOfTen(Number(precisionText) - scale)
  return compareDecimals(exact.replace('-', ''), bound) < 0
    ? { raw: exact }
    : problem(`must be less than ${bound}`)
}

/** `numeric(5,-2)` rounds to hundreds. */
function hasScale(exact: string, scale: number): boolean {
  if (scale >= 0) return canonicalDecimal(exact, scale) !== null
  return canonicalDecimal(exact, 0) !== null && (exact === '0' || exact.endsWith('0'.repeat(-scale)))
}

function powerOfTen(exponent: number): string {
  return exponent >= 0 ? `1${'0'.repeat(exponent)}` : `0.${'0'.repeat(-exponent - 1)}1`
}

function writeFloat({ base }: Column, value: Filled): Written {
  if (typeof value !== 'number') return problem('must be a number')
  if (base !== 'float4' || isSingle(value)) return { raw: value }
  return problem('must have fewer digits: this column stores about six')
}

/** Whether a column of 32 bits prints the number as it was written. */
export function isSingle(value: number): boolean {
  const single = Math.fround(value)
  if (!Number.isFinite(value)) return true
  const shortest = [6, 7, 8, 9]
    .map((digits) => Number(single.toPrecision(digits)))
    .find((one) => Math.fround(one) === single)
  return Number.isFinite(single) && shortest === value
}

/** PostgreSQL itself reads it, and says so where it can't. */
function writeNative(_: Column, value: Filled): Written {
  if (typeof value !== 'string') return problem('must be text')
  if (value.includes('\0')) return problem('must not contain a NUL character')
  return value.isWellFormed() ? { raw: value } : problem('must be text without broken characters')
}

function writeText({ base, declared, labels }: Column, value: Filled): Written {
  if (typeof value !== 'string') return problem('must be text')
  if (value.includes('\0')) return problem('must not contain a NUL character')
  if (!value.isWellFormed()) return problem('must be text without broken characters')
  if (labels) {
    return labels.includes(value)
      ? { raw: value }
      : problem('must be one of the values that the column takes')
  }
  if (base === 'bpchar' && value.endsWith(' '))
    return problem('must not end with a space: the column drops it')
  const limit = lengthOf(base, declared)
  if (limit === null || value.length <= limit.most) return { raw: value }
  return limit.count(value) <= limit.most
    ? { raw: value }
    : problem(`must be at most ${limit.most} ${limit.unit} long`)
}

interface Limit {
  readonly most: number
  readonly unit: string
  count(text: string): number
}

function lengthOf(base: string, declared: string): Limit | null {
  if (base === 'name') return { most: 63, unit: 'bytes', count: bytesIn }
  if (base === 'char') return { most: 1, unit: 'bytes', count: bytesIn }
  const [, most] = /\((\d+)\)/.exec(declared) ?? []
  return most === undefined
    ? null
    : { most: Number(most), unit: 'characters', count: (text) => [...text].length }
}

function bytesIn(text: string): number {
  return Buffer.byteLength(text)
}

function momentWriter(type: TemporalType): (column: Column, value: Filled) => Written {
  return ({ declared }, value) => {
    const raw = typeof value === 'string' ? writeMoment(type, value) : null
    if (raw === null) return problem('must be a date or time')
    const digits = Number(/\((\d)\)/.exec(declared)?.[1] ?? 6)
    return fractionDigits(raw) <= digits
      ? { raw }
      : problem(`must have at most ${digits} digits after the second: this column stores no more`)
  }
}

function writeJson({ base }: Column, value: Filled): Written {
  if (typeof value !== 'string') return problem('must be JSON')
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    return problem('must be JSON')
  }
  if (!value.isWellFormed()) return problem('must be text without broken characters')
  return base === 'jsonb' && NOT_IN_JSONB.test(JSON.stringify(parsed))
    ? problem('must not contain NUL or broken characters, which this column can not hold')
    : { raw: value }
}
