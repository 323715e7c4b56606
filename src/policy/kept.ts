/** Remembering what was made, up to a limit: the oldest goes first. */

/** What is kept under the key, or what `make` makes now. */
export type Keep<T> = (key: string, make: () => T) => T

export function createKeep<T>(limit: number): Keep<T> {
  const kept = new Map<string, T>()
  return (key, make) => {
    const before = kept.get(key)
    if (before !== undefined) return before
    const made = make()
    const [oldest] = kept.keys()
    if (kept.size >= limit && oldest !== undefined) kept.delete(oldest)
    kept.set(key, made)
    return made
  }
}
