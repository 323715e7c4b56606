/** What identity is put together from, handed to each of its files. Made once, by `create-identity.ts`. */

import type { AuditLog } from '../audit/log.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import type { KeyRings } from '../keys/keys.ts'
import type { AccessTokens } from './access-token.ts'
import type { Passwords } from './authenticators/password.ts'
import type { HostPeople } from './host-people.ts'
import type { SessionWithRole } from './live-session.ts'
import type { RandomBytes } from './random.ts'
import type { Seals } from './seal.ts'
import type { Throttle } from './throttle.ts'

export type WhenTooMany = 'evict-oldest' | 'refuse'

export interface IdentityOptions {
  /** Names this installation in access tokens, so that no other accepts them; made from its random id. */
  readonly issuer: string
  /** How authenticator apps call this installation. */
  readonly title: string
  /** 15 by default. */
  readonly accessTokenMinutes?: number
  /** 7 by default; never beyond the session's own end. */
  readonly refreshTokenDays?: number
  /** Minutes without a request after which a session ends; 30 by default. */
  readonly sessionTimeoutMinutes?: number
  /** Hours after which a session ends whatever happens; 12 by default and at most (NIST SP 800-63B-4, AAL3). */
  readonly sessionLimitHours?: number
  /** 5 by default. */
  readonly maxSessionsPerPerson?: number
  /** What one more does: ends the oldest, by default, or is refused. */
  readonly whenTooManySessions?: WhenTooMany
  /** The roles of the policy: only these can be granted. */
  readonly roles: readonly string[]
  /** The role whose last working holder cannot be lost. */
  readonly superadmin: string
  /** Roles whose holders are asked for two authenticators; none by default. */
  readonly privilegedRoles?: readonly string[]
  /** Roles that take nothing but a passkey that can't leave its device; none by default. */
  readonly deviceBoundRoles?: readonly string[]
  /** Whether letters are sent at all; false by default. */
  readonly hasMail?: boolean
  /** Whether visitors may ask for an account; false by default, and only with mail. */
  readonly hasRegistration?: boolean
  /** Words of this installation that no password may be made of; none by default. */
  readonly passwordWords?: readonly string[]
}

/**
 * The leaked passwords whose SHA-1 begins with these five hex digits, as lines `SUFFIX:COUNT`: no more of a password
 * leaves the process.
 */
export type PasswordRanges = (prefix: string, signal: AbortSignal) => Promise<string>

/** Codes, ids and counts; nothing that may not be printed on a wall. */
export interface IdentityLog {
  warn(details: Readonly<Record<string, string | number>>, message: string): void
}

export interface Parts {
  readonly store: Database
  readonly keys: KeyRings
  readonly audit: AuditLog
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly log: IdentityLog | null
  readonly options: Required<IdentityOptions>
  readonly passwords: Passwords
  readonly seals: Seals
  readonly accessTokens: AccessTokens
  readonly throttle: Throttle
  /** What the store has of the session of a token's hash, now: a row for each role of its person. */
  readonly sessionsByToken: (tokenHash: string) => Promise<readonly SessionWithRole[] | undefined>
  /** Null: people are our own. */
  readonly host: HostPeople | null
  /** Where leaked passwords are looked up; null: nowhere. */
  readonly passwordRanges: PasswordRanges | null
  /** Called once a letter may be waiting. */
  readonly onLetter: () => void
  /** Gets what code of the application threw, for whoever runs it. */
  readonly onHostError: ((error: unknown) => void) | null
}
