/** Instants as our tables keep them: RFC 3339 in UTC with three digits, so that they compare as text. */

export const SECOND = 1000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE
export const DAY: number = 24 * HOUR

/** `2026-11-21T10:00:00.000Z`; what is finer than a millisecond is dropped. */
export function toText(at: number): string {
  return new Date(Math.floor(at)).toISOString()
}

/** Milliseconds since the epoch. */
export function toInstant(text: string): number {
  return Date.parse(text)
}

export function toInstantOrNull(text: string | null): number | null {
  return text === null ? null : toInstant(text)
}
