/** Drawing once what is the same on page after page: a sprite's drawing, a dialog. */

import type { Html } from './html.ts'

/** Made from names that programmers write, so there are few; what is beyond that many is drawn each time. */
const MOST_KEPT = 1000

/** @param draw What stands there for that key, and for nothing else: who asks must not matter. */
export function keptDrawing<Drawn>(
  draw: (drawn: Drawn) => Html,
  keyOf: (drawn: Drawn) => string,
): (drawn: Drawn) => Html {
  const kept = new Map<string, Html>()
  return (drawn) => {
    const key = keyOf(drawn)
    const before = kept.get(key)
    if (before) return before
    const made = draw(drawn)
    if (kept.size < MOST_KEPT) kept.set(key, made)
    return made
  }
}
