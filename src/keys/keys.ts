/**
 * The keys of one installation: a ring for each purpose, kept wrapped in the store.
 *
 * The configured secrets only wrap them, so a changed secret re-wraps and never
 * changes a key that an auditor has pinned.
 */

import type { KeyObject } from 'node:crypto'

/** `access` and `checkpoint` are Ed25519 pairs, the others 256-bit secrets. */
export type Purpose = 'access' | 'checkpoint' | 'seal' | 'credential' | 'subject'

export interface SigningKey {
  /** First 16 hex digits of the SHA-256 of the raw public key. */
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface SecretKey {
  readonly id: string
  readonly key: KeyObject
}

export interface Keys {
  /** The key to sign with now. */
  signing(purpose: 'access' | 'checkpoint'): SigningKey
  /** The public key of that id, whether next, active or retiring; null for an unknown one. */
  verifying(purpose: 'access' | 'checkpoint', id: string): KeyObject | null
  secret(purpose: 'seal' | 'credential' | 'subject'): SecretKey
  /** A secret of an earlier key, to read what it sealed. */
  secretOf(purpose: 'seal' | 'credential' | 'subject', id: string): SecretKey | null
}
