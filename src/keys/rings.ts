/** The rings in memory, made from what is stored and replaced as a whole when that changes. */

import { createPublicKey, createSecretKey } from 'node:crypto'
import { privateKeyFrom } from './ed25519.ts'
import type { Keys, Purpose, SecretKey, SigningKey } from './keys.ts'
import { PAIRS, purposeOf, type Unwrapped } from './stored-key.ts'

export interface Rings extends Keys {
  /** By purpose and id, for the rings that follow these: a key that stays is the same object. */
  readonly pairs: ReadonlyMap<string, SigningKey>
  readonly secrets: ReadonlyMap<string, SecretKey>
}

export function ringsOf(keys: readonly Unwrapped[], before: Rings | null): Rings {
  const pairs = new Map<string, SigningKey>()
  const secrets = new Map<string, SecretKey>()
  const active = new Map<Purpose, string>()
  for (const { row, secret } of keys) {
    const purpose = purposeOf(row)
    const name = nameOf(purpose, row.id)
    if (row.state === 'active') active.set(purpose, row.id)
    if (PAIRS.includes(purpose)) pairs.set(name, before?.pairs.get(name) ?? signingKeyOf(row.id, secret))
    else secrets.set(name, before?.secrets.get(name) ?? { id: row.id, key: createSecretKey(secret) })
  }
  return {
    pairs,
    secrets,
    signing: (purpose) => ofRing(pairs, active, purpose),
    signingKeys: (purpose) =>
      [...pairs].filter(([name]) => name.startsWith(nameOf(purpose, ''))).map(([, key]) => key),
    verifying: (purpose, id) => pairs.get(nameOf(purpose, id))?.publicKey ?? null,
    secret: (purpose) => ofRing(secrets, active, purpose),
    secretOf: (purpose, id) => secrets.get(nameOf(purpose, id)) ?? null,
  }
}

function signingKeyOf(id: string, seed: Uint8Array): SigningKey {
  const privateKey = privateKeyFrom(seed)
  return { id, privateKey, publicKey: createPublicKey(privateKey) }
}

function nameOf(purpose: Purpose, id: string): string {
  return `${purpose}:${id}`
}

function ofRing<Key>(
  keys: ReadonlyMap<string, Key>,
  active: ReadonlyMap<Purpose, string>,
  purpose: Purpose,
): Key {
  const key = keys.get(nameOf(purpose, active.get(purpose) ?? ''))
  if (!key) throw new TypeError(`The ring "${purpose}" has no active key.`)
  return key
}
