/**
 * The keys of one installation: a ring for each purpose, kept wrapped in the store.
 *
 * The configured secrets only wrap them, so a changed secret re-wraps and never
 * changes a key that an auditor has pinned.
 */

import type { KeyObject } from 'node:crypto'
import type { Connection } from '../database/database.ts'

/** `access` and `checkpoint` are Ed25519 pairs, the others 256-bit secrets. */
export const PURPOSES = ['access', 'checkpoint', 'seal', 'credential', 'subject'] as const

export type Purpose = (typeof PURPOSES)[number]

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
  /** Every key of the ring that can still sign: the next, the active and the retiring ones. */
  signingKeys(purpose: 'access' | 'checkpoint'): readonly SigningKey[]
  /** The public key of that id, whether next, active or retiring; null for an unknown one. */
  verifying(purpose: 'access' | 'checkpoint', id: string): KeyObject | null
  secret(purpose: 'seal' | 'credential' | 'subject'): SecretKey
  /** A secret of an earlier key, to read what it sealed. */
  secretOf(purpose: 'seal' | 'credential' | 'subject', id: string): SecretKey | null
}

/** One ring that has moved on. */
export interface Turned {
  readonly purpose: Purpose
  /** The ids of the keys that were active before and are active now. */
  readonly before: string
  readonly after: string
}

/** The keys as they can be changed: by one process, for all of them. */
export interface KeyRings extends Keys {
  /**
   * Takes over what another process has changed, when the version that was just read from the store is a later one.
   * @returns whether it was.
   */
  follow(connection: Connection, version: string | null): Promise<boolean>
  /** The same, where no other statement brings the version along. */
  catchUp(connection: Connection): Promise<boolean>
  /**
   * The next key becomes active, the active one retires and goes on checking and reading, and another one is made to
   * come next. In the caller's transaction; every process follows with its next request after it has committed.
   * @throws AdminError `conflict` when another process turns the ring at the same time.
   */
  rotate(connection: Connection, purpose: Purpose): Promise<Turned>
  /**
   * Replaces the whole ring by new keys, because one of them is not secret any more. What `access`, `seal` and
   * `credential` made is worthless from then on; the other rings keep their earlier keys as retiring, to read what has to
   * be made anew. `rings`: what the keys are once the transaction has committed, to make it anew with; until then these
   * here still read what there is.
   * @throws AdminError `conflict` as `rotate` does.
   */
  replace(connection: Connection, purpose: Purpose): Promise<Turned & { readonly rings: Keys }>
}
