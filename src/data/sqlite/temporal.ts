/**
 * How a SQLite column stores dates and times.
 *
 * SQLite has no type for them: they are text in one of several forms, or the
 * seconds or milliseconds since 1970. Filters and writes must use the form that
 * the column already has, or nothing would ever be equal; so the form is seen
 * from the first values of the column.
 */

import { canonicalDate, canonicalTime, canonicalTimestamp } from '../../model/instant.ts'
import type { FieldType } from '../../model/model.ts'

export type TemporalType = Extract<FieldType, 'date' | 'time' | 'timestamp' | 'timestamptz'>

/** The form of the values in a column. */
export type Form =
  | {
      readonly kind: 'text'
      readonly separator: ' ' | 'T'
      /** Of the fraction of a second, the most that were seen. */
      readonly digits: number
      readonly zone: string
      /** Values with fewer digits were seen as well. */
      readonly isMixed: boolean
    }
  | { readonly kind: 'seconds' | 'milliseconds' }

/** What SQLite's own `datetime('now')` writes. */
export const OWN_FORM: Form = { kind: 'text', separator: ' ', digits: 0, zone: '', isMixed: false }

/** RFC 3339 in UTC, to the millisecond, as JavaScript writes it. */
export const UTC_FORM: Form = { kind: 'text', separator: 'T', digits: 3, zone: 'Z', isMixed: false }

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}(?::\d{2}(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?$/i
/** Beyond this many seconds is the year 5138: such a number counts milliseconds. */
const LARGEST_SECONDS = 100_000_000_000

/** The type and form of a column declared to hold a moment, from its first values; null: they are something else. */
export function seenForm(
  declared: TemporalType,
  values: readonly unknown[],
): { readonly type: TemporalType; readonly form: Form } | null {
  const [first] = values
  if (first === undefined) return { type: declared, form: declared === 'timestamptz' ? UTC_FORM : OWN_FORM }
  if (values.every(isWholeNumber)) return { type: 'timestamptz', form: numericForm(values) }
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length < values.length) return null
  if (texts.every((text) => canonicalDate(text) !== null)) return { type: 'date', form: OWN_FORM }
  if (texts.every((text) => canonicalTime(text) !== null)) return { type: 'time', form: OWN_FORM }
  const forms = texts.map((text) => TIMESTAMP.exec(text))
  if (forms.includes(null)) return null
  const [, separator, , zone = ''] = forms[0] ?? []
  const digits = forms.map((form) => form?.[2]?.length ?? 0)
  const isZoned = forms.every((form) => form?.[3] !== undefined)
  const form: Form = {
    kind: 'text',
    separator: separator === ' ' ? ' ' : 'T',
    digits: Math.max(...digits),
    zone: isZoned ? utcSuffix(zone) : '',
    isMixed: new Set(digits).size > 1,
  }
  return { type: isZoned || declared === 'timestamptz' ? 'timestamptz' : 'timestamp', form }
}

/** The canonical value, or null when the stored one is none of the type. */
export function readMoment(type: TemporalType, form: Form, raw: unknown): string | null {
  if (isWholeNumber(raw)) return type === 'timestamptz' ? momentOf(Number(raw), form) : null
  if (typeof raw !== 'string') return null
  if (type === 'date') return canonicalDate(raw)
  if (type === 'time') return canonicalTime(raw)
  // what is finer than a microsecond is cut off: the model has no finer values
  const text = raw.replace(/(\.\d{6})\d+/, '$1')
  if (type === 'timestamptz') return canonicalTimestamp(text, 'utc')
  return canonicalTimestamp(text, 'none')
}

/**
 * How many digits of a second the column takes; null: any. Numbers count no finer, and behind a `Z` texts of several
 * lengths would stand in another order than their moments: `00.5Z` behind `00.501Z`.
 */
export function mostDigits(type: TemporalType, form: Form): number | null {
  if (type === 'date' || type === 'time') return null
  if (form.kind !== 'text') return form.kind === 'seconds' ? 0 : 3
  return form.zone === 'Z' && !form.isMixed ? form.digits : null
}

/** Whether the column's texts are in another order than its moments, which the suffix alone is to blame for. */
export function isOutOfOrder(form: Form | null): boolean {
  return form?.kind === 'text' && form.isMixed && form.zone === 'Z'
}

/** The stored form of a canonical value. */
export function writeMoment(type: TemporalType, form: Form, value: string): string | bigint {
  if (type === 'date' || type === 'time') return value
  if (form.kind !== 'text') {
    const milliseconds = Date.parse(value)
    return BigInt(form.kind === 'seconds' ? Math.floor(milliseconds / 1000) : milliseconds)
  }
  const [whole = '', fraction = ''] = value.replace(/Z$/, '').split('.')
  const significant = fraction.replace(/0+$/, '')
  const digits =
    significant.length > form.digits ? significant : fraction.slice(0, form.digits).padEnd(form.digits, '0')
  return `${whole.replace('T', form.separator)}${digits === '' ? '' : `.${digits}`}${form.zone}`
}

function isWholeNumber(value: unknown): value is bigint {
  return typeof value === 'bigint'
}

function numericForm(values: readonly bigint[]): Form {
  return values.some((value) => value > LARGEST_SECONDS || value < -LARGEST_SECONDS)
    ? { kind: 'milliseconds' }
    : { kind: 'seconds' }
}

function momentOf(count: number, form: Form): string | null {
  const date = new Date(form.kind === 'seconds' ? count * 1000 : count)
  return Number.isNaN(date.getTime()) ? null : canonicalTimestamp(date.toISOString(), 'utc')
}

/** Values are written in UTC, with the suffix that the column already uses for it. */
function utcSuffix(zone: string): string {
  return zone.toUpperCase() === 'Z' ? 'Z' : '+00:00'
}
