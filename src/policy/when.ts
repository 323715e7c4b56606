/** Under which circumstances a rule counts at all: hours, network, assurance. */

import { type Report, suggest } from './mistakes.ts'
import type { Circumstances } from './policy.ts'

export type IsWhen = (circumstances: Circumstances) => boolean

const HOURS = /^(\d{2}):(\d{2})-(\d{2}):(\d{2}) (\S+)$/
const MINUTE_MS = 60_000

/** Compiles a rule's `when`. `networks` are the configured ones; null: not known here, so any name goes. */
export function compileWhen(
  when: { readonly [name: string]: unknown },
  networks: readonly string[] | null,
  place: string,
  report: Report,
): IsWhen {
  const tests: IsWhen[] = []
  if (when['hours'] !== undefined) tests.push(compileHours(when['hours'], `${place}.hours`, report))
  if (when['network'] !== undefined) {
    tests.push(compileNetwork(when['network'], networks, `${place}.network`, report))
  }
  if (when['assurance'] !== undefined) {
    tests.push(compileAssurance(when['assurance'], `${place}.assurance`, report))
  }
  if (tests.length === 0)
    report('P114', place, 'says nothing.', 'Name hours, network or assurance, or leave it out.')
  return (circumstances) => tests.every((test) => test(circumstances))
}

/** From the first minute until before the last; over midnight where the end is earlier than the start. */
function compileHours(hours: unknown, place: string, report: Report): IsWhen {
  const remedy = 'Write for example "08:00-18:00 Europe/Berlin".'
  const found = typeof hours === 'string' ? HOURS.exec(hours) : null
  const [, ...parts] = found ?? []
  const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = parts.slice(0, 4).map(Number)
  const from = fromHour * 60 + fromMinute
  const to = toHour * 60 + toMinute
  const isClock = from < 24 * 60 && to <= 24 * 60 && fromMinute < 60 && toMinute < 60 && from !== to
  if (!isClock) {
    report('P108', place, `"${hours}" is no span of a day.`, remedy)
    return () => false
  }
  const minuteOf = minuteIn(parts[4] ?? '')
  if (!minuteOf) {
    report('P108', place, `"${parts[4]}" is no time zone.`, remedy)
    return () => false
  }
  return ({ now }) => {
    const minute = minuteOf(now)
    return from < to ? minute >= from && minute < to : minute >= from || minute < to
  }
}

/** The minute of the day in a zone; undefined when there is no such zone. The last answer is kept: zones move by whole minutes. */
function minuteIn(timeZone: string): ((now: number) => number) | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  } catch {
    return undefined
  }
  let last = { at: Number.NaN, minute: 0 }
  return (now) => {
    const at = Math.floor(now / MINUTE_MS)
    if (at !== last.at) {
      const [hour = 0, minute = 0] = format
        .format(at * MINUTE_MS)
        .split(':')
        .map(Number)
      last = { at, minute: hour * 60 + minute }
    }
    return last.minute
  }
}

function compileNetwork(
  network: unknown,
  networks: readonly string[] | null,
  place: string,
  report: Report,
): IsWhen {
  if (typeof network !== 'string' || (networks && !networks.includes(network))) {
    report(
      'P109',
      place,
      `There is no network "${network}" in the configuration.`,
      suggest(String(network), networks ?? []),
    )
    return () => false
  }
  return (circumstances) => circumstances.networks.includes(network)
}

function compileAssurance(assurance: unknown, place: string, report: Report): IsWhen {
  if (assurance !== 1 && assurance !== 2 && assurance !== 3) {
    report(
      'P116',
      place,
      `"${assurance}" is no assurance.`,
      'Write 1 (one factor), 2 (two) or 3 (phishing-resistant).',
    )
    return () => false
  }
  return (circumstances) => circumstances.assurance >= assurance
}
