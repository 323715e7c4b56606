/** Identifiers and bearer secrets from random bits, and how the latter are stored and compared. */

import { createHash, randomFillSync, timingSafeEqual } from 'node:crypto'

export type RandomBytes = (size: number) => Uint8Array

/** A page takes a hundred bytes in pieces, and each question to the generator costs the same. */
const POOL_BYTES = 4096

/** Bytes of the operating system's generator, fetched many at a time; none is given out twice, or kept once it is given. */
export function systemRandomBytes(): RandomBytes {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  return (size) => {
    if (size > POOL_BYTES) return randomFillSync(Buffer.alloc(size))
    if (used + size > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const bytes = Buffer.from(pool.subarray(used, used + size))
    pool.fill(0, used, used + size)
    used += size
    return bytes
  }
}

/** 128 random bits as 32 hex digits: the id of a row. */
export function randomId(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(16)).toString('hex')
}

/** 256 random bits as 43 base64url digits: something that proves by being known. */
export function randomToken(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url')
}

/** Hex SHA-256. Enough for 256 random bits; never for what a person chose. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Compares without telling by time where two texts differ. */
export function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
