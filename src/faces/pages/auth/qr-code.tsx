/** A QR code as plain SVG, drawn here: nothing is asked of anybody else. */

import { encode } from 'uqr'
import type { Html } from '../components/html.ts'

export interface QrCodeProps {
  readonly text: string
  /** What it is for, for those who don't see it. */
  readonly label: string
}

export function QrCode({ text, label }: QrCodeProps): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 0 })
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={pathOf(data)} />
    </svg>
  )
}

/** Every run of dark modules in a row is one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .map((row, y) =>
      runsOf(row)
        .map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)
        .join(''),
    )
    .join('')
}

function runsOf(row: readonly boolean[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = []
  for (const [x, isDark] of row.entries()) {
    const last = runs.at(-1)
    if (!isDark) continue
    if (last && last[0] + last[1] === x) last[1] += 1
    else runs.push([x, 1])
  }
  return runs
}
