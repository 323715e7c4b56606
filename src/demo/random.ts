/**
 * Randomness that comes out the same every time: the shop is generated anew on
 * each machine and still has the same records everywhere. For nothing else.
 */

export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number
  /** True this often: 0.3 is three times in ten. */
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** Picks by weight: `{ web: 7, retail: 2 }`. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  /** Some different ones, in their own order. */
  some<T>(from: readonly T[], count: number): T[]
  digits(count: number): string
  bytes(count: number): Uint8Array
  /** A version 4 UUID by its looks alone. */
  uuid(): string
}

/** The generator `sfc32` over a fixed seed. */
export function createRandom(seed: number): Random {
  let a = seed >>> 0
  let b = 0x9e3779b9
  let c = 0x243f6a88
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()

  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  const pick = <T>(from: readonly T[]): T => {
    const index = int(0, from.length - 1)
    if (index >= from.length) throw new RangeError('There is nothing to pick from.')
    // the index is within the list
    return from[index] as T
  }
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => int(0, 255))
  return {
    next,
    int,
    pick,
    bytes,
    chance: (probability) => next() < probability,
    weighted(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[]
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0)
      for (const name of names) {
        left -= weights[name]
        if (left < 0) return name
      }
      return pick(names)
    },
    some(from, count) {
      const chosen = new Set<number>()
      while (chosen.size < Math.min(count, from.length)) chosen.add(int(0, from.length - 1))
      return from.filter((_, index) => chosen.has(index))
    },
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
    uuid() {
      const hex = Buffer.from(bytes(16)).toString('hex')
      const variant = '89ab'[int(0, 3)]
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}
