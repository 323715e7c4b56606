/** The rings of keys: what `keys/key-ring.ts` keeps, wrapped. */

export type KeyState = 'next' | 'active' | 'retiring'

export interface KeyTable {
  /** For a pair the first 16 hex digits of the SHA-256 of its raw public key, else 16 random hex digits. */
  id: string
  purpose: string
  state: KeyState
  /** RFC 3339, UTC. */
  created_at: string
  /** The raw 32 bytes of an Ed25519 public key; null for a secret. */
  public_key: Uint8Array | null
  /** AES-256-GCM of the 32 secret bytes: nonce (12) ‖ ciphertext (32) ‖ tag (16). */
  wrapped: Uint8Array
}

export interface KeyTables {
  castellan_key: KeyTable
}
