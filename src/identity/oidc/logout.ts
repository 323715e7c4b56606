/**
 * A provider says, server to server, that somebody's session there has ended
 * (OpenID Connect Back-Channel Logout 1.0): the sessions here that began with it
 * end too. Sessions that the same person began otherwise go on.
 */

import type { Connection } from '../../database/database.ts'
import { AdminError } from '../../errors.ts'
import { keepUsed } from '../challenge.ts'
import { attempted, storyOf, Unproven } from '../event.ts'
import { toText } from '../instant.ts'
import { LOCKING, lockPerson } from '../lock.ts'
import type { Parts } from '../parts.ts'
import { hashOf } from '../random.ts'
import type { RequestOrigin } from '../request.ts'
import { listSessions, revoke } from '../session.ts'
import { placeCounters } from '../throttle.ts'
import { linkOfIdentity } from './link.ts'
import { methodOf } from './option.ts'
import type { LoggedOut, ProviderClient } from './provider.ts'

/**
 * Ends the sessions that began with that provider. Of somebody who has none nothing is told.
 * @throws AdminError `invalid-input` for a token that is none, or was sent before; `limit-exceeded`.
 */
export async function logOut(
  parts: Parts,
  client: ProviderClient,
  token: string,
  origin: RequestOrigin,
): Promise<void> {
  const { id } = client.option
  const story = storyOf('session.end', null, origin, parts.clock())
  await attempted(parts, story, async () => {
    const counted = await parts.throttle.attempt(placeCounters(origin.address))
    const who = await checked(client, token)
    const event = await parts.store.write(async (connection) => {
      await mustBeFirst(connection, id, who)
      await counted.succeeded(connection)
      return await endSessions(parts, connection, id, who, origin)
    }, LOCKING)
    if (event !== null) await parts.audit.sealed(event)
  })
}

async function checked(client: ProviderClient, token: string): Promise<LoggedOut> {
  try {
    return await client.loggedOut(token)
  } catch (error) {
    const named = error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    throw new Unproven(`${client.option.id}: ${named}`, refused())
  }
}

async function mustBeFirst(connection: Connection, provider: string, who: LoggedOut): Promise<void> {
  const challenge_hash = hashOf(JSON.stringify(['logout', provider, who.issuer, who.id]))
  if (await keepUsed(connection, { challenge_hash, expires_at: toText(who.until) })) return
  throw new Unproven('sent before', refused())
}

/** The event of it; null: there was nothing to end. */
async function endSessions(
  parts: Parts,
  connection: Connection,
  provider: string,
  who: LoggedOut,
  origin: RequestOrigin,
): Promise<string | null> {
  const link = await linkOfIdentity(connection, who)
  if (!link) return null
  await lockPerson(connection, link.person.id)
  const live = await listSessions(parts, connection, link.person.id)
  const begun = live.filter(({ methods }) => methods.includes(methodOf(provider)))
  if (begun.length === 0) return null
  for (const { id } of begun) await revoke(connection, { session: id })
  const details = { reason: 'ended at the provider', provider, endedSessions: begun.length }
  const story = storyOf('session.end', link.person, origin, parts.clock())
  return await parts.audit.append(connection, story({ outcome: 'done', details }))
}

function refused(): AdminError {
  return new AdminError(
    'invalid-input',
    'This is no logout token for this installation, or it was sent before.',
  )
}
