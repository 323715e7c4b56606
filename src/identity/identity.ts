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
import type { Purpose, Turned } from '../keys/keys.ts'
import type { PasskeyOptions, RelyingParty } from './authenticators/passkey.ts'
import type { ClaimedLetter } from './letter-queue.ts'
import type { Oidc } from './oidc/oidc.ts'
import type { WhenTooMany } from './parts.ts'
import type { PasswordStrength } from './password-rule.ts'
import type { Principal } from './principal.ts'
import type { RequestOrigin } from './request.ts'
import type { SessionStatus } from './session-status.ts'

export interface Identity {
  /** Who asks. Renews the session inside the same request when its access token has expired; called once a request. */
  establish(presented: Presented, origin: RequestOrigin): Promise<Established>

  /** Until when a session goes on if it is not used any more; null when it has ended. Asking is no use of it. */
  status(presented: Pick<Presented, 'access' | 'refresh'>): Promise<SessionStatus | null>

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
  /** What a browser is asked for to sign in with a passkey alone; the same for everybody, and bound to this visitor. */
  passkeyOptions(site: RelyingParty, binding: string): Promise<PasskeyOptions>
  /** A passkey alone: its person was verified by their device. @throws as `signIn`. */
  signInWithPasskey(
    input: PasskeyAnswer & { readonly binding: string },
    origin: RequestOrigin,
  ): Promise<SignInStep>
  /** `code`: a TOTP code or a recovery code. */
  secondFactor(input: { readonly pending: string } & SecondProof, origin: RequestOrigin): Promise<SignInStep>
  /** Which step a pending sign-in is at, or null when it is gone (ten minutes). `site` absent or null: no passkeys here. */
  pending(token: string, site?: RelyingParty | null): Promise<PendingSignIn | null>
  /** Confirms a new authenticator, by its first code or as a passkey; answers `signed-in`, at the first one with recovery codes. */
  enrol(
    input: { readonly pending: string } & (
      | { readonly code: string }
      | { readonly passkey: PasskeyAnswer; readonly name: string }
    ),
    origin: RequestOrigin,
  ): Promise<SignInStep>

  signOut(principal: Principal, origin: RequestOrigin): Promise<void>
  /** Proves again who a signed-in person is. The session gets a new id, so new tokens come back. @throws as `signIn`. */
  stepUp(
    principal: Principal,
    input: { readonly code: string } | { readonly passkey: PasskeyAnswer; readonly binding: string },
    origin: RequestOrigin,
  ): Promise<SessionTokens>
  /** With what they can do so. `binding`: what the proof is for, as a passkey's answer must say it. */
  stepUpChoices(
    principal: Principal,
    asked: { readonly site: RelyingParty | null; readonly binding: string },
  ): Promise<ProofChoices>
  /** Whether that was in the last ten minutes, as changing one's own authenticators asks. */
  isProvenRecently(principal: Principal): Promise<boolean>
  /** When the session last proved who it is, from the stored session; null for a principal without one. */
  provedAt(connection: Connection, principal: Principal): Promise<number | null>
  /** Ends the person's other sessions. @throws `unauthenticated` for a wrong current password; `invalid-input`. */
  changePassword(
    principal: Principal,
    input: { readonly current: string; readonly next: string },
    origin: RequestOrigin,
  ): Promise<void>

  /** Whether letters reach anybody. */
  readonly byMail: boolean
  /** Whether who forgot their password may have a link sent. */
  readonly canRecover: boolean
  /** Whether visitors may ask for an account. */
  readonly canRegister: boolean
  /**
   * Has a link sent to set a new password, if there is such a person; the answer and the work never tell.
   * @throws `invalid-input` at `email`; `limit-exceeded`.
   */
  forgotPassword(input: { readonly email: string }, origin: RequestOrigin): Promise<void>
  /** Has a link sent to go on with; the answer never tells whether the address has an account. @throws as `forgotPassword`. */
  register(input: { readonly name: string; readonly email: string }, origin: RequestOrigin): Promise<void>
  /** What a one-time link leads to; null for one that is used, old or made up. */
  link(token: string): Promise<LinkView | null>
  /** Sets the password and ends every session; a second factor is still asked for. @throws `not-found`; `invalid-input` at `password`; `limit-exceeded`. */
  followLink(
    input: { readonly token: string; readonly password: string },
    origin: RequestOrigin,
  ): Promise<LinkUsed>
  /** What is wrong with a password that somebody is to set; looked up among leaked ones where that is configured. */
  passwordProblems(
    password: string,
    person: { readonly name: string; readonly email: string },
  ): Promise<readonly string[]>
  /** One sentence on a password that is being typed; nobody else is asked about it. */
  passwordStrength(
    password: string,
    person: { readonly name: string; readonly email: string },
  ): PasswordStrength
  /** Writes to people of whom something ends soon, once for each end; how many letters that made. */
  remind(): Promise<number>
  /** The roles that a person holds now, and until when. */
  ownRoles(principal: Principal): Promise<readonly RoleGrant[]>
  /** What waits to be sent. */
  readonly letters: Letters

  /** The token that forms carry, bound to a session or to a cookie from before there is one. */
  csrfToken(binding: string): string
  isCsrfToken(binding: string, token: string): boolean
  /** Puts a text in an opaque, authenticated form for `purpose`, readable only with the same `binding`. */
  seal(purpose: SealPurpose, text: string, binding: string): string
  /** The text, or null when the seal is broken, of another purpose or of another binding. */
  open(purpose: SealPurpose, sealed: string, binding: string): string | null

  /** Where the application itself says who people are; null: people are our own. */
  readonly host: HostAccess | null
  /** Signing in with OpenID Connect providers. */
  readonly oidc: Oidc
  readonly people: People
  readonly authenticators: OwnAuthenticators
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly agents: Agents
  readonly keys: KeyCare
  close(): Promise<void>
}

/** What a sealed text is for: what is sealed for one thing is worthless for another. */
export type SealPurpose = 'cursor' | 'confirmation' | 'scope' | 'said'

/** What a passkey answered, as a browser sent it. */
export interface PasskeyAnswer {
  /** JSON of the credential. */
  readonly answer: string
  readonly site: RelyingParty
}

export type SecondProof = { readonly code: string } | { readonly passkey: PasskeyAnswer }

/** Which proofs a person has at hand beside recovery codes. */
export interface ProofChoices {
  readonly hasApp: boolean
  /** What a browser is asked for; null where the person has no passkey, or this address none at all. */
  readonly passkey: PasskeyOptions | null
}

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

/** The steps between the first proof and the session. */
export type PendingStage = Exclude<SignInStep['kind'], 'signed-in'>

export type PendingSignIn =
  | ({ readonly stage: 'second-factor'; readonly email: string } & ProofChoices)
  | {
      readonly stage: 'enrol'
      readonly email: string
      /** Base32, for typing by hand. */
      readonly secret: string
      /** `otpauth://totp/…`, for the QR code. */
      readonly uri: string
      /** What a browser is asked to make in place of it; null where this address has no passkeys. */
      readonly passkey: PasskeyOptions | null
    }
  /** A role of the person's takes nothing but a passkey that can't leave its device. */
  | { readonly stage: 'enrol-passkey'; readonly email: string; readonly passkey: PasskeyOptions | null }

/** What a one-time link is for, and whose it is. */
export interface LinkView {
  readonly purpose: 'invitation' | 'password' | 'registration'
  readonly name: string
  readonly email: string
}

export type LinkUsed =
  | { readonly kind: 'signing-in'; readonly step: SignInStep }
  /** An account that an administrator has to let in. */
  | { readonly kind: 'waiting' }

/** The queue of letters. Nothing here sends: whoever claims one does, outside of any transaction. */
export interface Letters {
  /** The one that has been due the longest, for this caller alone for two minutes; null: none is due. */
  next(): Promise<ClaimedLetter | null>
  delivered(letter: ClaimedLetter): Promise<void>
  /** @param problem.code What the log may know of it: `EAUTH`, `550`. */
  failed(
    letter: ClaimedLetter,
    problem: { readonly code: string; readonly isFinal: boolean },
  ): Promise<'again' | 'given-up'>
  /** Says that one may be waiting, once the transaction that put it there is over. */
  announce(): void
}

export interface SetUpInput {
  readonly token: string
  readonly name: string
  readonly email: string
  readonly password: string
}

export interface Person extends PersonStanding {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly isActive: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly lastSeenAt: number | null
}

/** What a person holds, beside their record. */
export interface PersonStanding {
  readonly roles: readonly RoleGrant[]
  readonly hasSecondFactor: boolean
  /** False: they were invited and have not answered yet; or the application keeps it. */
  readonly hasPassword: boolean
  /** When they registered themselves, while they wait to be let in; else null. */
  readonly waitingSince: number | null
}

export interface RoleGrant {
  readonly role: string
  readonly expiresAt: number | null
}

/** What is absent stays. */
export interface PersonChange {
  readonly name?: string
  readonly email?: string
  readonly attributes?: Readonly<Record<string, string>>
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

/** How a one-time link reaches its person. */
export interface LinkWay {
  readonly by: 'mail' | 'link'
  /** Who gives it, as the letter says. */
  readonly giver: string
}

export interface Invited {
  readonly id: string
  /** Answered once and stored only as a hash; null when it was sent to the person alone. */
  readonly token: string | null
  readonly purpose: 'invitation' | 'password'
  readonly expiresAt: number
}

/** The directory. Every function runs in the caller's transaction; all ids are random and never reused. */
export interface People {
  /** @throws `invalid-input` at `email`, `password`, `name` or `roles`; `conflict` never. */
  create(
    connection: Connection,
    input: PersonInput,
  ): Promise<{ readonly id: string; readonly totpUri: string | null }>
  /**
   * Another e-mail ends the links that were sent to the one before, and both addresses get a letter.
   * @param how "by Ana", as that letter says.
   * @throws `invalid-input` at `name`, `email` or `attributes`.
   */
  update(connection: Connection, id: string, input: PersonChange, how: string): Promise<void>
  find(connection: Connection, id: string): Promise<Person | null>
  findByEmail(connection: Connection, email: string): Promise<Person | null>
  /** What those people hold, by id. */
  standings(connection: Connection, ids: readonly string[]): Promise<ReadonlyMap<string, PersonStanding>>
  /** Deactivating ends every session and is refused for the last working superadmin (`invalid-input`). */
  setActive(connection: Connection, id: string, isActive: boolean, reason: string): Promise<void>
  /** Sessions go on; the next request sees the new roles. @throws as `setActive`. */
  grantRole(connection: Connection, id: string, grant: RoleGrant): Promise<void>
  revokeRole(connection: Connection, id: string, role: string): Promise<void>
  /** Removes every second factor, passkeys included, and ends every session: the person enrols anew at the next sign-in. */
  resetSecondFactor(connection: Connection, id: string, reason: string): Promise<void>
  /** Adds a person who sets their own password by a one-time link. @throws as `create`. */
  invite(
    connection: Connection,
    input: Omit<PersonInput, 'password' | 'withTotp'>,
    way: LinkWay,
  ): Promise<Invited>
  /**
   * Removes the password, ends every session, and makes a link to set a new one; the second factor stays.
   * @throws `invalid-input` for the last working superadmin, and where mail is asked for and is off.
   */
  renewPassword(connection: Connection, id: string, way: LinkWay): Promise<Omit<Invited, 'id'>>
  /** Removes somebody who registered and was not let in. @throws `not-found` for anybody else. */
  reject(connection: Connection, id: string): Promise<void>
  /**
   * Removes a person with all that proves who they are; how many sessions ended.
   * @throws `not-found`; `invalid-input` for the last working superadmin.
   */
  remove(connection: Connection, id: string): Promise<number>
}

/** One's own authenticators. Every change ends with an audit event; who may make one has just proved who they are. */
export interface OwnAuthenticators {
  list(principal: Principal): Promise<AuthenticatorList>
  /** Whether the person's roles ask for more of them than there are; asks the store only of holders of privileged roles. */
  isWanting(principal: Principal): Promise<boolean>
  /** What a browser is asked to make. */
  passkeyOptions(principal: Principal, site: RelyingParty): Promise<PasskeyOptions>
  /** @throws `invalid-input` when it can't be taken; `unauthenticated` once the session has ended. */
  addPasskey(
    principal: Principal,
    input: PasskeyAnswer & { readonly name: string },
    origin: RequestOrigin,
  ): Promise<void>
  /** @throws `not-found`; `invalid-input` at `name`. */
  renamePasskey(
    principal: Principal,
    input: { readonly id: string; readonly name: string },
    origin: RequestOrigin,
  ): Promise<void>
  /** `id`: a passkey's, or `app`. Ends the person's other sessions. @throws `not-found`; `invalid-input` for the last one. */
  remove(principal: Principal, id: string, origin: RequestOrigin): Promise<void>
  /** A secret for an authenticator app that `setApp` then confirms; nothing is stored yet. */
  newApp(principal: Principal): { readonly secret: string; readonly uri: string; readonly sealed: string }
  /** In place of an app there may be, whose codes end; so do the person's other sessions. @throws as `addPasskey`. */
  setApp(
    principal: Principal,
    input: { readonly sealed: string; readonly code: string },
    origin: RequestOrigin,
  ): Promise<void>
  /** Ten new ones; those before stop working. */
  renewRecoveryCodes(principal: Principal, origin: RequestOrigin): Promise<readonly string[]>
}

export interface AuthenticatorList {
  readonly app: { readonly addedAt: number; readonly usedAt: number | null } | null
  readonly passkeys: readonly Passkey[]
  /** How many are left. */
  readonly recoveryCodes: number
  /** How many authenticators the person's roles ask for: 2 where one of them is privileged. */
  readonly wanted: number
  /** Only passkeys that can't leave their device count. */
  readonly needsDeviceBound: boolean
}

export interface Passkey {
  readonly id: string
  readonly name: string
  readonly isDeviceBound: boolean
  readonly isBackedUp: boolean
  readonly addedAt: number
  readonly usedAt: number | null
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
  /** How many a person may have at once, and what one more does. */
  readonly limit: { readonly most: number; readonly whenTooMany: WhenTooMany }
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
  /** One that was not revoked, by id or name. */
  findLive(connection: Connection, idOrName: string): Promise<ServiceToken | null>
  /** What those tokens hold, by id. */
  roles(connection: Connection, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
  /** By id or name; whether a live one was there. */
  revoke(connection: Connection, idOrName: string): Promise<boolean>
}

/** Programs that act for people. Each holds what its person holds at the time, within its own list of actions. */
export interface Agents {
  /**
   * The token itself is answered once and stored only as a hash; its person gets a letter.
   * @throws `invalid-input` at `name`, `actions` or `expiresAt`, which is at most 90 days away.
   */
  create(
    connection: Connection,
    personId: string,
    input: {
      readonly name: string
      readonly actions: readonly string[]
      readonly expiresAt: number
    },
  ): Promise<{ readonly id: string; readonly token: string }>
  /** Whether a live one was there. */
  revoke(connection: Connection, id: string): Promise<boolean>
}

export type KeyPurpose = Purpose
export type TurnedRing = Turned

export interface KeyCare {
  readonly purposes: readonly KeyPurpose[]
  /** The rings that were not turned for so many days, but those that are turned by hand alone. */
  due(connection: Connection, days: number): Promise<readonly KeyPurpose[]>
  /** Moves each ring on by one key; what the earlier key made stays good for its time. @throws `conflict`. */
  rotate(connection: Connection, purposes: readonly KeyPurpose[]): Promise<readonly TurnedRing[]>
  /** Replaces a ring of which a key is not secret any more, and what was made with it. @throws `conflict`. */
  revoke(
    connection: Connection,
    purpose: KeyPurpose,
  ): Promise<TurnedRing & { readonly endedSessions: number; readonly sealedAnew: number }>
}
