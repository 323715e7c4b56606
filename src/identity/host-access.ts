/** The application's people as actions and pages see them. */

import { AdminError } from '../errors.ts'
import { mirrorOf } from './host-mirror.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { RolesUnknown, wantedRoles } from './host-roles.ts'
import { setHostPassword } from './host-sign-in.ts'
import type { HostAccess } from './identity.ts'
import { LOCKING, lockPerson } from './lock.ts'
import type { Parts } from './parts.ts'
import { createPeople } from './people.ts'
import { newPasswordProblems, throwProblems } from './people-input.ts'
import { revoke } from './session.ts'

export function hostAccess(parts: Parts, host: HostPeople): HostAccess {
  return {
    model: host.model,
    usernameLabel: host.usernameLabel,
    canChangePassword: host.changePassword !== null,
    async personOf(key) {
      const mirror = await mirrorOf(parts.store.now, host, key)
      return mirror && (await createPeople(parts).find(parts.store.now, mirror.id))
    },
    async rolesOf(key) {
      const mirror = await mirrorOf(parts.store.now, host, key)
      const person = mirror && (await createPeople(parts).find(parts.store.now, mirror.id))
      const record = await host.findByKey(key)
      const mapped = record ? await mappedRoles(parts, host, record) : []
      return [...new Set([...(person?.roles.map(({ role }) => role) ?? []), ...mapped])]
    },
    async setPassword(key, password) {
      const record = await host.findByKey(key)
      if (!record) throw new AdminError('not-found', 'That person is not there any more.')
      throwProblems('The password cannot be set', {
        password: await newPasswordProblems(parts, password, { name: record.name, email: record.username }),
      })
      await setHostPassword(parts, host, record.id, password)
      const mirror = await mirrorOf(parts.store.now, host, key)
      if (!mirror) return 0
      return await parts.store.write(async (connection) => {
        await lockPerson(connection, mirror.id)
        return await revoke(connection, { person: mirror.id, except: null })
      }, LOCKING)
    },
  }
}

/** @throws AdminError `data-source-failed` when the application can't say: then nobody knows whose place it would be. */
async function mappedRoles(parts: Parts, host: HostPeople, record: HostRecord): Promise<readonly string[]> {
  try {
    return (await wantedRoles(parts, host, record)) ?? []
  } catch (error) {
    if (!(error instanceof RolesUnknown)) throw error
    const sentence = 'The application could not say which roles that person has. Try again.'
    throw new AdminError('data-source-failed', sentence, { cause: error })
  }
}
