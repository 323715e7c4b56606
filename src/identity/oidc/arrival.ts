/**
 * Somebody comes in whom a provider knows: their person is found by issuer and
 * subject, or made where the configuration says so. An e-mail address leads to
 * nobody: whoever could get one at a provider would have the account here.
 */

import type { EventDraft } from '../../audit/event.ts'
import type { Connection } from '../../database/database.ts'
import { AdminError } from '../../errors.ts'
import { lockStore } from '../../store/lock.ts'
import { beginSession } from '../begin.ts'
import { internalChange, type Named, storyOf, Unproven } from '../event.ts'
import type { SignInStep } from '../identity.ts'
import { LOCKING, lockPerson } from '../lock.ts'
import { applyMapping } from '../mapped-roles.ts'
import type { Parts } from '../parts.ts'
import { createPerson } from '../people.ts'
import type { RequestOrigin } from '../request.ts'
import { hasAuthenticator, nextStep, standingOf, suffices } from '../standing.ts'
import type { Attempt } from '../throttle.ts'
import { addLink, keepMapped, linkOfIdentity, noteUse } from './link.ts'
import { methodOf, type OidcProvider } from './option.ts'
import type { Claims } from './provider.ts'

/** @throws Unproven for somebody who has no person here, or a deactivated one. */
export async function arrive(
  parts: Parts,
  provider: OidcProvider,
  claims: Claims,
  counted: Attempt,
  origin: RequestOrigin,
): Promise<SignInStep> {
  const isKnown = (await linkOfIdentity(parts.store.now, claims)) !== null
  if (!isKnown && !provider.createPeople) throw unlinked(provider, 'nobody is linked to that identity')
  const { step, events } = await parts.store.write(async (connection) => {
    // one of any number of first sign-ins makes the person
    if (!isKnown) await lockStore(connection)
    const events: string[] = []
    const tell = async (draft: EventDraft): Promise<void> => {
      events.push(await parts.audit.append(connection, draft))
    }
    const person = await personFor(parts, connection, provider, claims, origin, tell)
    await noteUse(connection, claims, parts.clock())
    const step = await stepAfter(parts, connection, provider, person, claims, origin)
    await counted.succeeded(connection)
    return { step, events }
  }, LOCKING)
  for (const event of events) await parts.audit.sealed(event)
  return step
}

async function personFor(
  parts: Parts,
  connection: Connection,
  provider: OidcProvider,
  claims: Claims,
  origin: RequestOrigin,
  tell: (draft: EventDraft) => Promise<void>,
): Promise<Named> {
  const found = await linkOfIdentity(connection, claims)
  const person = found?.person ?? (await made(parts, connection, provider, claims, origin, tell))
  await lockPerson(connection, person.id)
  // read once more behind the lock: they may have been deactivated, or the link taken, meanwhile
  const link = await linkOfIdentity(connection, claims)
  if (!link || Number(link.person.is_active) !== 1) throw unlinked(provider, 'deactivated')
  const { roles } = provider
  if (!roles) return link.person
  const wanted = [...new Set(claims.groups.flatMap((group) => rolesFor(roles.map, group)))]
  const mapping = {
    by: methodOf(provider.id),
    // written by `keepMapped` alone, as an array of texts
    before: JSON.parse(link.row.mapped_roles) as string[],
    keep: (names: readonly string[]) => keepMapped(connection, claims, names),
  }
  await applyMapping(parts, connection, link.person, wanted, mapping, origin, tell)
  return link.person
}

/** Only what the map has of its own: a group may be called `constructor`. */
function rolesFor(map: Readonly<Record<string, string>>, group: string): readonly string[] {
  const role = Object.hasOwn(map, group) ? map[group] : undefined
  return role === undefined ? [] : [role]
}

async function made(
  parts: Parts,
  connection: Connection,
  provider: OidcProvider,
  claims: Claims,
  origin: RequestOrigin,
  tell: (draft: EventDraft) => Promise<void>,
): Promise<Named> {
  if (!provider.createPeople || claims.email === null) throw unlinked(provider, 'no verified e-mail address')
  const { email } = claims
  const name = claims.name ?? email
  try {
    const { id } = await createPerson(parts, connection, { name, email, roles: [], attributes: {} })
    const now = parts.clock()
    await addLink(connection, claims, { personId: id, provider: provider.id, now })
    const draft = storyOf(
      'person.create',
      { id, name },
      origin,
      now,
    )({
      outcome: 'done',
      details: { provider: provider.id },
    })
    await tell({
      ...draft,
      changes: [internalChange('name', null, name), internalChange('email', null, email)],
    })
    return { id, name }
  } catch (error) {
    // the address is somebody's already, or the name is none
    if (error instanceof AdminError && error.code === 'invalid-input') {
      throw unlinked(provider, `no person can be made: ${Object.keys(error.fields ?? {}).join(', ')}`)
    }
    throw error
  }
}

/** Straight in when the provider says that it asked for two factors and there is one of our own for stepping up. */
async function stepAfter(
  parts: Parts,
  connection: Connection,
  { id }: OidcProvider,
  person: Named,
  { isMultiFactor }: Claims,
  origin: RequestOrigin,
): Promise<SignInStep> {
  const methods = [methodOf(id)]
  const standing = await standingOf(parts, connection, person.id)
  if (isMultiFactor && hasAuthenticator(standing) && suffices(standing, null)) {
    const { tokens } = await beginSession(parts, connection, person, methods, origin)
    return { kind: 'signed-in', tokens, recoveryCodes: null }
  }
  const step = await nextStep(parts, connection, person.id, methods)
  const authentication = { methods, assurance: 1, at: parts.clock() }
  const story = storyOf('identity.sign-in', person, origin, parts.clock())
  await parts.audit.append(connection, story({ outcome: 'pending', code: step.kind, authentication }))
  return step
}

/** The same words for whoever is not known, not active, or can't be made. */
function unlinked({ label }: OidcProvider, because: string): Unproven {
  const sentence = `Nobody here is linked to that account of ${label}. Sign in as usual and link it on your profile, or ask an administrator.`
  return new Unproven(because, new AdminError('unauthenticated', sentence))
}
