/** Reading the options of a command: what is needed, lists and lengths of time. */

import { type Given, UsageError } from './command.ts'

/** @throws UsageError when the option is missing. */
export function needed(given: Given, option: string, value: string): string {
  const text = given.text(option)?.trim()
  if (text) return text
  throw new UsageError(`--${option} is needed. Write --${option} ${value}.`)
}

/** The parts of a comma-separated list. */
export function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of `90m`, `12h` or `30d`. @throws UsageError for anything else. */
export function lengthOfTime(option: string, text: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const factor = Object.entries(UNITS).find(([name]) => name === unit)?.[1]
  if (factor === undefined) {
    throw new UsageError(`--${option} must be a length of time such as 30d, 12h or 90m; it is "${text}".`)
  }
  return Number(amount) * factor
}
