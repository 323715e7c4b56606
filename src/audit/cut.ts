/**
 * Keeping the texts of an event whole and within bounds.
 *
 * An event must never fail to be written because of what somebody sent: lone
 * surrogates, which JSON cannot carry, become U+FFFD, and a text that is too
 * long ends in a note that says how long it was and what its hash is.
 * Control characters stay: canonical JSON escapes what could end a line.
 */

import { createHash } from 'node:crypto'

/** The most UTF-16 code units that stay of a text; the note comes on top. */
export const LIMITS = {
  label: 500,
  userAgent: 500,
  code: 200,
  reason: 4_000,
  detail: 2_000,
  value: 16_384,
} as const

const NOTE = /… \[cut from \d+ characters, SHA-256 [0-9a-f]{64}\]$/

/** The text as an event may hold it. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed()
  const whole = text.toWellFormed()
  const hash = createHash('sha256').update(whole).digest('hex')
  // A pair of surrogates that the cut went through loses its other half as well.
  const kept = text
    .slice(0, limit)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
  return `${kept}… [cut from ${whole.length} characters, SHA-256 ${hash}]`
}

/**
 * The same for what also stands in a column of the store: names, codes, reasons, addresses. A text of
 * PostgreSQL has no U+0000, so no event has one in them.
 */
export function bounded(text: string, limit: number): string {
  return cut(text.replaceAll('\0', '\ufffd'), limit)
}

export function boundedOrNull(text: string | null | undefined, limit: number): string | null {
  return text === null || text === undefined ? null : bounded(text, limit)
}

export function cutOrNull(text: string | null | undefined, limit: number): string | null {
  return text === null || text === undefined ? null : cut(text, limit)
}

/** Whether a value of a change is only the beginning of what it was. */
export function isCut(text: string): boolean {
  return NOTE.test(text)
}
