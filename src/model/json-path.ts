/**
 * Paths into a JSON value: `$.address.city`, `$.lines[0]."unit price"`.
 *
 * A small part of what databases take for a path: names and places in arrays,
 * no wildcards, no ranges, nothing that is computed. A step travels to the
 * database as a parameter, never as a piece of SQL.
 */

import { FILTER_LIMITS } from './filter-limit.ts'

/** Names of members, and places in arrays from 0 on. */
export type JsonPath = readonly (string | number)[]

const STEP = /\.([A-Za-z_]\w*)|\."([^"]*)"|\[(0|[1-9]\d{0,5})\]/y
const PLAIN = /^[A-Za-z_]\w*$/
/** What some database reads as a sign of its own, even between quotes. */
const REFUSED = /["\\\p{Cc}]/u

/** The path behind `$`, or null where it is none, or longer than anyone needs. */
export function readJsonPath(text: string): JsonPath | null {
  if (!text.startsWith('$')) return null
  const steps: (string | number)[] = []
  STEP.lastIndex = 1
  while (STEP.lastIndex < text.length) {
    const [, plain, quoted, index] = STEP.exec(text) ?? []
    const step = index === undefined ? (plain ?? quoted) : Number(index)
    if (step === undefined || (typeof step === 'string' && !isName(step))) return null
    steps.push(step)
  }
  return steps.length > 0 && steps.length <= FILTER_LIMITS.steps ? steps : null
}

/** The path as `readJsonPath` reads it. */
export function writeJsonPath(path: JsonPath): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    return PLAIN.test(step) ? `.${step}` : `."${step}"`
  })
  return `$${steps.join('')}`
}

function isName(step: string): boolean {
  return step.length > 0 && step.length <= FILTER_LIMITS.step && step.isWellFormed() && !REFUSED.test(step)
}
