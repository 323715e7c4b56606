/**
 * Values from outside: what forms (texts) and the API (JSON) bring, checked
 * against the field and turned into the server's own form.
 *
 * Strict: what is not plainly of the field's type is refused with a sentence
 * and never bent into shape. What the source itself checks (uniques, foreign
 * keys, CHECK) is left to it.
 */

import { AdminError } from '../errors.ts'
import { canonicalDecimal, compareDecimals } from './decimal.ts'
import { canonicalDate, canonicalSpan, canonicalTime, canonicalTimestamp, distantMoment } from './instant.ts'
import { elementOf, memberField } from './members.ts'
import { type Field, fieldOf, type Model, type Value, type Values } from './model.ts'
import { parseList } from './parse-list.ts'

export type Parsed<T = Value> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

/** What is said of a field that is not there, may not be written, or may not be known of: always the same. */
export const NOT_WRITABLE = 'is not a field that can be written here'

const MISSING = 'must have a value'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** What stands among numbers without being one. */
const NO_NUMBER: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity'])
const TRUE: ReadonlySet<unknown> = new Set([true, 'true', 'on', '1'])
const FALSE: ReadonlySet<unknown> = new Set([false, 'false', 'off', '0'])

const LARGEST_BIGINT = 2n ** 63n - 1n
const UNSIGNED = /\bunsigned\b/i

/** Declared types that are narrower than what their values travel in. */
const LARGEST_INT: Readonly<Record<string, number>> = {
  tinyint: 2 ** 7 - 1,
  smallint: 2 ** 15 - 1,
  int2: 2 ** 15 - 1,
  mediumint: 2 ** 23 - 1,
  int4: 2 ** 31 - 1,
}

/**
 * Reads the fields of a form or of a JSON object.
 *
 * Fields that are absent stay absent; on `create` a field that the source does
 * not fill must be there when it may be written at all, unless more is to come.
 *
 * @throws AdminError `invalid-input` with one sentence for each field that is wrong.
 */
export function parseValues(
  model: Model,
  input: unknown,
  writable: ReadonlySet<string>,
  mode: 'create' | 'update',
  isComplete: boolean = mode === 'create',
): Values {
  const given = entriesOf(model, input, mode)
  const problems: [string, readonly string[]][] = []
  const values: [string, Value][] = []
  for (const [name, raw] of given) {
    const field = fieldOf(model, name)
    const parsed: Parsed =
      field && mayWrite(field, writable) ? parseValue(field, raw) : { ok: false, problem: NOT_WRITABLE }
    if (parsed.ok) values.push([name, parsed.value])
    else problems.push([name, [parsed.problem]])
  }
  for (const name of isComplete ? missingFrom(model, given, writable) : []) {
    problems.push([name, [MISSING]])
  }
  if (problems.length > 0) {
    const names = problems.map(([name]) => name).join(', ')
    throw new AdminError('invalid-input', `${model.name}.${mode}: check ${names}.`, {
      fields: Object.fromEntries(problems),
    })
  }
  return Object.fromEntries(values)
}

/** The value that `raw` stands for, or the sentence that says what it must be ("must be a date such as 2026-11-21"). */
export function parseValue(field: Field, raw: unknown): Parsed {
  if (isEmpty(field, raw)) return field.nullable ? { ok: true, value: null } : refuse(MISSING)
  if (typeof raw === 'string') {
    if (!raw.isWellFormed()) return refuse('must be text without broken characters')
    if (raw.includes('\0')) return refuse('must not contain a NUL character')
  }
  const text = typeof raw === 'string' && !KEPT_WHOLE.has(field.type) ? raw.trim() : raw
  return PARSERS[field.type](field, text)
}

/** Spaces around them are part of the value. */
const KEPT_WHOLE: ReadonlySet<Field['type']> = new Set(['text', 'native'])

/** An empty text is a value where texts are, and where it is one of the choices. */
function isEmpty({ type, choices }: Field, raw: unknown): boolean {
  if (raw === null || raw === undefined) return true
  return raw === '' && type !== 'text' && !choices?.some(({ value }) => value === '')
}

const PARSERS: Readonly<Record<Field['type'], (field: Field, raw: unknown) => Parsed>> = {
  int: parseInteger,
  bigint: parseBigint,
  decimal: parseDecimal,
  float: parseFloating,
  bool: parseBoolean,
  text: parseText,
  enum: parseEnum,
  uuid: parseUuid,
  date: (_, raw) =>
    fromText(
      raw,
      (text) => canonicalDate(text) ?? distantMoment('date', text),
      'must be a date such as 2026-11-21',
    ),
  time: ({ spanHours }, raw) =>
    fromText(
      raw,
      (text) => canonicalTime(text) ?? canonicalSpan(text, spanHours ?? 0),
      spanHours === undefined
        ? 'must be a time such as 14:30 or 14:30:05'
        : `must be a time such as 14:30, or hours up to ${spanHours} such as -120:00:05`,
    ),
  timestamp: (_, raw) =>
    fromText(
      raw,
      (text) => canonicalTimestamp(text, 'none') ?? distantMoment('timestamp', text),
      'must be a date and time without a zone, such as 2026-11-21T14:30',
    ),
  timestamptz: (_, raw) =>
    fromText(
      raw,
      (text) => canonicalTimestamp(text, 'utc') ?? distantMoment('timestamptz', text),
      'must be a date and time such as 2026-11-21T14:30:00Z',
    ),
  json: parseJson,
  bytes: parseBytes,
  array: (field, raw) => parseList(field, raw, (one) => parseMember(field, one)),
  set: (field, raw) => parseList(field, raw, (one) => parseMember(field, one)),
  native: (_, raw) => (typeof raw === 'string' ? accept(raw) : refuse('must be text')),
  opaque: () => refuse(NOT_WRITABLE),
}

/** One member of an array or set; as `contains` is asked for it, too. NULL is a member of neither question nor set. */
export function parseMember(field: Field, raw: unknown): Parsed {
  const member = memberField(field)
  if (elementOf(field).type === 'opaque') return refuse(NOT_WRITABLE)
  return parseValue(member, raw)
}

function entriesOf(model: Model, input: unknown, mode: string): readonly [string, unknown][] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AdminError('invalid-input', `${model.name}.${mode} takes fields by name.`)
  }
  return Object.entries(input).filter(([, raw]) => raw !== undefined)
}

function mayWrite(field: Field, writable: ReadonlySet<string>): boolean {
  return writable.has(field.name) && isWritable(field)
}

/** Whether anyone may write the field at all, before any policy. */
export function isWritable(field: Field): boolean {
  return !field.generated && !field.readonly && !field.hidden
}

function missingFrom(
  model: Model,
  given: readonly [string, unknown][],
  writable: ReadonlySet<string>,
): readonly string[] {
  const names = new Set(given.map(([name]) => name))
  return model.fields
    .filter((field) => !field.nullable && !field.hasDefault && mayWrite(field, writable))
    .map((field) => field.name)
    .filter((name) => !names.has(name))
}

function refuse(problem: string): Parsed {
  return { ok: false, problem }
}

function accept(value: Value): Parsed {
  return { ok: true, value }
}

function fromText(raw: unknown, read: (text: string) => string | null, problem: string): Parsed {
  const value = typeof raw === 'string' ? read(raw) : null
  return value === null ? refuse(problem) : accept(value)
}

/** A whole number from a JSON number, a bigint or its decimal text. */
function wholeNumber(raw: unknown): bigint | null {
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? BigInt(raw) : null
  return typeof raw === 'string' && /^[+-]?\d{1,40}$/.test(raw) ? BigInt(raw.replace('+', '')) : null
}

function parseInteger(field: Field, raw: unknown): Parsed {
  const narrow = LARGEST_INT[/^\w+/.exec(field.dbType.toLowerCase())?.[0] ?? '']
  const isUnsigned = UNSIGNED.test(field.dbType)
  const signed = BigInt(narrow ?? Number.MAX_SAFE_INTEGER)
  const largest = isUnsigned && narrow !== undefined ? 2n * signed + 1n : signed
  const smallest = isUnsigned ? 0n : -signed - (narrow === undefined ? 0n : 1n)
  const parsed = parseWithin(raw, smallest, largest)
  return parsed.ok ? accept(Number(parsed.value)) : parsed
}

function parseBigint({ dbType }: Field, raw: unknown): Parsed {
  return UNSIGNED.test(dbType) || /^bit\b/i.test(dbType)
    ? parseWithin(raw, 0n, 2n * LARGEST_BIGINT + 1n)
    : parseWithin(raw, -LARGEST_BIGINT - 1n, LARGEST_BIGINT)
}

function parseWithin(raw: unknown, smallest: bigint, largest: bigint): Parsed {
  const value = wholeNumber(raw)
  if (value === null) return refuse('must be a whole number such as 42')
  if (value > largest) return refuse(`must be at most ${largest}`)
  return value < smallest ? refuse(`must be at least ${smallest}`) : accept(value)
}

function parseDecimal(field: Field, raw: unknown): Parsed {
  // A number from JSON is refused: it may already have lost its last digits.
  const text = typeof raw === 'string' ? raw : ''
  // some sources have them, and what has none refuses it where it is written
  if (NO_NUMBER.has(text)) return accept(text)
  const exact = canonicalDecimal(text, null)
  if (exact === null) return refuse(`must be a decimal number such as ${exampleDecimal(field)}, as text`)
  const value = canonicalDecimal(text, field.scale)
  if (value === null) {
    return refuse(
      field.scale === 0
        ? 'must be a whole number'
        : `must have at most ${field.scale} digits after the point`,
    )
  }
  const largest = largestDecimal(field)
  if (largest !== null && compareDecimals(exact.replace('-', ''), largest) > 0) {
    return refuse(exact.startsWith('-') ? `must be at least -${largest}` : `must be at most ${largest}`)
  }
  return accept(value)
}

function exampleDecimal(field: Field): string {
  return canonicalDecimal('12', field.scale) ?? '12'
}

/** The largest value of `decimal(10,2)`: 99999999.99. Null when no precision is declared. */
function largestDecimal(field: Field): string | null {
  const precision = Number(/\((\d{1,3})\s*(?:,|\))/.exec(field.dbType)?.[1] ?? 0)
  const scale = field.scale ?? 0
  if (precision === 0 || precision < scale) return null
  return `${'9'.repeat(precision - scale) || '0'}${scale > 0 ? `.${'9'.repeat(scale)}` : ''}`
}

/** `1e400` is no infinity that anyone asked for; the word is. */
function parseFloating(_: Field, raw: unknown): Parsed {
  if (typeof raw === 'string' && NO_NUMBER.has(raw)) return accept(Number(raw))
  const value = typeof raw === 'string' && FLOAT.test(raw) ? Number(raw) : raw
  if (typeof value !== 'number') return refuse('must be a number such as 2.5')
  // one that is a number already is the source's own
  return Number.isFinite(value) || typeof raw === 'number' ? accept(value) : refuse('must be a finite number')
}

function parseBoolean(_: Field, raw: unknown): Parsed {
  if (TRUE.has(raw)) return accept(true)
  return FALSE.has(raw) ? accept(false) : refuse('must be true or false')
}

function parseText(field: Field, raw: unknown): Parsed {
  if (typeof raw !== 'string') return refuse('must be text')
  if (field.maxLength === null || raw.length <= field.maxLength) return accept(raw)
  const length = [...raw].length
  return length <= field.maxLength
    ? accept(raw)
    : refuse(`must be at most ${field.maxLength} characters long, not ${length}`)
}

function parseEnum(field: Field, raw: unknown): Parsed {
  if (typeof raw !== 'string') return refuse('must be text')
  if (!field.choices || field.choices.some((choice) => choice.value === raw)) return accept(raw)
  return refuse(`must be one of ${field.choices.map((choice) => `"${choice.value}"`).join(', ')}`)
}

function parseUuid(_: Field, raw: unknown): Parsed {
  const text = typeof raw === 'string' ? raw.toLowerCase() : ''
  return UUID.test(text)
    ? accept(text)
    : refuse('must be a UUID such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427')
}

/** Text is JSON already; anything else came in as JSON and is written out again. */
function parseJson(_: Field, raw: unknown): Parsed {
  if (typeof raw !== 'string') return accept(JSON.stringify(raw))
  try {
    JSON.parse(raw)
    return accept(raw)
  } catch {
    return refuse('must be JSON such as {"key": "value"}')
  }
}

function parseBytes(field: Field, raw: unknown): Parsed {
  const value = typeof raw === 'string' && BASE64.test(raw) ? new Uint8Array(Buffer.from(raw, 'base64')) : raw
  if (!(value instanceof Uint8Array)) return refuse('must be a file, or its bytes as base64')
  if (field.maxLength !== null && value.length > field.maxLength) {
    return refuse(`must be at most ${field.maxLength} bytes long, not ${value.length}`)
  }
  return accept(value)
}
