/** Rows as aligned columns, for lists in a terminal. */

import type { Value } from '../../model/model.ts'

/** The first row is the heading. Control characters are left out, so that a name cannot drive the terminal. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, ' ')))
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => (row[column] ?? '').length)),
  )
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** An RFC 3339 instant to the minute, or a dash. */
export function instantText(instant: string | null): string {
  return instant === null ? '–' : `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

/** A value of one of our own models as text; their instants and names are text already. */
export function textOf(value: Value | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
