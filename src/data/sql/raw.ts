/** What drivers give, where no type of ours or no exact one fits it. */

import { textOf } from '../../model/text.ts'

/** What fits no type of ours, as text. */
export function printed(raw: unknown): string {
  if (raw instanceof Uint8Array) return textOf({ type: 'bytes' }, raw) ?? ''
  return String(raw)
}

/** A whole number that a JavaScript number holds exactly; null: it does not. */
export function narrowed(raw: bigint): number | null {
  const value = Number(raw)
  return Number.isSafeInteger(value) ? value : null
}
