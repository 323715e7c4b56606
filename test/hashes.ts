/** How many password hashes Node.js really computes, counted where it begins each of them. */

import { createHook } from 'node:async_hooks'

/** @returns the answer, and how many hashes were computed for it. */
export async function countingHashes<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly hashes: number }> {
  let hashes = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'ARGON2REQUEST') hashes += 1
    },
  }).enable()
  try {
    const result = await work()
    return { result, hashes }
  } finally {
    hook.disable()
  }
}
