/**
 * Dates and times as text: their canonical forms, by calendar rules alone.
 *
 * No clock and no zone database: a zone is an offset or it is refused.
 */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/
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
