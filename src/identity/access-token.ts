/**
 * Access tokens: a signed pointer to a session row (JWT, RFC 7519, with EdDSA,
 * RFC 8037). A token carries no rights and proves nothing by itself: whoever
 * reads one looks the session up.
 */

import { jwtVerify, SignJWT } from 'jose'
import type { Keys } from '../keys/keys.ts'

/** The type of access tokens, RFC 9068, section 2.1: no other token of ours can pass for one. */
const TYPE = 'at+jwt'
const ALGORITHM = 'EdDSA'
/** How far the clocks of two processes may differ. */
const TOLERANCE_SECONDS = 5

export interface AccessClaims {
  readonly personId: string
  /** Whose SHA-256 is the session row's `token_hash`. */
  readonly sessionToken: string
  /** Which generation of refresh token came with it. */
  readonly generation: number
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What a token says once it is known to be ours: which session to look up. */
type Pointer = Omit<AccessClaims, 'issuedAt' | 'expiresAt'>

/** Signs with the ring's active key. */
export async function signAccessToken(keys: Keys, issuer: string, claims: AccessClaims): Promise<string> {
  const { id, privateKey } = keys.signing('access')
  const issuedAt = Math.floor(claims.issuedAt / 1000)
  return await new SignJWT({ sid: claims.sessionToken, gen: claims.generation })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
    .setIssuer(issuer)
    .setAudience(audienceOf(issuer))
    .setSubject(claims.personId)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(Math.floor(claims.expiresAt / 1000))
    .sign(privateKey)
}

/**
 * The claims of a token that this installation signed and that is in its time; null for anything else.
 *
 * The algorithm is pinned and the key comes from our ring by `kid` alone: what
 * else a header names (`jku`, `jwk`, `x5u`) is never looked at, and `crit` is refused.
 */
export async function readAccessToken(
  keys: Keys,
  issuer: string,
  token: string,
  now: number,
): Promise<Pointer | null> {
  const known = recall(keys, issuer, token, now)
  if (known) return known
  try {
    const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer,
      audience: audienceOf(issuer),
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'sid', 'gen', 'iat', 'nbf', 'exp'],
    })
    const { sub, sid, gen, nbf = Number.NaN, exp = Number.NaN } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string' || typeof gen !== 'number') return null
    const pointer = { personId: sub, sessionToken: sid, generation: gen }
    remember(keys, issuer, token, { pointer, keyId: protectedHeader.kid, nbf, exp })
    return pointer
  } catch {
    // whatever is wrong with it, it is not a token of ours; which part was wrong is nobody's business
    return null
  }
}

interface Verified {
  readonly pointer: Pointer
  readonly keyId: string | undefined
  /** In seconds, as the token has them. */
  readonly nbf: number
  readonly exp: number
}

/**
 * Tokens whose signature and form have been checked, so that a page and its
 * parts check them once: what is true of a text stays true of it. Nothing else
 * is remembered; its times and its key are looked at every time, and so is the
 * session that it points to.
 */
const verified = new WeakMap<Keys, Map<string, Verified>>()
const MOST_VERIFIED = 1_000

function recall(keys: Keys, issuer: string, token: string, now: number): Pointer | null {
  const known = verified.get(keys)?.get(`${issuer} ${token}`)
  if (!known || known.keyId === undefined || !keys.verifying('access', known.keyId)) return null
  const seconds = Math.floor(now / 1000)
  const isInTime = known.nbf <= seconds + TOLERANCE_SECONDS && known.exp > seconds - TOLERANCE_SECONDS
  return isInTime ? known.pointer : null
}

function remember(keys: Keys, issuer: string, token: string, what: Verified): void {
  const ours = verified.get(keys) ?? new Map<string, Verified>()
  verified.set(keys, ours)
  ours.set(`${issuer} ${token}`, what)
  const [oldest] = ours.keys()
  if (ours.size > MOST_VERIFIED && oldest !== undefined) ours.delete(oldest)
}

function audienceOf(issuer: string): string {
  return `${issuer}/admin`
}

function keyOf(keys: Keys, id: string | undefined): ReturnType<Keys['signing']>['publicKey'] {
  const key = typeof id === 'string' ? keys.verifying('access', id) : null
  if (!key) throw new TypeError('No such key.')
  return key
}
