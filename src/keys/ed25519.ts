/** Ed25519 keys (RFC 8032) from and to their 32 raw bytes. */

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** The fixed bytes before the seed in PKCS #8, and before the point in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** The private key of a 32-byte seed. */
export function privateKeyFrom(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

/** The public key of its raw 32 bytes. @throws RangeError for another length. */
export function publicKeyFrom(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new RangeError(`An Ed25519 public key has 32 bytes, not ${raw.length}.`)
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })
}

/** The raw 32 bytes of a public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length))
}

/** Hex SHA-256 of the raw public key; a key's id is its first 16 digits. */
export function fingerprint(raw: Uint8Array): string {
  return createHash('sha256').update(raw).digest('hex')
}
