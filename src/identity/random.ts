/** Identifiers and bearer secrets from random bits, and how the latter are stored and compared. */

import { createHash, timingSafeEqual } from 'node:crypto'

export type RandomBytes = (size: number) => Uint8Array

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
