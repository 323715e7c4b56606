/**
 * Instants, numbers and money as text for people, in their zone and locale.
 *
 * Pure: what "now" is arrives as a clock. Field values of records have their
 * own text form in `model/text.ts`; this is for what the pages themselves say.
 */

import type { Clock } from '../../clock.ts'

/** UTC milliseconds since the epoch, or an RFC 3339 text with a zone. */
export type Instant = number | string

export interface Format {
  readonly timeZone: string
  readonly locale: string
  /** The same for times without a zone: as they stand, when they are taken for UTC. */
  wall(): Format
  /** "20 Nov 2026". */
  date(at: Instant): string
  /** "20 Nov 2026, 09:41". */
  dateTime(at: Instant): string
  /** "20 Nov 2026, 09:41:07 UTC": what stands beside evidence. */
  exact(at: Instant): string
  /** "09:41:07". */
  time(at: Instant): string
  /** "Today, 20 November", "Yesterday, 19 November" or "Wednesday, 18 November 2026". */
  day(at: Instant): string
  /** "3 min ago" or "in 2 hr" within seven days; beyond that the date. */
  relative(at: Instant): string
  /** RFC 3339 in UTC, for `datetime` attributes. */
  machine(at: Instant): string
  number(value: number | bigint): string
  /** "2 orders": the count and the word that fits it. */
  plural(count: number | bigint, one: string, other: string): string
  /** @param amount Canonical decimal text; never a float. */
  money(amount: string, currency: string): string
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const RELATIVE_WITHIN_MS = 7 * DAY_MS

const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const CLOCK_EXACT = { ...CLOCK, second: '2-digit' } as const
const DATE_TIME = { ...DATE, ...CLOCK } as const
const EXACT = { ...DATE, ...CLOCK_EXACT, timeZoneName: 'short' } as const
const DAY = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
const DAY_AND_MONTH = { day: 'numeric', month: 'long' } as const
const PLAIN = {} as const

/** Day before month and a 24-hour clock: the English that can't be misread as the other order. */
function regional(locale: string): string {
  return locale === 'en' ? 'en-GB' : locale
}

/** The texts of one person. Formatters are built when first used. */
export function formatFor(language: string, timeZone: string, clock: Clock): Format {
  const locale = regional(language)
  const dates = (options: Intl.DateTimeFormatOptions): ((at: Instant) => string) => {
    const write = lazily(() => byQuarters(dateFormat(locale, timeZone, options)))
    return (at) => write()(milliseconds(at))
  }
  const numbers = lazily(() => numberFormat(locale, PLAIN))
  const number = (value: number | bigint): string =>
    value >= 0 && value < 1000 && Number.isInteger(value) && hasPlainDigits(numbers())
      ? String(value)
      : numbers().format(value)
  const date = dates(DATE)

  return {
    timeZone,
    locale,
    wall: lazily(() => formatFor(language, 'UTC', clock)),
    date,
    dateTime: dates(DATE_TIME),
    exact: dates(EXACT),
    time: dates(CLOCK_EXACT),
    day: (at) => dayText(milliseconds(at), clock(), locale, timeZone),
    relative: (at) => relativeText(milliseconds(at), clock(), locale) ?? date(at),
    machine: machineText,
    number,
    plural: (count, one, other) => `${number(count)} ${pluralRule(locale, count) === 'one' ? one : other}`,
    money: (amount, currency) => moneyText(amount, currency, locale),
  }
}

/** Small whole numbers are then written as they are everywhere: nothing is grouped yet. */
function hasPlainDigits(format: Intl.NumberFormat): boolean {
  const known = plainDigits.get(format) ?? format.format(123) === '123'
  plainDigits.set(format, known)
  return known
}

const plainDigits = new WeakMap<Intl.NumberFormat, boolean>()

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const QUARTER_MS = 15 * MINUTE_MS
/** Clocks have differed by whole quarters of an hour since then; before, some by minutes and seconds. */
const WHOLE_QUARTERS_SINCE = Date.UTC(1980, 0)
const KEPT_QUARTERS = 500

/**
 * The same text as the formatter's, which takes most of the time of a column of instants: within a quarter of an hour
 * only minutes and seconds differ, so one text serves for all of it.
 */
function byQuarters(format: Intl.DateTimeFormat): (at: number) => string {
  const known = quarters.get(format)
  if (known) return known
  const kept = new Map<number, Quarter>()
  const hasOurDigits = format.resolvedOptions().numberingSystem === 'latn'
  const write = (at: number): string => {
    if (!hasOurDigits || !(at >= WHOLE_QUARTERS_SINCE)) return format.format(at)
    const start = Math.floor(at / QUARTER_MS) * QUARTER_MS
    let quarter = kept.get(start)
    if (!quarter) {
      quarter = quarterOf(format.formatToParts(start))
      if (kept.size >= KEPT_QUARTERS) kept.clear()
      kept.set(start, quarter)
    }
    return textIn(quarter, Math.floor((at - start) / SECOND_MS))
  }
  quarters.set(format, write)
  return write
}

const quarters = new WeakMap<Intl.DateTimeFormat, (at: number) => string>()

/** What stands between minutes and seconds, which alone differ. */
interface Quarter {
  readonly start: string
  readonly rest: readonly {
    readonly unit: 'minute' | 'second'
    readonly from: number
    readonly after: string
  }[]
}

function quarterOf(parts: readonly Intl.DateTimeFormatPart[]): Quarter {
  let start = ''
  const rest: { unit: 'minute' | 'second'; from: number; after: string }[] = []
  for (const { type, value } of parts) {
    const last = rest.at(-1)
    if (type === 'minute' || type === 'second') rest.push({ unit: type, from: Number(value), after: '' })
    else if (last) last.after += value
    else start += value
  }
  return { start, rest }
}

/** @param seconds How far behind its beginning. */
function textIn({ start, rest }: Quarter, seconds: number): string {
  let text = start
  for (const { unit, from, after } of rest) {
    const count = from + (unit === 'minute' ? Math.floor(seconds / 60) : seconds % 60)
    text += `${count < 10 ? '0' : ''}${count}${after}`
  }
  return text
}

const MACHINE_TEXT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

function machineText(at: Instant): string {
  if (typeof at === 'string' && MACHINE_TEXT.test(at)) return at
  return new Date(milliseconds(at)).toISOString().replace('.000Z', 'Z')
}

function milliseconds(at: Instant): number {
  return typeof at === 'number' ? at : Date.parse(at)
}

function pluralRule(locale: string, count: number | bigint): string {
  return plurals(locale).select(Number(count))
}

/** `Intl` reads decimal text exactly, beyond what a number can hold. */
function moneyText(amount: string, currency: string, locale: string): string {
  return numberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(
    amount as Intl.StringNumericLiteral,
  )
}

function relativeText(at: number, now: number, locale: string): string | null {
  const distance = at - now
  const size = Math.abs(distance)
  if (size >= RELATIVE_WITHIN_MS) return null
  const words = shortDistances(locale)
  if (size < MINUTE_MS) return words.format(0, 'second')
  if (size < HOUR_MS) return words.format(Math.trunc(distance / MINUTE_MS), 'minute')
  if (size < DAY_MS) return words.format(Math.trunc(distance / HOUR_MS), 'hour')
  return words.format(Math.trunc(distance / DAY_MS), 'day')
}

function dayText(at: number, now: number, locale: string, timeZone: string): string {
  const plain = dateFormat(locale, timeZone, DATE)
  const dayAndMonth = dateFormat(locale, timeZone, DAY_AND_MONTH).format(at)
  const words = distances(locale)
  for (const daysAgo of [0, 1]) {
    if (plain.format(at) !== plain.format(now - daysAgo * DAY_MS)) continue
    const word = words.format(-daysAgo, 'day')
    return `${word.charAt(0).toLocaleUpperCase(locale)}${word.slice(1)}, ${dayAndMonth}`
  }
  return dateFormat(locale, timeZone, DAY).format(at)
}

/** Building a formatter costs far more than using one, so one is kept for each of the options above. */
const dateFormats = new WeakMap<Intl.DateTimeFormatOptions, Map<string, Intl.DateTimeFormat>>()
const numberFormats = new Map<string, Intl.NumberFormat>()

function dateFormat(
  locale: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const places = dateFormats.get(options) ?? new Map<string, Intl.DateTimeFormat>()
  dateFormats.set(options, places)
  const place = `${locale} ${timeZone}`
  const kept = places.get(place) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone })
  places.set(place, kept)
  return kept
}

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${options.currency ?? ''}`
  const kept = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options)
  numberFormats.set(key, kept)
  return kept
}

const plurals = byLocale((locale) => new Intl.PluralRules(locale))
const distances = byLocale((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
const shortDistances = byLocale(
  (locale) => new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'auto' }),
)

function byLocale<T>(make: (locale: string) => T): (locale: string) => T {
  const kept = new Map<string, T>()
  return (locale) => {
    const made = kept.get(locale) ?? make(locale)
    kept.set(locale, made)
    return made
  }
}
