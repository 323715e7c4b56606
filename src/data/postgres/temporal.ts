/**
 * Dates and times between PostgreSQL's text and the model's.
 *
 * Sessions print ISO dates in UTC. PostgreSQL knows more moments than the
 * calendar of the model: `infinity` stays as it is; years before 1 and after
 * 9999 are written such that their texts stand in the order of their moments
 * (`-0043-03-15`, `Y10000-01-01`), since texts are what a policy compares.
 */

import type { FieldType } from '../../model/model.ts'

export type TemporalType = Extract<FieldType, 'date' | 'time' | 'timestamp' | 'timestamptz'>

/** Year, month and day, time, fraction, zone, era. */
const PRINTED = /^(\d{4,})(-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(\+00)?)?( BC)?$/
const PRINTED_TIME = /^(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/
/** What `readMoment` makes of them. */
const VALUE = /^(-|Y?)(\d{4,})(-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z?))?$/
const INFINITE: ReadonlySet<string> = new Set(['infinity', '-infinity'])

/** What most columns hold: a moment of whole seconds, of the years 0001 to 9999. */
const PLAIN = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\+00)?$/
const DAY_LENGTH = 'YYYY-MM-DD'.length
const SECONDS_LENGTH = 'YYYY-MM-DD HH:MM:SS'.length

/** The model's text of what a column printed; null when it is no moment of that type. */
export function readMoment(type: TemporalType, raw: string): string | null {
  if (type === 'time') {
    const [, time, fraction] = PRINTED_TIME.exec(raw) ?? []
    return time === undefined ? null : time + sixDigits(fraction)
  }
  if (type !== 'date' && PLAIN.test(raw)) return plainMoment(type, raw)
  if (INFINITE.has(raw)) return raw
  const [, year, day, time, fraction, zone, era] = PRINTED.exec(raw) ?? []
  if (year === undefined || !hasParts(type, time, zone)) return null
  const clock = time === undefined ? '' : `T${time}${sixDigits(fraction)}${zone ? 'Z' : ''}`
  return `${shownYear(year, era !== undefined)}${day}${clock}`
}

function plainMoment(type: TemporalType, raw: string): string | null {
  const isZoned = raw.length > SECONDS_LENGTH
  if (isZoned !== (type === 'timestamptz')) return null
  return `${raw.slice(0, DAY_LENGTH)}T${raw.slice(DAY_LENGTH + 1, SECONDS_LENGTH)}${isZoned ? 'Z' : ''}`
}

/** What PostgreSQL reads as that very moment; null when the text is none of the type. */
export function writeMoment(type: TemporalType, value: string): string | null {
  if (type === 'time') return PRINTED_TIME.test(value) ? value : null
  if (INFINITE.has(value)) return value
  const [, sign, year = '', day = '', time, zone = ''] = VALUE.exec(value) ?? []
  if (sign === undefined || !hasParts(type, time, zone === '' ? undefined : zone)) return null
  const clock = time === undefined ? '' : ` ${time}${zone === '' ? '' : '+00'}`
  // astronomers count a year 0, which PostgreSQL calls 1 BC
  return sign === '-'
    ? `${String(Number(year) + 1).padStart(4, '0')}${day}${clock} BC`
    : `${year}${day}${clock}`
}

/** How many digits of a second a value has that are not zero at its end. */
export function fractionDigits(value: string): number {
  return (/\.(\d+)/.exec(value)?.[1] ?? '').replace(/0+$/, '').length
}

function hasParts(type: TemporalType, time: string | undefined, zone: string | undefined): boolean {
  return (time !== undefined) === (type !== 'date') && (zone !== undefined) === (type === 'timestamptz')
}

function shownYear(year: string, isBefore: boolean): string {
  if (isBefore) return `-${String(Number(year) - 1).padStart(4, '0')}`
  return year.length > 4 ? `Y${year}` : year
}

function sixDigits(fraction: string | undefined): string {
  return fraction === undefined ? '' : `.${fraction.padEnd(6, '0')}`
}
