/**
 * Identity as the rest of the house sees it: who asks, and how they come to be known.
 *
 * Signing in has no principal yet, so these operations write their sessions and
 * audit events themselves. Everything that one principal does to another
 * (people, roles, tokens, other people's sessions) is an action: the functions
 * of `people`, `sessions` and `tokens` take the gate's connection and record
 * nothing on their own.
 */

import type { Connection } from '../database/database.ts'
import type { Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'

export interface Identity {
  /** Who asks. Renews the session inside the same request when its access token has expired; called once a request. */
  establish(presented: Presented, origin: RequestOrigin): Promise<Established>

  /** Whether any person exists. */
  isSetUp(): Promise<boolean>
  /** A fresh one-time token for `/set-up`, valid one hour; null once a person exists. Earlier tokens stop working. */
  issueSetUpToken(): Promise<string | null>
  isSetUpTokenValid(token: string): Promise<boolean>
  /** Makes the first superadmin and goes on to `enrol`. @throws `not-found` for a used, old or wrong token; `invalid-input`. */
  setUp(input: SetUpInput, origin: RequestOrigin): Promise<SignInStep>

  /** @throws `unauthenticated`, with the same words for an unknown person, a wrong password and a deactivated account; `limit-exceeded`. */
  signIn(
    input: { readonly email: string; readonly password: string },
    origin: RequestOrigin,
  ): Promise<SignInStep>
  /** `code`: a TOTP code or a recovery code. */
  secondFactor(
    input: { readonly pending: string; readonly code: string },
    origin: RequestOrigin,
  ): Promise<SignInStep>
  /** Which step a pending sign-in is at, or null when it is gone (ten minutes). */
  pending(token: string): Promise<PendingSignIn | null>
  /** Confirms the new authenticator with its first code; answers `signed-in` with the recovery codes. */
  enrol(
    input: { readonly pending: string; readonly code: string },
    origin: RequestOrigin,
  ): Promise<SignInStep>

  signOut(principal: Principal, origin: RequestOrigin): Promise<void>
  /** Proves again who a signed-in person is. The session gets a new id, so new tokens come back. @throws as `signIn`. */
  stepUp(
    principal: Principal,
    input: { readonly code: string },
    origin: RequestOrigin,
  ): Promise<SessionTokens>
  /** When the session last proved who it is, from the stored session; null for a principal without one. */
  provedAt(connection: Connection, principal: Principal): Promise<number | null>
  /** Ends the person's other sessions. @throws `unauthenticated` for a wrong current password; `invalid-input`. */
  changePassword(
    principal: Principal,
    input: { readonly current: string; readonly next: string },
    origin: RequestOrigin,
  ): Promise<void>

  /** The token that forms carry, bound to a session or to a cookie from before there is one. */
  csrfToken(binding: string): string
  isCsrfToken(binding: string, token: string): boolean
  /** Puts a text in an opaque, authenticated form for `purpose`, readable only with the same `binding`. */
  seal(purpose: SealPurpose, text: string, binding: string): string
  /** The text, or null when the seal is broken, of another purpose or of another binding. */
  open(purpose: SealPurpose, sealed: string, binding: string): string | null

  /** Where the application itself says who people are; null: people are our own. */
  readonly host: HostAccess | null
  readonly people: People
  readonly sessions: Sessions
  readonly tokens: Tokens
  close(): Promise<void>
}

/** What a sealed text is for: what is sealed for one thing is worthless for another. */
export type SealPurpose = 'cursor' | 'confirmation' | 'scope' | 'said'

/** What a request carries; each absent when it doesn't. */
export interface Presented {
  readonly access: string | undefined
  readonly refresh: string | undefined
  /** The value of `Authorization: Bearer`. */
  readonly bearer: string | undefined
  /** A renewal needs a same-site request; the chain of `http/` says whether it is one. */
  readonly isSameSite: boolean
}

export type Established =
  | {
      readonly kind: 'known'
      readonly principal: Principal
      /** What CSRF tokens of this session are bound to. */
      readonly binding: string
      /** Set on the answer when the session was renewed in this request. */
      readonly renewed: SessionTokens | null
    }
  /** `ended`: cookies came along but are of no use any more and should be cleared. */
  | { readonly kind: 'unknown'; readonly reason: 'nothing' | 'ended' }

export interface SessionTokens {
  /** The signed access token, for the access cookie. */
  readonly access: string
  readonly accessExpiresAt: number
  /** The opaque refresh token, for the refresh cookie. */
  readonly refresh: string
  readonly refreshExpiresAt: number
}

export type SignInStep =
  | { readonly kind: 'second-factor'; readonly pending: string }
  | { readonly kind: 'enrol'; readonly pending: string }
  | {
      readonly kind: 'signed-in'
      readonly tokens: SessionTokens
      /** Shown once, after an enrolment. */
      readonly recoveryCodes: readonly string[] | null
    }

export type PendingSignIn =
  | { readonly stage: 'second-factor'; readonly email: string }
  | {
      readonly stage: 'enrol'
      readonly email: string
      /** Base32, for typing by hand. */
      readonly secret: string
      /** `otpauth://totp/…`, for the QR code. */
      readonly uri: string
    }

export interface SetUpInput {
  readonly token: string
  readonly name: string
  readonly email: string
  readonly password: string
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly isActive: boolean
  readonly roles: readonly RoleGrant[]
  readonly attributes: Readonly<Record<string, string>>
  readonly hasSecondFactor: boolean
  readonly createdAt: number
  readonly lastSeenAt: number | null
}

export interface RoleGrant {
  readonly role: string
  readonly expiresAt: number | null
}

export interface PersonInput {
  readonly name: string
  readonly email: string
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  /** Absent: the person has no password until one is set by a later operation. */
  readonly password?: string
  /** Enrols a TOTP authenticator at once; its `otpauth://` URI is part of the answer. */
  readonly withTotp?: boolean
}

/** The application's people, as far as actions and pages have to know of them. */
export interface HostAccess {
  /** `users`. */
  readonly model: string
  /** "E-mail", "Username". */
  readonly usernameLabel: string
  readonly canChangePassword: boolean
  /** Who the record of that key is here; null for somebody who has never signed in. */
  personOf(key: string): Promise<Person | null>
  /**
   * The roles that whoever signs in as that record has, those included that the application maps at a first sign-in.
   * @throws `data-source-failed` when the application can't say.
   */
  rolesOf(key: string): Promise<readonly string[]>
  /**
   * Sets the password of the record of that key, and ends every session of theirs; how many there were.
   * @throws `not-found`; `invalid-input` at `password`; `data-source-failed` when the application fails.
   */
  setPassword(key: string, password: string): Promise<number>
}

/** The directory. Every function runs in the caller's transaction; all ids are random and never reused. */
export interface People {
  /** @throws `invalid-input` at `email`, `password`, `name` or `roles`; `conflict` never. */
  create(
    connection: Connection,
    input: PersonInput,
  ): Promise<{ readonly id: string; readonly totpUri: string | null }>
  update(
    connection: Connection,
    id: string,
    input: { readonly name?: string; readonly attributes?: Readonly<Record<string, string>> },
  ): Promise<void>
  find(connection: Connection, id: string): Promise<Person | null>
  findByEmail(connection: Connection, email: string): Promise<Person | null>
  list(connection: Connection): Promise<readonly Person[]>
  /** Deactivating ends every session and is refused for the last working superadmin (`invalid-input`). */
  setActive(connection: Connection, id: string, isActive: boolean, reason: string): Promise<void>
  /** Sessions go on; the next request sees the new roles. @throws as `setActive`. */
  grantRole(connection: Connection, id: string, grant: RoleGrant): Promise<void>
  revokeRole(connection: Connection, id: string, role: string): Promise<void>
  /** Removes the second factor and ends every session: the person enrols anew at the next sign-in. */
  resetSecondFactor(connection: Connection, id: string, reason: string): Promise<void>
}

export interface Session {
  readonly id: string
  readonly personId: string
  readonly startedAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly address: string
  readonly userAgent: string | null
  readonly methods: readonly string[]
}

export interface Sessions {
  /** The live ones, newest first; of one person or of all. */
  list(connection: Connection, personId: string | null): Promise<readonly Session[]>
  /** Whether it was live. The very next request that presents it is refused, in every process. */
  end(connection: Connection, id: string, reason: string): Promise<boolean>
  /** Every session and pending sign-in of the person, but `except`; how many there were. */
  endAll(connection: Connection, personId: string, reason: string, except: string | null): Promise<number>
}

export interface ServiceToken {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  /** Action patterns that narrow the roles; null: no further limit. */
  readonly actions: readonly string[] | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

export interface Tokens {
  /** The token itself is answered once and stored only as a hash. */
  create(
    connection: Connection,
    input: {
      readonly name: string
      readonly roles: readonly string[]
      readonly actions: readonly string[] | null
      readonly expiresAt: number | null
    },
  ): Promise<{ readonly id: string; readonly token: string }>
  list(connection: Connection): Promise<readonly ServiceToken[]>
  /** By id or name; whether a live one was there. */
  revoke(connection: Connection, idOrName: string): Promise<boolean>
}
