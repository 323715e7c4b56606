/**
 * Refresh tokens: opaque, 256 bits of proof, good for one renewal.
 *
 * A token is derived by HMAC from its session's family and its generation, so
 * that nothing usable is stored and the successor of a token can be made again
 * when an answer was lost on its way.
 */

import { timingSafeEqual } from 'node:crypto'
import type { Seals } from './seal.ts'

const LABEL = 'refresh-token'
const FAMILY_BYTES = 16
const GENERATION_BYTES = 4
const PROOF_BYTES = 32
const LENGTH = FAMILY_BYTES + GENERATION_BYTES + PROOF_BYTES

export interface Family {
  /** 128 random bits, 32 hex digits. */
  readonly id: string
  /** The key its tokens are derived with. */
  readonly keyId: string
}

export interface PresentedRefresh {
  readonly familyId: string
  readonly generation: number
  readonly proof: Buffer
}

/**
 * `base64url(family ‖ generation ‖ proof)`.
 * @throws TypeError when the family's key is gone: only a family that was just checked or made has tokens to give.
 */
export function refreshToken(seals: Seals, family: Family, generation: number): string {
  const proof = proofOf(seals, family, generation)
  if (!proof) throw new TypeError('The key of this family of refresh tokens is gone.')
  const counted = Buffer.alloc(GENERATION_BYTES)
  counted.writeUInt32BE(generation)
  return Buffer.concat([Buffer.from(family.id, 'hex'), counted, proof]).toString('base64url')
}

/** Its parts, nothing of them proven yet; null when it has not even the shape. */
export function parseRefreshToken(token: string): PresentedRefresh | null {
  if (!/^[A-Za-z0-9_-]{70}$/.test(token)) return null
  const bytes = Buffer.from(token, 'base64url')
  // the last digit has bits to spare: only one spelling of a token counts
  if (bytes.length !== LENGTH || bytes.toString('base64url') !== token) return null
  return {
    familyId: bytes.toString('hex', 0, FAMILY_BYTES),
    generation: bytes.readUInt32BE(FAMILY_BYTES),
    proof: bytes.subarray(FAMILY_BYTES + GENERATION_BYTES),
  }
}

/** Whether it is the family's token of the generation that it claims to be. */
export function isRefreshToken(seals: Seals, family: Family, presented: PresentedRefresh): boolean {
  const proof = proofOf(seals, family, presented.generation)
  return proof !== null && family.id === presented.familyId && timingSafeEqual(proof, presented.proof)
}

function proofOf(seals: Seals, family: Family, generation: number): Buffer | null {
  return seals.markBy('seal', family.keyId, LABEL, [family.id, String(generation)])
}
