/**
 * Changing keys, with everything that depends on them: what was made with a key
 * that is not secret any more is ended, or sealed anew, in the same transaction.
 */

import type { Selectable } from 'kysely'
import { rewrapSubjectKeys } from '../audit/subject-key.ts'
import type { Connection } from '../database/database.ts'
import { PURPOSES, type Purpose, type Turned } from '../keys/keys.ts'
import type { CredentialTable } from '../store/identity-tables.ts'
import { inStore } from '../store/tables.ts'
import { openSeed, sealSeed } from './credential.ts'
import type { KeyCare } from './identity.ts'
import { DAY, toText } from './instant.ts'
import type { Parts } from './parts.ts'
import { remarkPasskeys } from './passkey.ts'
import { createSeals } from './seal.ts'
import { revoke } from './session.ts'

/** Whoever verifies the log has written down the fingerprint of this one: it changes when somebody says so. */
const BY_HAND: readonly Purpose[] = ['checkpoint']

export function createKeyCare(parts: Parts): KeyCare {
  const { keys } = parts
  return {
    purposes: PURPOSES,
    async due(connection, days) {
      const rows = await inStore(connection)
        .selectFrom('castellan_key')
        .select('purpose')
        // made when the ring was turned last
        .where('state', '=', 'next')
        .where('created_at', '<=', toText(parts.clock() - days * DAY))
        .execute()
      return PURPOSES.filter(
        (purpose) => !BY_HAND.includes(purpose) && rows.some((row) => row.purpose === purpose),
      )
    },
    async rotate(connection, purposes) {
      const turned: Turned[] = []
      for (const purpose of PURPOSES) {
        if (purposes.includes(purpose)) turned.push(await keys.rotate(connection, purpose))
      }
      return turned
    },
    async revoke(connection, purpose) {
      const { rings, ...turned } = await keys.replace(connection, purpose)
      const renewed: Parts = { ...parts, seals: createSeals(rings, parts.randomBytes) }
      switch (purpose) {
        case 'access':
        case 'checkpoint':
          return { ...turned, endedSessions: 0, sealedAnew: 0 }
        case 'seal':
          // whoever has the key can make the refresh token of any of them
          return { ...turned, endedSessions: await revoke(connection, 'every'), sealedAnew: 0 }
        case 'credential':
          return { ...turned, endedSessions: 0, sealedAnew: await resealAll(parts, renewed, connection) }
        case 'subject': {
          const sealedAnew = await rewrapSubjectKeys(connection, { from: keys, to: rings }, parts.randomBytes)
          return { ...turned, endedSessions: 0, sealedAnew }
        }
      }
    },
  }
}

async function resealAll(before: Parts, after: Parts, connection: Connection): Promise<number> {
  const seeds = await resealSeeds(before, after, connection)
  const marked = await remarkPasskeys(before, after, connection)
  // only whoever has one could mark it anew: people make new ones on their profile
  await inStore(connection).deleteFrom('castellan_credential').where('kind', '=', 'recovery').execute()
  return seeds + marked
}

async function resealSeeds(before: Parts, after: Parts, connection: Connection): Promise<number> {
  const store = inStore(connection)
  const seeds: readonly Selectable<CredentialTable>[] = await store
    .selectFrom('castellan_credential')
    .selectAll()
    .where('kind', '=', 'totp')
    .execute()
  let count = 0
  for (const { id, person_id, secret } of seeds) {
    const seed = openSeed(before, secret, person_id)
    // nobody can use it, and what can be saved must be
    if (seed === null) continue
    await store
      .updateTable('castellan_credential')
      .set({ secret: sealSeed(after, seed, person_id) })
      .where('id', '=', id)
      .where('secret', '=', secret)
      .execute()
    count += 1
  }
  // a set-up that is under way begins again
  await store.deleteFrom('castellan_pending_sign_in').where('secret', 'is not', null).execute()
  return count
}
