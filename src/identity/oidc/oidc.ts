/** Signing in with an OpenID Connect provider, and linking one to a person who is signed in. */

import { AdminError } from '../../errors.ts'
import { lockStore } from '../../store/lock.ts'
import { credentialOf } from '../credential.ts'
import { attempted, storyBy, storyOf, Unproven } from '../event.ts'
import type { SignInStep } from '../identity.ts'
import { toInstant, toInstantOrNull } from '../instant.ts'
import { sessionById } from '../live-session.ts'
import { LOCKING, lockPerson } from '../lock.ts'
import type { Parts } from '../parts.ts'
import type { Principal } from '../principal.ts'
import { isEqual, randomToken } from '../random.ts'
import type { RequestOrigin } from '../request.ts'
import { revoke } from '../session.ts'
import { placeCounters } from '../throttle.ts'
import { arrive } from './arrival.ts'
import { type Attempt, openAttempt, sealAttempt, useAttempt } from './attempt.ts'
import { addLink, linkOfIdentity, linksOfPerson, removeLinks } from './link.ts'
import { logOut } from './logout.ts'
import { type OidcProvider, providerIn } from './option.ts'
import { type Claims, createProviderClient, type ProviderClient } from './provider.ts'

export interface Oidc {
  /** In the order of the configuration; empty: nobody signs in this way. */
  readonly providers: readonly ProviderName[]
  /**
   * Begins: where to send the browser, and what it must bring back in a cookie.
   * @throws AdminError `not-found` for an unknown provider; `data-source-failed` when it can't be reached.
   */
  start(input: StartInput): Promise<{ readonly address: string; readonly attempt: string }>
  /** Finishes what `start` began. @throws AdminError `unauthenticated`, `limit-exceeded`. */
  finish(input: FinishInput, origin: RequestOrigin): Promise<Finished>
  /** What the person has linked. */
  links(personId: string): Promise<readonly OidcLink[]>
  /** Ends the person's other sessions. @throws AdminError `invalid-input` when it is the only way in; `not-found`. */
  unlink(principal: Principal, provider: string, origin: RequestOrigin): Promise<void>
  /**
   * The provider says that somebody's session there is over: those here that began with it end.
   * @throws AdminError `not-found` for an unknown provider; `invalid-input`, `limit-exceeded`.
   */
  logOut(input: { readonly provider: string; readonly token: string }, origin: RequestOrigin): Promise<void>
  /** Where the provider that the principal signed in with ends its session too; null when there is no such place. */
  signOutAddress(principal: Principal, returnTo: string): Promise<string | null>
}

export type ProviderName = Pick<OidcProvider, 'id' | 'label'>

export interface OidcLink extends ProviderName {
  readonly linkedAt: number
  readonly lastUsedAt: number | null
}

export interface StartInput {
  readonly provider: string
  /** Where the provider sends the browser back to, as it is registered there. */
  readonly redirectUri: string
  /** A path of ours; null: the front page. */
  readonly next: string | null
  /** Who adds the provider to their ways in; null: somebody signs in. */
  readonly principal: Principal | null
}

export interface FinishInput {
  readonly provider: string
  /** The cookie's value. */
  readonly attempt: string | undefined
  readonly answer: URLSearchParams
}

export type Finished =
  | { readonly kind: 'sign-in'; readonly step: SignInStep; readonly next: string | null }
  | { readonly kind: 'linked' }

export function createOidc(parts: Parts, options: readonly OidcProvider[]): Oidc {
  const clients = new Map(options.map((option) => [option.id, createProviderClient(option, parts.clock)]))

  function clientOf(id: string): ProviderClient {
    const client = clients.get(id)
    if (!client) throw new AdminError('not-found', 'There is nothing at this address.')
    return client
  }

  return {
    providers: options.map(({ id, label }) => ({ id, label })),
    start: (input) => start(parts, clientOf(input.provider), input),
    finish: (input, origin) => finish(parts, clientOf(input.provider), input, origin),
    async links(personId) {
      const rows = await linksOfPerson(parts.store.now, personId)
      return rows.flatMap((row) => {
        const option = clients.get(row.provider)?.option
        if (!option) return []
        const { id, label } = option
        const used = toInstantOrNull(row.last_used_at)
        return [{ id, label, linkedAt: toInstant(row.created_at), lastUsedAt: used }]
      })
    },
    logOut: ({ provider, token }, origin) => logOut(parts, clientOf(provider), token, origin),
    unlink: (principal, provider, origin) => unlink(parts, principal, provider, origin),
    async signOutAddress({ authentication }, returnTo) {
      const id = authentication.methods.map(providerIn).find((one) => one !== null)
      const client = id === undefined ? undefined : clients.get(id)
      if (!client || client.option.signOut === false) return null
      try {
        return await client.endSessionAddress(returnTo)
      } catch (error) {
        // signing out here has to work while a provider is down
        tell(parts, client.option, error)
        return null
      }
    },
  }
}

async function start(
  parts: Parts,
  client: ProviderClient,
  { redirectUri, next, principal }: StartInput,
): Promise<{ readonly address: string; readonly attempt: string }> {
  const challenge = {
    redirectUri,
    state: randomToken(parts.randomBytes),
    nonce: randomToken(parts.randomBytes),
    verifier: randomToken(parts.randomBytes),
  }
  const { id, label } = client.option
  const session = principal?.sessionId ?? null
  try {
    const address = await client.authorizationAddress(challenge)
    return { address, attempt: sealAttempt(parts, { provider: id, ...challenge, next, session }) }
  } catch (error) {
    tell(parts, client.option, error)
    const sentence = `${label} cannot be reached. Try again in a moment, or sign in another way.`
    throw new AdminError('data-source-failed', sentence, { cause: error })
  }
}

async function finish(
  parts: Parts,
  client: ProviderClient,
  input: FinishInput,
  origin: RequestOrigin,
): Promise<Finished> {
  const story = storyOf('identity.sign-in', null, origin, parts.clock())
  return await attempted(parts, story, async () => {
    const attempt = input.attempt === undefined ? null : openAttempt(parts, input.attempt)
    if (!attempt || attempt.provider !== client.option.id) throw over('no such sign-in in this browser')
    if (!isEqual(input.answer.get('state') ?? '', attempt.state)) throw over('another state')
    const counted = await parts.throttle.attempt(placeCounters(origin.address))
    if (!(await useAttempt(parts, attempt))) throw over('answered before')
    const claims = await claimed(parts, client, attempt, input.answer)
    if (attempt.session === null) {
      const step = await arrive(parts, client.option, claims, counted, origin)
      return { kind: 'sign-in', step, next: attempt.next }
    }
    await link(parts, client.option, attempt.session, claims, origin)
    return { kind: 'linked' }
  })
}

async function claimed(
  parts: Parts,
  { option, claims }: ProviderClient,
  attempt: Attempt,
  answer: URLSearchParams,
): Promise<Claims> {
  try {
    return await claims(attempt, answer)
  } catch (error) {
    const code = tell(parts, option, error)
    const sentence = `Signing in with ${option.label} did not work. Try again, or sign in another way.`
    throw new Unproven(`${option.id}: ${code}`, new AdminError('unauthenticated', sentence))
  }
}

/** To the log by its code alone: messages of the library may quote what a provider sent. */
function tell({ log }: Parts, { id }: OidcProvider, error: unknown): string {
  const named = error instanceof Error && 'code' in error && typeof error.code === 'string'
  const code = named ? String(error.code) : 'failed'
  log?.warn({ provider: id, code }, 'An OpenID Connect provider did not answer as it has to.')
  return code
}

/** Adds the identity to the ways in of whoever began it, if their session still lives. */
async function link(
  parts: Parts,
  { id, label }: OidcProvider,
  sessionId: string,
  claims: Claims,
  origin: RequestOrigin,
): Promise<void> {
  const event = await parts.store.write(async (connection) => {
    await lockStore(connection)
    const live = await sessionById(parts, connection, sessionId)
    if (!live) throw over('the session ended meanwhile')
    await lockPerson(connection, live.person.id)
    if (await linkOfIdentity(connection, claims)) {
      const answer = new AdminError(
        'unauthenticated',
        `That account of ${label} is linked to a person already.`,
      )
      throw new Unproven('linked before', answer)
    }
    await addLink(connection, claims, { personId: live.person.id, provider: id, now: parts.clock() })
    const story = storyOf('identity.link', live.person, origin, parts.clock())
    return await parts.audit.append(connection, story({ outcome: 'done', details: { provider: id } }))
  }, LOCKING)
  await parts.audit.sealed(event)
}

async function unlink(
  parts: Parts,
  principal: Principal,
  provider: string,
  origin: RequestOrigin,
): Promise<void> {
  const { id } = principal.subject
  const story = storyBy('identity.unlink', principal, origin)
  const event = await attempted(parts, story, () =>
    parts.store.write(async (connection) => {
      await lockPerson(connection, id)
      const others = (await linksOfPerson(connection, id)).filter((row) => row.provider !== provider)
      const hasPassword = (await credentialOf(connection, id, 'password')) !== null
      if (others.length === 0 && !hasPassword) {
        throw new AdminError('invalid-input', 'This is the only way you can sign in. Set a password first.')
      }
      if ((await removeLinks(connection, id, provider)) === 0) {
        throw new AdminError('not-found', 'That provider is not linked any more.')
      }
      const endedSessions = await revoke(connection, { person: id, except: principal.sessionId })
      const details = { provider, endedSessions }
      return await parts.audit.append(connection, story({ outcome: 'done', details }))
    }, LOCKING),
  )
  await parts.audit.sealed(event)
}

function over(because: string): Unproven {
  const answer = new AdminError('unauthenticated', 'This sign-in is over or took too long. Start it again.')
  return new Unproven(because, answer)
}
