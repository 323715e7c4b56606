/**
 * Dates and times as text: their canonical forms, by calendar rules alone.
 *
 * No clock and no zone database: a zone is an offset or it is refused.
 */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/
const SPAN = /^(-)?(\d{2,3}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/
const DISTANT = /^(-\d{4,7}|Y\d{5,7})(-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z)?)?$/
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:\d{2})?$/i

/** `YYYY-MM-DD` of a day that exists, years 0001 to 9999; else null. */
export function canonicalDate(text: string): string | null {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? []
  if (year === '' || year === '0000') return null
  const time = new Date(`${text}T00:00:00Z`)
  // The platform moves 30 February on to March; a day that moved never was.
  return Number.isNaN(time.getTime()) || time.getUTCDate() !== Number(day) || month === '00' ? null : text
}

/** `HH:MM:SS`, with six digits of a second where there are any; else null. */
export function canonicalTime(text: string): string | null {
  const [, hours = '', minutes = '', seconds = '00', fraction = ''] = TIME.exec(text) ?? []
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  const micros = fraction.padEnd(6, '0')
  return `${hours}:${minutes}:${seconds}${Number(micros) === 0 ? '' : `.${micros}`}`
}

/**
 * A span as a clock shows it, `-838:59:59`: hours from 0 to `most`, a sign, six digits of a second where
 * there are any; else null.
 */
export function canonicalSpan(text: string, most: number): string | null {
  const [, sign = '', hours = '', minutes = '', seconds = '00', fraction = ''] = SPAN.exec(text) ?? []
  if (hours === '' || Number(hours) > most || Number(minutes) > 59 || Number(seconds) > 59) return null
  const micros = fraction.padEnd(6, '0')
  const whole = `${hours.replace(/^0+(?=\d\d)/, '')}:${minutes}:${seconds}`
  const shown = `${whole}${Number(micros) === 0 ? '' : `.${micros}`}`
  return sign === '-' && /[1-9]/.test(shown) ? `-${shown}` : shown
}

/** The microseconds of a time or a span; null where the text is neither. */
export function microsecondsOf(text: string): bigint | null {
  const [, sign = '', hours = '', minutes = '', seconds = '00', fraction = ''] = SPAN.exec(text) ?? []
  if (hours === '') return null
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const micros = whole * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  return sign === '-' ? -micros : micros
}

/**
 * A moment that no calendar of ours knows and some sources do, in the form in which it is read from them:
 * `infinity`, a year before 1 (`-0043-03-15`), a year after 9999 (`Y10000-01-01T00:00:00Z`). Else null.
 */
export function distantMoment(type: 'date' | 'timestamp' | 'timestamptz', text: string): string | null {
  if (text === 'infinity' || text === '-infinity') return text
  const [, year = '', monthAndDay = '', time, zone] = DISTANT.exec(text) ?? []
  if (year === '' || (time !== undefined) !== (type !== 'date')) return null
  if ((zone !== undefined) !== (type === 'timestamptz')) return null
  // every fourth year is a leap year there as here; what is none is the source's to refuse
  if (canonicalDate(`2000${monthAndDay}`) === null) return null
  const clock = time === undefined ? '' : canonicalTime(time)
  if (clock === null) return null
  return `${year}${monthAndDay}${clock === '' ? '' : `T${clock}`}${zone ?? ''}`
}

/**
 * `none`: `YYYY-MM-DDTHH:MM:SS[.ffffff]`, and a zone is refused.
 * `utc`: the same in UTC with `Z`; without a zone it is taken as UTC.
 */
export function canonicalTimestamp(text: string, zone: 'none' | 'utc'): string | null {
  const [, dateText = '', timeText = '', offset] = TIMESTAMP.exec(text) ?? []
  const date = canonicalDate(dateText)
  const time = canonicalTime(timeText)
  if (date === null || time === null || (zone === 'none' && offset !== undefined)) return null
  if (zone === 'none') return `${date}T${time}`
  return inUtc(date, time, offset ?? 'Z')
}

function inUtc(date: string, time: string, offset: string): string | null {
  const minutes = offsetMinutes(offset)
  if (minutes === null) return null
  const [whole = '', fraction] = time.split('.')
  const moved = new Date(Date.parse(`${date}T${whole}Z`) - minutes * 60_000).toISOString()
  // Years before 1 or after 9999 have another form, which nothing else here reads.
  if (!/^(?!0000)\d{4}-/.test(moved)) return null
  return `${moved.slice(0, 19)}${fraction === undefined ? '' : `.${fraction}`}Z`
}

function offsetMinutes(offset: string): number | null {
  if (offset.toUpperCase() === 'Z') return 0
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  if (hours > 15 || minutes > 59) return null
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
