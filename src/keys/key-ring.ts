/**
 * Opening the rings of keys: making what is missing, unwrapping the rest.
 *
 * Each ring has one key that is active and one that comes next, so that a
 * process that started earlier already knows what another one moves on to, and
 * any number that are retiring: they check and read, and sign and seal nothing.
 */

import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Connection } from '../database/database.ts'
import { misconfigured } from '../errors.ts'
import type { KeyState, KeyTable } from '../store/key-tables.ts'
import { lockStore } from '../store/lock.ts'
import type { Store } from '../store/store.ts'
import { inStore, type StoreTables } from '../store/tables.ts'
import { fingerprint, privateKeyFrom, rawPublicKey } from './ed25519.ts'
import type { Keys, Purpose, SecretKey, SigningKey } from './keys.ts'
import { decrypt, encrypt, type RandomBytes, wrappingKey } from './wrap.ts'

export interface OpenKeysOptions {
  readonly store: Store
  /** The configured secrets: the first wraps, the others only unwrap. */
  readonly secrets: readonly string[]
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

export interface OpenedKeys extends Keys {
  /** What this very opening made, for the audit log; empty at every later start. */
  readonly created: readonly { readonly purpose: Purpose; readonly id: string }[]
}

type Row = Selectable<KeyTable>

/** A key in the open, and whether the first secret wraps it. */
interface Unwrapped {
  readonly row: Row
  readonly secret: Uint8Array
  readonly isCurrent: boolean
}

const PAIRS: readonly Purpose[] = ['access', 'checkpoint']
const PURPOSES: readonly Purpose[] = [...PAIRS, 'seal', 'credential', 'subject']
const STATES: readonly KeyState[] = ['active', 'next']

/**
 * The keys of the store. Several processes may open them at once: one makes what is missing.
 *
 * @throws AdminError `misconfigured` when no secret unwraps what is there.
 */
export async function openKeys(options: OpenKeysOptions): Promise<OpenedKeys> {
  const { store, secrets } = options
  if (secrets.length === 0) throw new TypeError('openKeys needs at least one secret.')
  const installation = await store.installation()
  const wrappers = secrets.map((secret) => wrappingKey(secret, installation))

  const present = unwrapAll(await rowsOf(inStore(store.database.now)), wrappers)
  if (isWhole(present)) return ringsOf(present, [])
  return await store.database.write((connection) => complete(connection, wrappers, options), {
    isolation: 'read-committed',
  })
}

/** Makes what is missing and wraps anew what the first secret does not wrap; one process after another. */
async function complete(
  connection: Connection,
  wrappers: readonly KeyObject[],
  options: OpenKeysOptions,
): Promise<OpenedKeys> {
  await lockStore(connection)
  const tables = inStore(connection)
  const found = unwrapAll(await rowsOf(tables), wrappers)
  const made = await makeMissing(tables, found, wrappers, options)
  await rewrap(tables, found, wrappers, options.randomBytes)
  const created = made.map(({ row }) => ({ purpose: purposeOf(row), id: row.id }))
  return ringsOf([...found, ...made], created)
}

function rowsOf(tables: Kysely<StoreTables>): Promise<Row[]> {
  return tables.selectFrom('castellan_key').selectAll().orderBy('created_at').orderBy('id').execute()
}

function unwrapAll(rows: readonly Row[], wrappers: readonly KeyObject[]): readonly Unwrapped[] {
  const keys = rows.map((row) => unwrap(row, wrappers))
  const unwrapped = keys.filter((key) => key !== null)
  if (unwrapped.length === keys.length) return unwrapped
  throw misconfigured([
    {
      id: 'M203',
      place: 'CASTELLAN_SECRET_KEY',
      problem: `no configured secret unwraps ${keys.length - unwrapped.length} of the ${keys.length} keys in the store.`,
      remedy: 'Put the secret they were made with behind the new one, separated by a comma.',
    },
  ])
}

function unwrap(row: Row, wrappers: readonly KeyObject[]): Unwrapped | null {
  for (const [index, wrapper] of wrappers.entries()) {
    const secret = decrypt(wrapper, row.wrapped, contextOf(row))
    if (secret) return { row, secret, isCurrent: index === 0 }
  }
  return null
}

function isWhole(keys: readonly Unwrapped[]): boolean {
  const isThere = (purpose: Purpose, state: KeyState) =>
    keys.some(({ row }) => row.purpose === purpose && row.state === state)
  return (
    keys.every(({ isCurrent }) => isCurrent) &&
    PURPOSES.every((purpose) => STATES.every((state) => isThere(purpose, state)))
  )
}

async function makeMissing(
  tables: Kysely<StoreTables>,
  found: readonly Unwrapped[],
  wrappers: readonly KeyObject[],
  { clock, randomBytes }: OpenKeysOptions,
): Promise<readonly Unwrapped[]> {
  const createdAt = new Date(clock()).toISOString()
  const made: Unwrapped[] = []
  for (const purpose of PURPOSES) {
    for (const state of STATES) {
      if (found.some(({ row }) => row.purpose === purpose && row.state === state)) continue
      const key = makeKey({ purpose, state, createdAt }, wrappers, randomBytes)
      await tables.insertInto('castellan_key').values(key.row).execute()
      made.push(key)
    }
  }
  return made
}

function makeKey(
  { purpose, state, createdAt }: { purpose: Purpose; state: KeyState; createdAt: string },
  wrappers: readonly KeyObject[],
  randomBytes: RandomBytes,
): Unwrapped {
  const secret = randomBytes(32)
  const isPair = PAIRS.includes(purpose)
  const publicKey = isPair ? rawPublicKey(createPublicKey(privateKeyFrom(secret))) : null
  const id = publicKey ? fingerprint(publicKey).slice(0, 16) : Buffer.from(randomBytes(8)).toString('hex')
  const wrapped = encrypt(first(wrappers), secret, contextOf({ purpose, id }), randomBytes)
  return {
    row: { id, purpose, state, created_at: createdAt, public_key: publicKey, wrapped },
    secret,
    isCurrent: true,
  }
}

async function rewrap(
  tables: Kysely<StoreTables>,
  keys: readonly Unwrapped[],
  wrappers: readonly KeyObject[],
  randomBytes: RandomBytes,
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

function purposeOf({ purpose }: Row): Purpose {
  const known = PURPOSES.find((one) => one === purpose)
  if (!known) throw new TypeError(`The store holds a key of the unknown purpose "${purpose}".`)
  return known
}

function ringsOf(keys: readonly Unwrapped[], created: OpenedKeys['created']): OpenedKeys {
  const signing = new Map<string, SigningKey>()
  const secrets = new Map<string, SecretKey>()
  const active = new Map<Purpose, string>()
  for (const { row, secret } of keys) {
    const purpose = purposeOf(row)
    const name = nameOf(purpose, row.id)
    if (row.state === 'active') active.set(purpose, row.id)
    if (PAIRS.includes(purpose)) signing.set(name, signingKeyOf(row.id, secret))
    else secrets.set(name, { id: row.id, key: createSecretKey(secret) })
  }
  return {
    created,
    signing: (purpose) => ofRing(signing, active, purpose),
    verifying: (purpose, id) => signing.get(nameOf(purpose, id))?.publicKey ?? null,
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
