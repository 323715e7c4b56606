/**
 * Recovery codes: ten of 80 random bits, shown once, each good for one sign-in.
 *
 * They are stored as HMAC-SHA-256 over the person's id and the code, under the
 * credential key. 80 random bits are fewer than the 112 from which a plain hash
 * is enough (ASVS 5.0, 6.5.2); the key, which no dump of the store holds in the
 * clear, makes guessing pointless without ten Argon2 computations a sign-in.
 */

import type { RandomBytes } from '../random.ts'
import type { Seals } from '../seal.ts'

const COUNT = 10
const BYTES = 10
/** RFC 4648, section 6: no 0, 1, 8 or 9 to mistake for a letter. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const LABEL = 'recovery-code'

/** `ABCD-EFGH-IJKL-MNOP`, ten of them. */
export function newRecoveryCodes(randomBytes: RandomBytes): readonly string[] {
  return Array.from({ length: COUNT }, () => grouped(base32(randomBytes(BYTES))))
}

/** What is stored of a code. */
export function recoveryHash(seals: Seals, personId: string, code: string): string {
  return seals.mark('credential', LABEL, [personId, normalized(code)])
}

export function isRecoveryCode(seals: Seals, personId: string, code: string, stored: string): boolean {
  return seals.isMark('credential', LABEL, [personId, normalized(code)], stored)
}

/** Upper case, without spaces and hyphens. */
function normalized(code: string): string {
  return code.replaceAll(/[ -]/g, '').toUpperCase()
}

function grouped(code: string): string {
  return code.replaceAll(/(.{4})(?!$)/g, '$1-')
}

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replaceAll(/.{5}/g, (group) => ALPHABET[Number.parseInt(group, 2)] ?? '')
}
