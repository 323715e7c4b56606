/**
 * Texts that leave the process, or rest in the store, in a form that only this
 * installation can read or make: sealed by AES-256-GCM (NIST SP 800-38D), or
 * marked by HMAC-SHA-256 (RFC 2104).
 *
 * Every use has a label of its own, and with it a key of its own (HKDF, RFC
 * 5869), so that what is made for one use is worthless in another.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import type { Keys, SecretKey } from '../keys/keys.ts'
import { isEqual, type RandomBytes } from './random.ts'

type Ring = 'seal' | 'credential'

const IV_BYTES = 12
const TAG_BYTES = 16

export interface Seals {
  /** `keyId.base64url(iv ‖ ciphertext ‖ tag)`; opens only with the same label and binding. */
  seal(ring: Ring, label: string, text: string, binding: string): string
  /** Null when it is broken, of another label or binding, or its key is gone. */
  open(ring: Ring, label: string, sealed: string, binding: string): string | null
  /** `keyId.base64url(mac)` over the parts, in order. */
  mark(ring: Ring, label: string, parts: readonly string[]): string
  isMark(ring: Ring, label: string, parts: readonly string[], mark: string): boolean
  /** The mark that a certain key makes, without its id; null when that key is gone. */
  markBy(ring: Ring, keyId: string, label: string, parts: readonly string[]): Buffer | null
  /** Which key marks and seals now. */
  keyId(ring: Ring): string
}

export function createSeals(keys: Keys, randomBytes: RandomBytes): Seals {
  function markBy(ring: Ring, keyId: string, label: string, parts: readonly string[]): Buffer | null {
    const key = keyOf(keys, ring, keyId)
    return key && macOf(key, label, parts)
  }

  function mark(ring: Ring, label: string, parts: readonly string[]): string {
    const key = keys.secret(ring)
    return `${key.id}.${macOf(key, label, parts).toString('base64url')}`
  }

  return {
    seal(ring, label, text, binding) {
      const key = keys.secret(ring)
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', subkey(key, label), iv)
      cipher.setAAD(associatedData(label, binding))
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const sealed = Buffer.concat([iv, ciphertext, cipher.getAuthTag()])
      return `${key.id}.${sealed.toString('base64url')}`
    },
    open(ring, label, sealed, binding) {
      const [keyId, bytes] = parted(sealed)
      const key = keyOf(keys, ring, keyId)
      if (!key || bytes.length < IV_BYTES + TAG_BYTES) return null
      return opened(key, label, bytes, binding)
    },
    mark,
    isMark(ring, label, parts, presented) {
      const keyId = presented.slice(0, Math.max(presented.indexOf('.'), 0))
      const mac = markBy(ring, keyId, label, parts)
      return mac !== null && isEqual(`${keyId}.${mac.toString('base64url')}`, presented)
    },
    markBy,
    keyId: (ring) => keys.secret(ring).id,
  }
}

function keyOf(keys: Keys, ring: Ring, id: string): SecretKey | null {
  const active = keys.secret(ring)
  return active.id === id ? active : keys.secretOf(ring, id)
}

function parted(sealed: string): readonly [keyId: string, bytes: Buffer] {
  const dot = sealed.indexOf('.')
  return [sealed.slice(0, Math.max(dot, 0)), Buffer.from(sealed.slice(dot + 1), 'base64url')]
}

function opened(key: SecretKey, label: string, bytes: Buffer, binding: string): string | null {
  const decipher = createDecipheriv('aes-256-gcm', subkey(key, label), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(associatedData(label, binding))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    // the tag does not fit: changed, or sealed for something else
    return null
  }
}

/** JSON, so that no two pairs run together into the same bytes. */
function associatedData(label: string, binding: string): Buffer {
  return Buffer.from(JSON.stringify([label, binding]))
}

function macOf(key: SecretKey, label: string, parts: readonly string[]): Buffer {
  return createHmac('sha256', subkey(key, label)).update(JSON.stringify(parts)).digest()
}

/**
 * Derived once for each key and label: the same two give the same key for ever,
 * the labels are the few of this program, and it lasts no longer than its key.
 */
function subkey(key: SecretKey, label: string): KeyObject {
  const known = subkeys.get(key.key) ?? new Map<string, KeyObject>()
  subkeys.set(key.key, known)
  const derived = known.get(label) ?? derive(key, label)
  known.set(label, derived)
  return derived
}

const subkeys = new WeakMap<KeyObject, Map<string, KeyObject>>()

function derive(key: SecretKey, label: string): KeyObject {
  const bytes = hkdfSync('sha256', key.key, Buffer.alloc(0), `castellan ${label}`, 32)
  return createSecretKey(Buffer.from(bytes))
}
