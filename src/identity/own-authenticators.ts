/**
 * What people do to their own authenticators while they are signed in. Whoever
 * changes one has just proved who they are: the pages ask for it, and it is
 * looked at here once more.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { newSeed, seedUri, stepOf } from './authenticators/totp.ts'
import type { ChallengeUse } from './challenge.ts'
import { removeCredentials, setRecoveryCodes, setTotp } from './credential.ts'
import { attempted, storyBy, Unproven } from './event.ts'
import type { AuthenticatorList, OwnAuthenticators, Passkey } from './identity.ts'
import { toInstant, toInstantOrNull } from './instant.ts'
import { post } from './letter-queue.ts'
import { LOCKING, lockPerson } from './lock.ts'
import { isProvenRecently, sessionOf } from './own-account.ts'
import type { Parts } from './parts.ts'
import { type PasskeyRow, passkeysOf, removePasskey, renamePasskey } from './passkey.ts'
import { creationOptions, newPasskey, passkeyName } from './passkey-proof.ts'
import type { Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'
import { wrongCode } from './second-factor.ts'
import { revoke } from './session.ts'
import { type Standing, standingOf } from './standing.ts'
import { placeCounters, secondFactorCounters } from './throttle.ts'

/** What stands for the authenticator app where a passkey has its id. */
const APP = 'app'
const SEED_LABEL = 'new-seed'

export function createAuthenticators(parts: Parts): OwnAuthenticators {
  return {
    list: (principal) => list(parts, principal),
    async isWanting(principal) {
      if (!holds(principal, parts.options.privilegedRoles)) return false
      const found = await list(parts, principal)
      return countOf(found) < found.wanted
    },
    async passkeyOptions(principal, site) {
      const { sessionId, personId } = sessionOf(principal)
      const { name, email } = principal
      const person = { id: personId, name, email }
      return await creationOptions(parts, parts.store.now, { person, site, use: addUse(sessionId) })
    },
    async addPasskey(principal, input, origin) {
      const attempt = await parts.throttle.attempt(placeCounters(origin.address))
      await changing(
        parts,
        principal,
        origin,
        { kind: 'identity.enrol' },
        async ({ sessionId, personId }) => {
          const { needsDeviceBound } = await standingOf(parts, parts.store.now, personId)
          const key = await newPasskey(parts, input, { needsDeviceBound, use: addUse(sessionId) })
          return async (connection) => {
            await key.add(connection, personId)
            await attempt.succeeded(connection)
            return { authenticator: 'passkey' }
          }
        },
      )
    },
    async renamePasskey(principal, { id, name }, origin) {
      const called = passkeyName(name)
      const kind = 'identity.rename-authenticator'
      await changing(parts, principal, origin, { kind }, async ({ personId }) => async (connection) => {
        if (!(await renamePasskey(connection, { personId, id, name: called }))) throw notHere()
        return { authenticator: 'passkey' }
      })
    },
    async remove(principal, id, origin) {
      const kind = 'identity.remove-authenticator'
      await changing(parts, principal, origin, { kind }, async ({ sessionId, personId }) => {
        return async (connection) => {
          const authenticator = await remove(parts, connection, personId, id)
          const endedSessions = await revoke(connection, { person: personId, except: sessionId })
          return { authenticator, endedSessions }
        }
      })
    },
    newApp(principal) {
      const { sessionId } = sessionOf(principal)
      const secret = newSeed(parts.randomBytes)
      const uri = seedUri(secret, parts.options.title, principal.email ?? principal.name)
      return { secret, uri, sealed: parts.seals.seal('credential', SEED_LABEL, secret, sessionId) }
    },
    async setApp(principal, { sealed, code }, origin) {
      const { personId: counted } = sessionOf(principal)
      const attempt = await parts.throttle.attempt(secondFactorCounters(counted, 'totp', origin.address))
      await changing(
        parts,
        principal,
        origin,
        { kind: 'identity.enrol' },
        async ({ sessionId, personId }) => {
          const seed = parts.seals.open('credential', SEED_LABEL, sealed, sessionId)
          const step = seed === null ? null : stepOf(seed, code, parts.clock())
          if (seed === null || step === null) throw wrongCode('wrong code')
          return async (connection) => {
            const { needsDeviceBound } = await standingOf(parts, connection, personId)
            if (needsDeviceBound) throw onlyDeviceBound()
            await setTotp(parts, connection, personId, seed, step)
            await attempt.succeeded(connection)
            const endedSessions = await revoke(connection, { person: personId, except: sessionId })
            return { authenticator: APP, endedSessions }
          }
        },
      )
    },
    async renewRecoveryCodes(principal, origin) {
      let codes: readonly string[] = []
      await changing(parts, principal, origin, { kind: 'identity.enrol' }, async ({ personId }) => {
        return async (connection) => {
          codes = await setRecoveryCodes(parts, connection, personId)
          return { authenticator: 'recovery-codes' }
        }
      })
      return codes
    },
  }
}

function addUse(sessionId: string): ChallengeUse {
  return { purpose: 'add', binding: sessionId }
}

type Kind = 'identity.enrol' | 'identity.rename-authenticator' | 'identity.remove-authenticator'
type Details = Readonly<Record<string, string | number>>

/** One change by someone who has just proved who they are, with its event; `prepare` may check before the transaction. */
async function changing(
  parts: Parts,
  principal: Principal,
  origin: RequestOrigin,
  { kind }: { readonly kind: Kind },
  prepare: (who: ReturnType<typeof sessionOf>) => Promise<(connection: Connection) => Promise<Details>>,
): Promise<void> {
  const story = storyBy(kind, principal, origin)
  const event = await attempted(parts, story, async () => {
    const who = sessionOf(principal)
    const change = await prepare(who)
    return await parts.store.write(async (connection) => {
      await lockPerson(connection, who.personId)
      await mustBeRecent(parts, connection, principal)
      const details = await change(connection)
      await tell(parts, connection, principal, kind, String(details['authenticator']))
      return await parts.audit.append(connection, story({ outcome: 'done', details }))
    }, LOCKING)
  })
  parts.onLetter()
  await parts.audit.sealed(event)
}

/** A change that somebody else made in one's session is not to go unseen. */
async function tell(
  parts: Parts,
  connection: Connection,
  { name, email }: Principal,
  kind: Kind,
  authenticator: string,
): Promise<void> {
  if (kind === 'identity.rename-authenticator') return
  const what = WORDS[authenticator] ?? 'An authenticator was'
  const verb = kind === 'identity.enrol' ? 'set up' : 'removed'
  const to = { name, email: email ?? '' }
  const at = parts.clock()
  await post(parts, connection, { kind: 'authenticator-changed', to, at, what: `${what} ${verb}` })
}

const WORDS: Readonly<Record<string, string>> = {
  passkey: 'A passkey was',
  [APP]: 'An authenticator app was',
  'recovery-codes': 'New recovery codes were',
}

/** Read anew inside the transaction: the session may have been ended since the request began. */
async function mustBeRecent(parts: Parts, connection: Connection, principal: Principal): Promise<void> {
  if (await isProvenRecently(parts, connection, principal)) return
  const answer = new AdminError('unauthenticated', 'Prove again who you are before you change this.')
  throw new Unproven('no recent proof', answer)
}

async function remove(
  parts: Parts,
  connection: Connection,
  personId: string,
  id: string,
): Promise<'app' | 'passkey'> {
  const standing = await standingOf(parts, connection, personId)
  const isThere = id === APP ? standing.hasApp : standing.passkeys.some((row) => row.id === id)
  if (!isThere) throw notHere()
  if (!isEnoughWithout(standing, id)) throw lastOne(standing)
  if (id !== APP) {
    await removePasskey(connection, { personId, id })
    return 'passkey'
  }
  await removeCredentials(connection, personId, ['totp'])
  return APP
}

/** Whether what is left lets the person sign in as their roles ask. */
function isEnoughWithout({ hasApp, passkeys, needsDeviceBound }: Standing, id: string): boolean {
  const left = passkeys.filter((row) => row.id !== id)
  if (needsDeviceBound) return left.some((row) => Number(row.is_device_bound) === 1)
  return left.length > 0 || (hasApp && id !== APP)
}

async function list(parts: Parts, principal: Principal): Promise<AuthenticatorList> {
  const { personId } = sessionOf(principal)
  const passkeys = await passkeysOf(parts.store.now, personId)
  const codes = await inStore(parts.store.now)
    .selectFrom('castellan_credential')
    .select(['kind', 'created_at', 'used_at'])
    .where('person_id', '=', personId)
    .where('kind', 'in', ['totp', 'recovery'])
    .execute()
  const app = codes.find(({ kind }) => kind === 'totp')
  return {
    app: app ? { addedAt: toInstant(app.created_at), usedAt: toInstantOrNull(app.used_at) } : null,
    passkeys: passkeys.map(described),
    recoveryCodes: codes.filter(({ kind }) => kind === 'recovery').length,
    wanted: holds(principal, parts.options.privilegedRoles) ? 2 : 1,
    needsDeviceBound: holds(principal, parts.options.deviceBoundRoles),
  }
}

function holds({ subject }: Principal, roles: readonly string[]): boolean {
  return subject.roles.some((role) => roles.includes(role))
}

/** Those that the person may sign in with. */
export function countOf({ app, passkeys, needsDeviceBound }: AuthenticatorList): number {
  if (needsDeviceBound) return passkeys.filter(({ isDeviceBound }) => isDeviceBound).length
  return passkeys.length + (app ? 1 : 0)
}

function described(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    name: row.name,
    isDeviceBound: Number(row.is_device_bound) === 1,
    isBackedUp: Number(row.is_backed_up) === 1,
    addedAt: toInstant(row.created_at),
    usedAt: toInstantOrNull(row.used_at),
  }
}

function notHere(): AdminError {
  return new AdminError('not-found', 'You have no such authenticator any more.')
}

function lastOne({ needsDeviceBound }: Standing): AdminError {
  const sentence = needsDeviceBound
    ? 'This is the last passkey that your role takes. Add another one first.'
    : 'This is your last authenticator. Add another one first.'
  return new AdminError('invalid-input', sentence)
}

function onlyDeviceBound(): AdminError {
  return new AdminError('invalid-input', 'Your role takes only passkeys that stay on one device.')
}
