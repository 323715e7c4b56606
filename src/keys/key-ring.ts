/**
 * Opening the rings of keys: making what is missing, unwrapping the rest, and
 * following what any process changes later.
 *
 * Each ring has one key that is active and one that comes next, so that a
 * process that started earlier already knows what another one moves on to, and
 * any number that are retiring: they check and read, and sign and seal nothing.
 */

import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Connection } from '../database/database.ts'
import type { KeyState } from '../store/key-tables.ts'
import { lockStore } from '../store/lock.ts'
import type { Store } from '../store/store.ts'
import { inStore, type StoreTables } from '../store/tables.ts'
import { type KeyRings, PURPOSES, type Purpose } from './keys.ts'
import { type Rings, ringsOf } from './rings.ts'
import { replace, rotate } from './rotate.ts'
import {
  makeKey,
  purposeOf,
  rewrap,
  rowsOf,
  STATES,
  type Unwrapped,
  unwrapAll,
  type Workbench,
} from './stored-key.ts'
import { versionIn, versionOf } from './version.ts'
import { type RandomBytes, wrappingKey } from './wrap.ts'

export interface OpenKeysOptions {
  readonly store: Store
  /** The configured secrets: the first wraps, the others only unwrap. */
  readonly secrets: readonly string[]
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

export interface OpenedKeys extends KeyRings {
  /** What this very opening made, for the audit log; empty at every later start. */
  readonly created: readonly { readonly purpose: Purpose; readonly id: string }[]
}

/**
 * The keys of the store. Several processes may open them at once: one makes what is missing.
 *
 * @throws AdminError `misconfigured` when no secret unwraps what is there.
 */
export async function openKeys({ store, secrets, clock, randomBytes }: OpenKeysOptions): Promise<OpenedKeys> {
  if (secrets.length === 0) throw new TypeError('openKeys needs at least one secret.')
  const installation = await store.installation()
  const wrappers = secrets.map((secret) => wrappingKey(secret, installation))
  const workbench: Workbench = { wrappers, clock, randomBytes }

  // before the keys: they are never older than the version they go under
  const version = versionOf(await versionIn(store.database.now))
  const present = unwrapAll(await rowsOf(inStore(store.database.now)), wrappers)
  if (isWhole(present)) return following(ringsOf(present, null), version, [], workbench)
  const { found, made } = await store.database.write((connection) => complete(connection, workbench), {
    isolation: 'read-committed',
  })
  const created = made.map(({ row }) => ({ purpose: purposeOf(row), id: row.id }))
  return following(ringsOf([...found, ...made], null), version, created, workbench)
}

/** The rings as they were last seen; whatever reads them gets the ones of now. */
function following(
  opened: Rings,
  openedVersion: number,
  created: OpenedKeys['created'],
  workbench: Workbench,
): OpenedKeys {
  let rings = opened
  let version = openedVersion

  async function follow(connection: Connection, value: string | null): Promise<boolean> {
    const stored = versionOf(value)
    // an older one is what a snapshot of before still shows
    if (stored <= version) return false
    const keys = unwrapAll(await rowsOf(inStore(connection)), workbench.wrappers)
    if (stored <= version) return true
    rings = ringsOf(keys, rings)
    version = stored
    return true
  }

  return {
    created,
    signing: (purpose) => rings.signing(purpose),
    signingKeys: (purpose) => rings.signingKeys(purpose),
    verifying: (purpose, id) => rings.verifying(purpose, id),
    secret: (purpose) => rings.secret(purpose),
    secretOf: (purpose, id) => rings.secretOf(purpose, id),
    follow,
    catchUp: async (connection) => await follow(connection, await versionIn(connection)),
    rotate: (connection, purpose) => rotate(connection, purpose, workbench),
    async replace(connection, purpose) {
      const turned = await replace(connection, purpose, workbench)
      const keys = unwrapAll(await rowsOf(inStore(connection)), workbench.wrappers)
      return { ...turned, rings: ringsOf(keys, rings) }
    },
  }
}

/** Makes what is missing and wraps anew what the first secret does not wrap; one process after another. */
async function complete(
  connection: Connection,
  workbench: Workbench,
): Promise<{ readonly found: readonly Unwrapped[]; readonly made: readonly Unwrapped[] }> {
  await lockStore(connection)
  const tables = inStore(connection)
  const found = unwrapAll(await rowsOf(tables), workbench.wrappers)
  const made = await makeMissing(tables, found, workbench)
  await rewrap(tables, found, workbench)
  return { found, made }
}

function isWhole(keys: readonly Unwrapped[]): boolean {
  return (
    keys.every(({ isCurrent }) => isCurrent) &&
    PURPOSES.every((purpose) => STATES.every((state) => isThere(keys, purpose, state)))
  )
}

function isThere(keys: readonly Unwrapped[], purpose: Purpose, state: KeyState): boolean {
  return keys.some(({ row }) => row.purpose === purpose && row.state === state)
}

async function makeMissing(
  tables: Kysely<StoreTables>,
  found: readonly Unwrapped[],
  workbench: Workbench,
): Promise<readonly Unwrapped[]> {
  const made: Unwrapped[] = []
  for (const purpose of PURPOSES) {
    for (const state of STATES) {
      if (!isThere(found, purpose, state)) made.push(await makeKey(tables, purpose, state, workbench))
    }
  }
  return made
}
