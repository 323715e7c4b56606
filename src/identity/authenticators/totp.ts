/**
 * Time-based one-time codes (RFC 6238): SHA-1, six digits, 30 seconds, one step
 * of tolerance either way. Which step was used last is the caller's to store:
 * a code is only as single-use as that.
 */

import { createHmac } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { RandomBytes } from '../random.ts'

/** 160 bits, as RFC 4226, section 4 recommends. */
const SEED_BYTES = 20
const PERIOD_SECONDS = 30
const WINDOW = 1

/** Base32, 32 characters. */
export function newSeed(randomBytes: RandomBytes): string {
  const bytes = Uint8Array.from(randomBytes(SEED_BYTES))
  return new Secret({ buffer: bytes.buffer }).base32
}

/** `otpauth://totp/…`, as authenticator apps read it from a QR code. */
export function seedUri(seed: string, issuer: string, label: string): string {
  return totp(seed, issuer, label).toString()
}

/**
 * The time step that the code belongs to, or null when it fits none.
 *
 * @param code As typed: ASCII spaces are left out, and anything but six ASCII digits fits nothing.
 */
export function stepOf(seed: string, code: string, now: number): number | null {
  const token = code.replaceAll(' ', '')
  if (!isTotpCode(token)) return null
  const delta = totp(seed, 'castellan', 'castellan').validate({ token, timestamp: now, window: WINDOW })
  if (delta === null) return null
  return Math.floor(now / 1000 / PERIOD_SECONDS) + delta
}

/** The code of an instant. */
export function codeAt(seed: string, at: number): string {
  return totp(seed, 'castellan', 'castellan').generate({ timestamp: at })
}

/** Six ASCII digits, spaces aside: what an authenticator shows, as opposed to a recovery code. */
export function isTotpCode(code: string): boolean {
  return /^[0-9]{6}$/.test(code.replaceAll(' ', ''))
}

function totp(seed: string, issuer: string, label: string): TOTP {
  return new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(seed),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    hmac: (_algorithm, key, message) => createHmac('sha1', key).update(message).digest(),
  })
}
