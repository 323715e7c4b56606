import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDeep } from '../../test/runs.ts'
import {
  consistencyRanges,
  emptyRoot,
  frontier,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  placesOf,
  type Range,
  rootOf,
} from './tree.ts'

/** The leaves and roots of the reference tests of Certificate Transparency. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const MOST = 300

test('has the published roots of the trees of 0 to 8 leaves', () => {
  const { roots } = grow(LEAVES.map((hex) => leafHash(Buffer.from(hex, 'hex'))))

  expect(roots.map(hexOf)).toEqual(ROOTS)
})

test('gives the published proofs', () => {
  const tree = grow(LEAVES.map((hex) => leafHash(Buffer.from(hex, 'hex'))))

  expect(inclusionRanges(0, 1)).toEqual([])
  expect(inclusionRanges(0, 8).map(tree.rootOver).map(hexOf)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(consistencyRanges(1, 8).map(tree.rootOver).map(hexOf)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(consistencyRanges(6, 8).map(tree.rootOver).map(hexOf)).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
})

test('goes on from the hashes at its right edge as if it had never stopped', () => {
  const tree = grow(someLeaves(MOST))
  for (let size = 0; size < MOST; size += 1) {
    const resumed = frontier(size, tree.hashesOf({ begin: 0, end: size }))

    expect(resumed.root()).toEqual(tree.roots[size])
    resumed.append(tree.leafAt(size))
    expect(resumed.root()).toEqual(tree.roots[size + 1])
  }
})

test('refuses to go on from too few hashes', () => {
  expect(() => frontier(3, [emptyRoot()])).toThrow(RangeError)
})

test('proves that each leaf is in each tree, and no proof survives the change of a bit', () => {
  const tree = grow(someLeaves(MOST))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MOST }), fc.nat(), fc.nat(), (size, which, bit) => {
      const index = which % size
      const claim = {
        index,
        size,
        leaf: tree.leafAt(index),
        root: tree.rootAt(size),
        proof: inclusionRanges(index, size).map(tree.rootOver),
      }

      expect(isIncluded(claim)).toBe(true)
      const changed = flip([claim.leaf, claim.root, ...claim.proof], bit)
      const [leaf = claim.leaf, root = claim.root, ...proof] = changed
      expect(isIncluded({ ...claim, leaf, root, proof })).toBe(false)
      expect(isIncluded({ ...claim, proof: [...claim.proof, claim.leaf] })).toBe(false)
      if (claim.proof.length > 0) {
        expect(isIncluded({ ...claim, proof: claim.proof.slice(1) })).toBe(false)
        expect(isIncluded({ ...claim, index: (index + 1) % size })).toBe(false)
      }
    }),
    { numRuns: 500 },
  )
})

test('proves that each tree is the beginning of each larger one, and no proof survives the change of a bit', () => {
  const tree = grow(someLeaves(MOST))
  const sizes = fc.integer({ min: 0, max: MOST })
  fc.assert(
    fc.property(sizes, sizes, fc.nat(), (one, other, bit) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)]
      const claim = {
        from,
        to,
        fromRoot: tree.rootAt(from),
        toRoot: tree.rootAt(to),
        proof: consistencyRanges(from, to).map(tree.rootOver),
      }

      expect(isConsistent(claim)).toBe(true)
      expect(isConsistent({ ...claim, proof: [...claim.proof, claim.toRoot] })).toBe(false)
      if (from === 0) return
      const changed = flip([claim.fromRoot, claim.toRoot, ...claim.proof], bit)
      const [fromRoot = claim.fromRoot, toRoot = claim.toRoot, ...proof] = changed
      expect(isConsistent({ ...claim, fromRoot, toRoot, proof })).toBe(false)
      if (claim.proof.length > 0) expect(isConsistent({ ...claim, proof: claim.proof.slice(1) })).toBe(false)
    }),
    { numRuns: 500 },
  )
})

/** Every tree up to this one is gone through whole. */
const ALL = isDeep ? MOST : 64

test(`of every tree up to ${ALL} leaves every proof holds, and with a bit of any of its hashes flipped none does`, () => {
  const tree = grow(someLeaves(ALL))
  const wrong: string[] = []
  for (let to = 0; to <= ALL; to += 1) {
    for (let at = 0; at <= to; at += 1) {
      if (!holdsAsConsistent(tree, at, to)) wrong.push(`consistency of ${at} and ${to}`)
      if (at < to && !holdsAsIncluded(tree, at, to)) wrong.push(`leaf ${at} in ${to}`)
    }
  }

  expect(wrong).toEqual([])
})

type Grown = ReturnType<typeof grow>

function holdsAsIncluded(tree: Grown, index: number, size: number): boolean {
  const proof = inclusionRanges(index, size).map(tree.rootOver)
  const isTaken = ([leaf = emptyRoot(), root = emptyRoot(), ...rest]: readonly Uint8Array[]): boolean =>
    isIncluded({ index, size, leaf, root, proof: rest })
  return holdsAlone([tree.leafAt(index), tree.rootAt(size), ...proof], index + size, isTaken)
}

function holdsAsConsistent(tree: Grown, from: number, to: number): boolean {
  const proof = consistencyRanges(from, to).map(tree.rootOver)
  const isTaken = ([fromRoot = emptyRoot(), toRoot = emptyRoot(), ...rest]: readonly Uint8Array[]): boolean =>
    isConsistent({ from, to, fromRoot, toRoot, proof: rest })
  const hashes = [tree.rootAt(from), tree.rootAt(to), ...proof]
  // that a tree of no leaves is the beginning of any other says nothing of the other
  return from === 0 ? isTaken(hashes) : holdsAlone(hashes, from + to, isTaken)
}

/** As they are, and with no bit flipped: one of each hash is tried, another for each proof. */
function holdsAlone(
  hashes: readonly Uint8Array[],
  seed: number,
  isTaken: (hashes: readonly Uint8Array[]) => boolean,
): boolean {
  const flipped = hashes.map((_, index) => flip(hashes, index * 256 + ((seed * 37 + index * 11) % 256)))
  return isTaken(hashes) && flipped.every((one) => !isTaken(one))
}

test('takes no tree for a larger one', () => {
  expect(() => inclusionRanges(3, 3)).toThrow(RangeError)
  expect(() => consistencyRanges(4, 3)).toThrow(RangeError)
  expect(isIncluded({ index: 3, size: 3, leaf: emptyRoot(), root: emptyRoot(), proof: [] })).toBe(false)
  expect(isConsistent({ from: 4, to: 3, fromRoot: emptyRoot(), toRoot: emptyRoot(), proof: [] })).toBe(false)
})

/** A tree grown leaf by leaf, with every node it ever completed. */
function grow(leaves: readonly Uint8Array[]) {
  const growing = frontier()
  const nodes = new Map<string, Uint8Array>()
  const roots = [growing.root()]
  for (const leaf of leaves) {
    for (const { level, position, hash } of growing.append(leaf)) nodes.set(`${level}/${position}`, hash)
    roots.push(growing.root())
  }
  const at = (level: number, position: number): Uint8Array => {
    const hash = nodes.get(`${level}/${position}`)
    if (!hash) throw new TypeError(`No node ${level}/${position}.`)
    return hash
  }
  const hashesOf = (range: Range) => placesOf(range).map(({ level, position }) => at(level, position))
  return {
    roots,
    rootAt: (size: number): Uint8Array => roots[size] ?? emptyRoot(),
    leafAt: (index: number) => at(0, index),
    hashesOf,
    rootOver: (range: Range) => rootOf(hashesOf(range)),
  }
}

function someLeaves(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`event ${index}`)))
}

/** The same hashes with one bit of all of them flipped. */
function flip(hashes: readonly Uint8Array[], bit: number): readonly Uint8Array[] {
  const bytes = Uint8Array.from(Buffer.concat(hashes))
  const at = bit % (bytes.length * 8)
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))
  return hashes.map((_, index) => bytes.subarray(index * 32, index * 32 + 32))
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
