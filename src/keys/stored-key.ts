/** Keys as they rest in the store: making one, wrapping and unwrapping it. */

import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { Clock } from '../clock.ts'
import { misconfigured } from '../errors.ts'
import type { KeyState, KeyTable } from '../store/key-tables.ts'
import type { StoreTables } from '../store/tables.ts'
import { fingerprint, privateKeyFrom, rawPublicKey } from './ed25519.ts'
import { PURPOSES, type Purpose } from './keys.ts'
import { decrypt, encrypt, type RandomBytes } from './wrap.ts'

export type KeyRow = Selectable<KeyTable>

/** A key in the open, and whether the first secret wraps it. */
export interface Unwrapped {
  readonly row: KeyRow
  readonly secret: Uint8Array
  readonly isCurrent: boolean
}

/** What keys are made and wrapped with. */
export interface Workbench {
  /** The first wraps, the others only unwrap. */
  readonly wrappers: readonly KeyObject[]
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

export const PAIRS: readonly Purpose[] = ['access', 'checkpoint']

/** Of each ring, what it always has. */
export const STATES: readonly KeyState[] = ['active', 'next']

export function rowsOf(tables: Kysely<StoreTables>): Promise<KeyRow[]> {
  return tables.selectFrom('castellan_key').selectAll().orderBy('created_at').orderBy('id').execute()
}

/** @throws AdminError `misconfigured` when there is one that no secret unwraps. */
export function unwrapAll(rows: readonly KeyRow[], wrappers: readonly KeyObject[]): readonly Unwrapped[] {
  const whole = rows.filter((row) => !isDestroyed(row))
  const unwrapped = whole.map((row) => unwrap(row, wrappers)).filter((key) => key !== null)
  if (unwrapped.length === whole.length) return unwrapped
  throw misconfigured([
    {
      id: 'M203',
      place: 'CASTELLAN_SECRET_KEY',
      problem: `no configured secret unwraps ${whole.length - unwrapped.length} of the ${whole.length} keys in the store.`,
      remedy: 'Put the secret they were made with behind the new one, separated by a comma.',
    },
  ])
}

/** Of a key that has handed the log over only the public half is left, for whoever verifies; it is of no ring any more. */
function isDestroyed({ purpose, state, wrapped }: KeyRow): boolean {
  return purpose === 'checkpoint' && state === 'retiring' && wrapped.length === 0
}

function unwrap(row: KeyRow, wrappers: readonly KeyObject[]): Unwrapped | null {
  for (const [index, wrapper] of wrappers.entries()) {
    const secret = decrypt(wrapper, row.wrapped, contextOf(row))
    if (secret) return { row, secret, isCurrent: index === 0 }
  }
  return null
}

/** Makes a key and keeps it. */
export async function makeKey(
  tables: Kysely<StoreTables>,
  purpose: Purpose,
  state: KeyState,
  { wrappers, clock, randomBytes }: Workbench,
): Promise<Unwrapped> {
  const secret = randomBytes(32)
  const isPair = PAIRS.includes(purpose)
  const publicKey = isPair ? rawPublicKey(createPublicKey(privateKeyFrom(secret))) : null
  const id = publicKey ? fingerprint(publicKey).slice(0, 16) : Buffer.from(randomBytes(8)).toString('hex')
  const wrapped = encrypt(first(wrappers), secret, contextOf({ purpose, id }), randomBytes)
  const created_at = new Date(clock()).toISOString()
  const row = { id, purpose, state, created_at, public_key: publicKey, wrapped }
  await tables.insertInto('castellan_key').values(row).execute()
  return { row, secret, isCurrent: true }
}

/** Wraps anew what the first secret does not wrap. */
export async function rewrap(
  tables: Kysely<StoreTables>,
  keys: readonly Unwrapped[],
  { wrappers, randomBytes }: Workbench,
): Promise<void> {
  for (const { row, secret, isCurrent } of keys) {
    if (isCurrent) continue
    const wrapped = encrypt(first(wrappers), secret, contextOf(row), randomBytes)
    await tables.updateTable('castellan_key').set({ wrapped }).where('id', '=', row.id).execute()
  }
}

function first(wrappers: readonly KeyObject[]): KeyObject {
  const [wrapper] = wrappers
  if (!wrapper) throw new TypeError('There is no secret to wrap with.')
  return wrapper
}

function contextOf({ purpose, id }: { readonly purpose: string; readonly id: string }): string {
  return `castellan/key/${purpose}/${id}`
}

export function purposeOf({ purpose }: KeyRow): Purpose {
  const known = PURPOSES.find((one) => one === purpose)
  if (!known) throw new TypeError(`The store holds a key of the unknown purpose "${purpose}".`)
  return known
}
