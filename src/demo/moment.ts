/** Dates of the shop: counted back from one fixed day, so that they are the same on every machine. */

const MINUTE_MS = 60_000
export const DAY_MS: number = 1440 * MINUTE_MS

/** The shop's last day: everything in it happened before. */
export const TODAY: number = Date.UTC(2026, 10, 21, 9, 0, 0)
/** Its first. */
export const FOUNDED: number = Date.UTC(2023, 2, 1, 8, 0, 0)

/** `2026-11-21 09:00:00`, in UTC, as SQLite itself writes a moment. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}

/** `2026-11-21` */
export function date(milliseconds: number): string {
  return timestamp(milliseconds).slice(0, 10)
}
