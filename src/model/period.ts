/**
 * Stretches of time that move with the clock: `today`, `last-7-days`, `this-month`.
 *
 * A period keeps its name, so that a link says next week what it says today, and
 * becomes two ends only when records are asked for: in the zone of whoever asks,
 * where days begin at midnight, or at what comes after it on the few days that
 * begin without one. Pure: now is a parameter.
 *
 * Days, weeks and months are whole ones: "last 7 days" are the seven that end
 * with today; a week begins on Monday. Hours are counted back from now.
 */

export type PeriodUnit = 'hours' | 'days' | 'weeks' | 'months' | 'quarters' | 'years'

export type Period =
  /** The day, week, month … that is `offset` of them from the present one: -1 is the one before. */
  | { readonly kind: 'calendar'; readonly unit: Exclude<PeriodUnit, 'hours'>; readonly offset: -1 | 0 | 1 }
  /** So many of them up to now, or from now on. */
  | {
      readonly kind: 'rolling'
      readonly unit: 'hours' | 'days' | 'weeks' | 'months'
      readonly count: number
      readonly direction: 'last' | 'next'
    }

/** From the first to before the last, as the texts of the types that `Field` has: dates, or instants. */
export interface Bounds {
  readonly from: string
  readonly before: string
}

const DAYS: Readonly<Record<string, -1 | 0 | 1>> = { yesterday: -1, today: 0, tomorrow: 1 }
const OFFSETS: Readonly<Record<string, -1 | 0 | 1>> = { last: -1, this: 0, next: 1 }
const UNITS: Readonly<Record<string, Exclude<PeriodUnit, 'hours' | 'days'>>> = {
  week: 'weeks',
  month: 'months',
  quarter: 'quarters',
  year: 'years',
}
const ROLLING: readonly string[] = ['hours', 'days', 'weeks', 'months']
const MOST = 1000

/** What a form offers, in its order. */
export const COMMON_PERIODS: readonly string[] = [
  'today',
  'yesterday',
  'last-7-days',
  'last-30-days',
  'this-week',
  'last-week',
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
]

/** The same in hours, for fields that have a time of day. */
export const COMMON_HOURS: readonly string[] = ['last-1-hours', 'last-24-hours', 'last-48-hours']

/** Reads `last-7-days`; null for what is no period. */
export function readPeriod(text: string): Period | null {
  const day = Object.hasOwn(DAYS, text) ? DAYS[text] : undefined
  if (day !== undefined) return { kind: 'calendar', unit: 'days', offset: day }
  const [, direction = '', count, unit = ''] =
    /^(last|this|next)(?:-([1-9]\d{0,3}))?-([a-z]+)$/.exec(text) ?? []
  if (count === undefined) {
    const whole = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
    const offset = OFFSETS[direction]
    return whole && offset !== undefined ? { kind: 'calendar', unit: whole, offset } : null
  }
  if (direction === 'this' || !ROLLING.includes(unit) || Number(count) > MOST) return null
  return {
    kind: 'rolling',
    unit: unit as 'hours' | 'days' | 'weeks' | 'months', // one of ROLLING
    count: Number(count),
    direction: direction === 'last' ? 'last' : 'next',
  }
}

/** "the last 7 days", "this month", "yesterday". */
export function periodWords(text: string): string {
  const period = readPeriod(text)
  if (period?.kind !== 'rolling') return text.replaceAll('-', ' ')
  const unit = period.count === 1 ? period.unit.slice(0, -1) : `${period.count} ${period.unit}`
  return `the ${period.direction} ${unit}`
}

/** Whether the period is one of hours: such a one means nothing to a field without a time of day. */
export function isOfHours({ unit }: Period): boolean {
  return unit === 'hours'
}

/**
 * The ends of a period for a field of that type.
 *
 * A date and a time without a zone are compared as they stand, with the day and the clock of whoever asks.
 *
 * @param now UTC, milliseconds since the epoch.
 * @param timeZone An IANA name; one that the platform does not know counts as UTC.
 * @throws TypeError for hours of a date: whoever let it through has not looked.
 */
export function boundsOf(
  period: Period,
  type: 'date' | 'timestamp' | 'timestamptz',
  now: number,
  timeZone: string,
): Bounds {
  const zone = zoneOf(timeZone)
  if (period.unit === 'hours') {
    if (type === 'date') throw new TypeError('A date has no hours.')
    const span = period.count * HOUR_MS
    const from = period.direction === 'next' ? now : now - span
    // up to this very moment, which is within
    const before = from + span + 1
    const at = (instant: number): string =>
      type === 'timestamptz' ? utcText(instant) : wallText(instant + zone.offsetAt(instant))
    return { from: at(from), before: at(before) }
  }
  const today = startOfDate(now + zone.offsetAt(now))
  const { from, before } = daysOf(period, today)
  if (type === 'date') return { from: dateText(from), before: dateText(before) }
  if (type === 'timestamp') return { from: wallText(from), before: wallText(before) }
  return { from: utcText(zone.startOf(from)), before: utcText(zone.startOf(before)) }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A date, as the milliseconds of its midnight were the zone UTC. */
type WallDate = number

interface Days {
  readonly from: WallDate
  readonly before: WallDate
}

function daysOf(period: Period, today: WallDate): Days {
  if (period.kind === 'calendar') {
    const start = startOfUnit(today, period.unit)
    const from = moved(start, period.unit, period.offset)
    return { from, before: moved(from, period.unit, 1) }
  }
  const { unit, count, direction } = period
  const isLast = direction === 'last'
  if (unit === 'months') {
    const edge = movedMonths(today, isLast ? -count : count)
    return isLast ? { from: edge + DAY_MS, before: today + DAY_MS } : { from: today, before: edge }
  }
  const days = (unit === 'weeks' ? 7 : 1) * count * DAY_MS
  return isLast
    ? { from: today + DAY_MS - days, before: today + DAY_MS }
    : { from: today, before: today + days }
}

function startOfDate(wall: number): WallDate {
  return Math.floor(wall / DAY_MS) * DAY_MS
}

function startOfUnit(date: WallDate, unit: PeriodUnit): WallDate {
  const at = new Date(date)
  const year = at.getUTCFullYear()
  switch (unit) {
    case 'weeks':
      return date - ((at.getUTCDay() + 6) % 7) * DAY_MS
    case 'months':
      return Date.UTC(year, at.getUTCMonth())
    case 'quarters':
      return Date.UTC(year, at.getUTCMonth() - (at.getUTCMonth() % 3))
    case 'years':
      return Date.UTC(year, 0)
    default:
      return date
  }
}

const MONTHS_IN: Readonly<Partial<Record<PeriodUnit, number>>> = { months: 1, quarters: 3, years: 12 }

function moved(date: WallDate, unit: PeriodUnit, count: number): WallDate {
  const months = MONTHS_IN[unit]
  if (months !== undefined) return movedMonths(date, months * count)
  return date + (unit === 'weeks' ? 7 : 1) * count * DAY_MS
}

/** The same day of another month, or its last day where it has none of that number. */
function movedMonths(date: WallDate, months: number): WallDate {
  const at = new Date(date)
  const first = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months))
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  return first.getTime() + (Math.min(at.getUTCDate(), days) - 1) * DAY_MS
}

function dateText(date: WallDate): string {
  return new Date(date).toISOString().slice(0, 10)
}

/** `YYYY-MM-DDTHH:MM:SS[.ffffff]`, as `model/instant.ts` writes it. */
function wallText(wall: number): string {
  const text = new Date(wall).toISOString()
  const fraction = text.slice(20, 23)
  return `${text.slice(0, 19)}${fraction === '000' ? '' : `.${fraction}000`}`
}

function utcText(instant: number): string {
  return `${wallText(instant)}Z`
}

interface Zone {
  /** How far the clocks are ahead of UTC at an instant. */
  offsetAt(instant: number): number
  /** The first instant of a day. */
  startOf(date: WallDate): number
}

const zones = new Map<string, Zone>()
const KEPT_ZONES = 600

function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const zone = makeZone(name)
  if (zones.size < KEPT_ZONES) zones.set(name, zone)
  return zone
}

function makeZone(name: string): Zone {
  const format = formatIn(name)
  const offsetAt = (instant: number): number => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const wall = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
    return wall - Math.floor(instant / 1000) * 1000
  }
  return { offsetAt, startOf: (date) => startIn(offsetAt, date) }
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const options = {
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    calendar: 'iso8601',
    numberingSystem: 'latn',
  } as const
  try {
    return new Intl.DateTimeFormat('en', { ...options, timeZone })
  } catch {
    // a name that a newer platform has given the person
    return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' })
  }
}

/** The instant at which clocks show midnight; where they skip it, the one at which they do. */
function startIn(offsetAt: Zone['offsetAt'], date: WallDate): number {
  const before = offsetAt(date - DAY_MS)
  const after = offsetAt(date + DAY_MS)
  const candidates = [date - Math.max(before, after), date - Math.min(before, after)] as const
  const shown = candidates.find((instant) => instant + offsetAt(instant) === date)
  if (shown !== undefined) return shown
  let [early, late] = candidates
  while (late - early > 1000) {
    const middle = Math.floor((early + late) / 2000) * 1000
    if (middle + offsetAt(middle) < date) early = middle
    else late = middle
  }
  return late
}
