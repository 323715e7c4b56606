/**
 * Wrapping keys under the configured secrets.
 *
 * AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA-256 (RFC 5869) derives
 * from the secret, with the installation as salt, so that one secret used by two
 * installations wraps under two keys. A wrapped key is bound to its purpose and id.
 */

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** Cryptographically secure random bytes. */
export type RandomBytes = (size: number) => Uint8Array

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The key that a configured secret stands for in this installation. */
export function wrappingKey(secret: string, installation: string): KeyObject {
  const derived = hkdfSync('sha256', secret, installation, 'castellan/wrap/1', 32)
  return createSecretKey(new Uint8Array(derived))
}

/**
 * Encrypts and authenticates `plain`, bound to `context`.
 *
 * @returns nonce (12) ‖ ciphertext ‖ tag (16).
 */
export function encrypt(
  key: KeyObject,
  plain: Uint8Array,
  context: string,
  randomBytes: RandomBytes,
): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  return new Uint8Array(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
}

/** What `encrypt` was given, or null when the key, the context or any bit differs. */
export function decrypt(key: KeyObject, sealed: Uint8Array, context: string): Uint8Array | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(end))
  try {
    return new Uint8Array(
      Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]),
    )
  } catch {
    // The only failure left is the tag's: not ours, or changed.
    return null
  }
}
