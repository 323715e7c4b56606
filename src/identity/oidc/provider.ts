/**
 * Talking to one OpenID Connect provider: discovery, the address to send people
 * to, and what comes back for a code.
 *
 * `openid-client` checks what the specifications say (OpenID Connect Core 1.0,
 * section 3.1.3.7; RFC 7636; RFC 9207): issuer, audience, signature, times,
 * nonce, state and PKCE. Tokens are read here and kept nowhere.
 */

import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from 'openid-client'
import type { Clock } from '../../clock.ts'
import { HOUR, SECOND } from '../instant.ts'
import type { OidcProvider } from './option.ts'

/** What a provider says of somebody. */
export interface Claims {
  readonly issuer: string
  /** Names the person at the provider, for good; nothing else does. */
  readonly subject: string
  readonly name: string | null
  /** Null where the provider has none, or says that it is not verified. */
  readonly email: string | null
  /** Whether they proved more than one factor there (RFC 8176). */
  readonly isMultiFactor: boolean
  /** The values of the claim that roles are mapped from. */
  readonly groups: readonly string[]
}

/** What is made before somebody is sent away, and has to fit when they come back. */
export interface Challenge {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface ProviderClient {
  readonly option: OidcProvider
  /** Where to send the browser. @throws whatever keeps the provider from being found. */
  authorizationAddress(challenge: Challenge): Promise<string>
  /** @param answer The query that the browser came back with. @throws when anything of it is not as it has to be. */
  claims(challenge: Challenge, answer: URLSearchParams): Promise<Claims>
  /**
   * Whom a logout token tells of, checked as OpenID Connect Back-Channel Logout 1.0 (section 2.6) says.
   * @throws when anything of it is not as it has to be.
   */
  loggedOut(token: string): Promise<LoggedOut>
  /** Where the provider ends its own session; null when it offers none. */
  endSessionAddress(returnTo: string): Promise<string | null>
}

/** Somebody whose session at a provider has ended. */
export interface LoggedOut {
  readonly issuer: string
  readonly subject: string
  /** What a second one of the same token is known by. */
  readonly id: string
  /** After this it is refused by its age. */
  readonly until: number
}

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Only what a key of the provider has signed, never a shared secret and never nothing. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const LOGOUT_AGE_SECONDS = 120
const CLOCKS_APART_SECONDS = 30

/** A provider changes what it says of itself seldom. */
const REMEMBERED_MS = HOUR
const TIMEOUT_SECONDS = 10
const DEFAULT_SCOPES: readonly string[] = ['profile', 'email']

export function createProviderClient(option: OidcProvider, clock: Clock): ProviderClient {
  let known: { readonly configuration: Promise<Configuration>; readonly until: number } | null = null

  function configuration(): Promise<Configuration> {
    const now = clock()
    if (known && now < known.until) return known.configuration
    const asked = discover(option)
    known = { configuration: asked, until: now + REMEMBERED_MS }
    asked.catch(() => {
      // a provider that was down is asked again by whoever comes next
      if (known?.configuration === asked) known = null
    })
    return asked
  }

  let keys: { readonly address: string; readonly find: JWTVerifyGetKey } | null = null

  function keysAt(address: string): JWTVerifyGetKey {
    if (keys?.address !== address) keys = { address, find: createRemoteJWKSet(new URL(address)) }
    return keys.find
  }

  return {
    option,
    async loggedOut(token) {
      const { issuer, jwks_uri } = (await configuration()).serverMetadata()
      if (jwks_uri === undefined) throw new TypeError('The provider names no keys.')
      const { payload } = await jwtVerify(token, keysAt(jwks_uri), {
        issuer,
        audience: option.clientId,
        algorithms: ALGORITHMS,
        currentDate: new Date(clock()),
        clockTolerance: CLOCKS_APART_SECONDS,
        maxTokenAge: LOGOUT_AGE_SECONDS,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'events'],
      })
      return loggedOutIn(payload, issuer)
    },
    async authorizationAddress({ redirectUri, state, nonce, verifier }) {
      const address = buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: ['openid', ...(option.scopes ?? DEFAULT_SCOPES)].join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return address.href
    },
    async claims({ redirectUri, state, nonce, verifier }, answer) {
      const config = await configuration()
      const address = new URL(redirectUri)
      address.search = answer.toString()
      const tokens = await authorizationCodeGrant(config, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      const idToken = tokens.claims()
      if (!idToken) throw new TypeError('The provider sent no ID token.')
      const more = config.serverMetadata().userinfo_endpoint
        ? await fetchUserInfo(config, tokens.access_token, idToken.sub)
        : {}
      return claimsOf(option, { ...more, ...idToken }, idToken)
    },
    async endSessionAddress(returnTo) {
      const config = await configuration()
      if (!config.serverMetadata().end_session_endpoint) return null
      return buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo }).href
    },
  }
}

async function discover(option: OidcProvider): Promise<Configuration> {
  const { issuer, clientId } = option
  const address = new URL(issuer)
  // the configuration lets plain HTTP through for loopback in debug alone
  const isPlain = address.protocol === 'http:'
  return await discovery(address, clientId, undefined, authenticationOf(option), {
    timeout: TIMEOUT_SECONDS,
    // the signature is checked even though the token came over TLS from the provider itself
    execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
  })
}

function authenticationOf({ clientSecret, clientAuthentication }: OidcProvider): ClientAuth {
  if (clientSecret === undefined) return None()
  return clientAuthentication === 'post' ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret)
}

function loggedOutIn(payload: JWTPayload, issuer: string): LoggedOut {
  const { sub, jti, iat = 0, events, nonce } = payload
  const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT)
  // an ID token has a nonce and no such event: neither passes for the other
  if (!isLogout || nonce !== undefined) throw new TypeError('It is no logout token.')
  if (sub === undefined || jti === undefined || jti === '') throw new TypeError('It names nobody.')
  const until = (iat + LOGOUT_AGE_SECONDS + 2 * CLOCKS_APART_SECONDS) * SECOND
  return { issuer, subject: sub, id: jti, until }
}

/** What proves two factors by itself, or says that two were asked for. */
const MULTI_FACTOR: ReadonlySet<string> = new Set(['mfa'])

function claimsOf(
  { roles }: OidcProvider,
  claims: Readonly<Record<string, unknown>>,
  { iss, sub, amr }: { readonly iss: string; readonly sub: string; readonly amr?: unknown },
): Claims {
  const email = claims['email_verified'] === false ? null : textOf(claims['email'])
  return {
    issuer: iss,
    subject: sub,
    name: textOf(claims['name']),
    email,
    isMultiFactor: textsOf(amr).some((method) => MULTI_FACTOR.has(method)),
    groups: roles ? textsOf(claims[roles.claim]) : [],
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((one) => typeof one === 'string')
}
