/**
 * Access tokens: a signed pointer to a session row (JWT, RFC 7519, with EdDSA,
 * RFC 8037). A token carries no rights and proves nothing by itself: whoever
 * reads one looks the session up.
 */

import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import type { Keys } from '../keys/keys.ts'
import { hashOf } from './random.ts'

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

/** Reads access tokens. Stateful only in what it keeps for speed. */
export interface AccessTokens {
  /** The claims of a token that this installation signed and that is in its time; null for anything else. */
  read(token: string, now: number): Promise<ReadClaims | null>
}

type ReadClaims = Omit<AccessClaims, 'issuedAt' | 'expiresAt'>

/** A token whose signature has been checked: everything that can make it worthless later. */
interface Verified {
  readonly claims: ReadClaims
  readonly keyId: string
  readonly key: VerifyingKey
  /** Seconds since the epoch. */
  readonly notBefore: number
  readonly expires: number
}

type VerifyingKey = ReturnType<Keys['signing']>['publicKey']

const MOST_REMEMBERED = 5_000

/**
 * A signature that has been found good is not computed again at every request of its session: it is
 * remembered by the token's hash. Whether the token is in its time and its key is still in the ring is
 * asked each time; that the session it points to still lives is for whoever reads the claims.
 */
export function createAccessTokens(keys: Keys, issuer: string): AccessTokens {
  const remembered = new Map<string, Verified>()

  return {
    async read(token, now) {
      if (!SHAPE.test(token)) return null
      const hash = hashOf(token)
      const before = remembered.get(hash)
      if (before) {
        if (isGood(keys, before, now)) return before.claims
        remembered.delete(hash)
      }
      const verified = await verify(keys, issuer, token, now)
      if (!verified) return null
      remembered.set(hash, verified)
      const [oldest] = remembered.keys()
      if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
      return verified.claims
    },
  }
}

function isGood(keys: Keys, { keyId, key, notBefore, expires }: Verified, now: number): boolean {
  const seconds = Math.floor(now / 1000)
  const isInTime = notBefore <= seconds + TOLERANCE_SECONDS && expires > seconds - TOLERANCE_SECONDS
  return isInTime && keys.verifying('access', keyId) === key
}

/**
 * The algorithm is pinned and the key comes from our ring by `kid` alone: what
 * else a header names (`jku`, `jwk`, `x5u`) is never looked at, and `crit` is refused.
 */
async function verify(keys: Keys, issuer: string, token: string, now: number): Promise<Verified | null> {
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
    const { sub, sid, gen, nbf, exp } = payload
    const { kid } = protectedHeader
    if (typeof sub !== 'string' || typeof sid !== 'string' || typeof gen !== 'number') return null
    if (nbf === undefined || exp === undefined || kid === undefined) return null
    const claims = { personId: sub, sessionToken: sid, generation: gen }
    return { claims, keyId: kid, key: keyOf(keys, kid), notBefore: nbf, expires: exp }
  } catch {
    // whatever is wrong with it, it is not a token of ours; which part was wrong is nobody's business
    return null
  }
}

function audienceOf(issuer: string): string {
  return `${issuer}/admin`
}

function keyOf(keys: Keys, id: string | undefined): VerifyingKey {
  const key = typeof id === 'string' ? keys.verifying('access', id) : null
  if (!key) throw new TypeError('No such key.')
  return key
}
