/**
 * Access tokens: a signed pointer to a session row (JWT, RFC 7519, with EdDSA,
 * RFC 8037). A token carries no rights and proves nothing by itself: whoever
 * reads one looks the session up.
 */

import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import type { Keys } from '../keys/keys.ts'

/** The type of access tokens, RFC 9068, section 2.1: no other token of ours can pass for one. */
const TYPE = 'at+jwt'
const ALGORITHM = 'EdDSA'
/** Decoders pass over white space; only one spelling of a token counts here. */
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/
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
): Promise<Omit<AccessClaims, 'issuedAt' | 'expiresAt'> | null> {
  if (!SHAPE.test(token)) return null
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer,
      audience: audienceOf(issuer),
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'sid', 'gen', 'iat', 'nbf', 'exp'],
    })
    const { sub, sid, gen } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string' || typeof gen !== 'number') return null
    return { personId: sub, sessionToken: sid, generation: gen }
  } catch {
    // whatever is wrong with it, it is not a token of ours; which part was wrong is nobody's business
    return null
  }
}

function audienceOf(issuer: string): string {
  return `${issuer}/admin`
}

function keyOf(keys: Keys, id: string | undefined): ReturnType<Keys['signing']>['publicKey'] {
  const key = typeof id === 'string' ? keys.verifying('access', id) : null
  if (!key) throw new TypeError('No such key.')
  return key
}
