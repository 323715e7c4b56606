/**
 * The Merkle tree of the log (RFC 6962, section 2; proofs checked as in RFC 9162, section 2.1).
 *
 * Pure arithmetic over hashes. A node is addressed by level and position: level
 * 0 holds the leaf hashes, and the node (level, position) covers the leaves from
 * `position × 2^level` up to the next, counted from 0. Only complete subtrees
 * have a place; what is ragged at the right edge is folded when a root is asked for.
 */

import { hash } from 'node:crypto'

export interface Place {
  readonly level: number
  readonly position: number
}

export interface TreeNode extends Place {
  readonly hash: Uint8Array
}

/** Leaves from `begin` up to, and without, `end`. */
export interface Range {
  readonly begin: number
  readonly end: number
}

/** A tree that grows: all that is kept is the root of each complete subtree at its right edge. */
export interface Frontier {
  readonly size: number
  /** Adds a leaf hash and returns the nodes it completes, the leaf itself first. */
  append(leaf: Uint8Array): readonly TreeNode[]
  root(): Uint8Array
  /** The same tree, to grow another way. */
  copy(): Frontier
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const HASH = 'sha256'

/**
 * The hash of one audit event as a leaf of the tree: `SHA-256(0x00 ‖ event)`.
 *
 * The leading byte keeps a leaf from ever equalling an inner node, which begins
 * with 0x01 (RFC 6962, section 2.1).
 *
 * @param event Canonical JSON of the event, as UTF-8.
 * @returns 32 bytes.
 */
export function leafHash(event: Uint8Array): Uint8Array {
  return hash(HASH, Buffer.concat([LEAF, event]), 'buffer')
}

/** `SHA-256(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(HASH, Buffer.concat([NODE, left, right]), 'buffer')
}

/** The root of no leaves: `SHA-256("")`. */
export function emptyRoot(): Uint8Array {
  return hash(HASH, '', 'buffer')
}

/**
 * A tree of `size` leaves, from the hashes at `placesOf({ begin: 0, end: size })` in that order.
 * @throws RangeError when there are more or fewer.
 */
export function frontier(size = 0, hashes: readonly Uint8Array[] = []): Frontier {
  const places = placesOf({ begin: 0, end: size })
  if (places.length !== hashes.length) {
    throw new RangeError(`A tree of ${size} leaves has ${places.length} subtrees, not ${hashes.length}.`)
  }
  const edge: Edge = []
  for (const [index, { level }] of places.entries()) edge[level] = hashes[index]
  return growing(size, edge)
}

/** By level, the root of the complete subtree that ends the tree there, where there is one. */
type Edge = (Uint8Array | undefined)[]

function growing(size: number, edge: Edge): Frontier {
  let count = size
  return {
    get size() {
      return count
    },
    append(leaf) {
      const nodes: TreeNode[] = [{ level: 0, position: count, hash: leaf }]
      let root = leaf
      let level = 0
      let position = count
      for (let left = edge[0]; left; left = edge[level]) {
        root = nodeHash(left, root)
        edge[level] = undefined
        level += 1
        position = half(position)
        nodes.push({ level, position, hash: root })
      }
      edge[level] = root
      count += 1
      return nodes
    },
    root() {
      let root: Uint8Array | null = null
      for (const left of edge) {
        if (left) root = root ? nodeHash(left, root) : left
      }
      return root ?? emptyRoot()
    },
    copy: () => growing(count, [...edge]),
  }
}

/** The complete subtrees that make up a range, from left to right. The range begins where a subtree of its size may. */
export function placesOf({ begin, end }: Range): readonly Place[] {
  const places: Place[] = []
  let next = begin
  while (next < end) {
    const level = Math.floor(Math.log2(end - next))
    const size = 2 ** level
    places.push({ level, position: next / size })
    next += size
  }
  return places
}

/** The root over a range, from the hashes at its places. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const root = hashes.reduceRight<Uint8Array | null>(
    (right, left) => (right ? nodeHash(left, right) : left),
    null,
  )
  return root ?? emptyRoot()
}

/** The ranges whose roots, in this order, prove that leaf `index` is in the tree of `size` leaves. */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  if (index < 0 || index >= size) throw new RangeError(`Leaf ${index} is not in a tree of ${size}.`)
  const ranges: Range[] = []
  let { begin, end }: Range = { begin: 0, end: size }
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin)
    ranges.unshift(index < middle ? { begin: middle, end } : { begin, end: middle })
    if (index < middle) end = middle
    else begin = middle
  }
  return ranges
}

/** The ranges whose roots prove that the tree of `from` leaves is the beginning of the tree of `to`. */
export function consistencyRanges(from: number, to: number): readonly Range[] {
  if (from < 0 || from > to) throw new RangeError(`A tree of ${to} leaves has no beginning of ${from}.`)
  if (from === 0 || from === to) return []
  const ranges: Range[] = []
  let { begin, end }: Range = { begin: 0, end: to }
  while (from !== end) {
    const middle = begin + splitOf(end - begin)
    if (from <= middle) {
      ranges.unshift({ begin: middle, end })
      end = middle
    } else {
      ranges.unshift({ begin, end: middle })
      begin = middle
    }
  }
  // The old tree as a whole is known to whoever checks; a part of it is not.
  return begin === 0 ? ranges : [{ begin, end }, ...ranges]
}

export interface Inclusion {
  /** From 0. */
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Whether the proof shows that the leaf is in the tree (RFC 9162, section 2.1.3.2). */
export function isIncluded({ index, size, leaf, root, proof }: Inclusion): boolean {
  if (index < 0 || index >= size) return false
  const steps = climb(index, size - 1, proof)
  if (!steps) return false
  return isSame(steps.reduce(join, leaf), root)
}

export interface Consistency {
  readonly from: number
  readonly to: number
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Whether the proof shows that the smaller tree is the beginning of the larger (RFC 9162, section 2.1.4.2). */
export function isConsistent({ from, to, fromRoot, toRoot, proof }: Consistency): boolean {
  if (from < 0 || from > to) return false
  if (from === to) return proof.length === 0 && isSame(fromRoot, toRoot)
  if (from === 0) return proof.length === 0 && isSame(fromRoot, emptyRoot())
  const [start, ...rest] = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof
  if (!start) return false

  let [node, last] = [from - 1, to - 1]
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  const steps = climb(node, last, rest)
  if (!steps) return false
  const older = steps.filter(({ isLeft }) => isLeft).reduce(join, start)
  const newer = steps.reduce(join, start)
  return isSame(older, fromRoot) && isSame(newer, toRoot)
}

interface Step {
  readonly part: Uint8Array
  readonly isLeft: boolean
}

function join(below: Uint8Array, { part, isLeft }: Step): Uint8Array {
  return isLeft ? nodeHash(part, below) : nodeHash(below, part)
}

/** The way from a node up to the root: on which side each part of the proof stands; null when it is too long or too short. */
function climb(from: number, lastLeaf: number, proof: readonly Uint8Array[]): readonly Step[] | null {
  let [node, last] = [from, lastLeaf]
  const steps: Step[] = []
  for (const part of proof) {
    if (last === 0) return null
    const isLeft = node % 2 === 1 || node === last
    steps.push({ part, isLeft })
    if (isLeft) while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 ? steps : null
}

/** Whether two hashes are the same. Nothing here is secret, so the time it takes may differ. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** The largest power of two below `size`, which is at least 2. */
function splitOf(size: number): number {
  const power = 2 ** Math.floor(Math.log2(size))
  return power === size ? power / 2 : power
}

function half(number: number): number {
  return Math.floor(number / 2)
}

function isPowerOfTwo(number: number): boolean {
  return 2 ** Math.round(Math.log2(number)) === number
}
