/** Look-ups that are asked in the same turn of the event loop, answered by one question. */

/** What is found of one key, or undefined. */
export type Find<Found> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>

interface Group<Found> {
  readonly keys: Set<string>
  readonly found: Promise<ReadonlyMap<string, Found>>
}

/**
 * Asks for all keys of a turn at once, and no sooner than the turn is over: what is answered is read after it was
 * asked for, as if each had been asked by itself. Nothing is kept.
 * @param most How many keys one question may have; those beyond it are in another.
 */
export function gathered<Found>(
  find: Find<Found>,
  most: number,
): (key: string) => Promise<Found | undefined> {
  let group: Group<Found> | null = null

  function begin(): Group<Found> {
    const keys = new Set<string>()
    const turn = new Promise<void>((settle) => setImmediate(settle))
    const begun: Group<Found> = {
      keys,
      found: turn.then(() => {
        if (group === begun) group = null
        return find([...keys])
      }),
    }
    return begun
  }

  return async (key) => {
    if (!group || group.keys.size >= most) group = begin()
    group.keys.add(key)
    return (await group.found).get(key)
  }
}
