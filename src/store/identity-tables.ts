/**
 * The tables of people and of how they prove who they are.
 *
 * Some are shown as models of their own (`castellan.people`, `castellan.sessions`,
 * `castellan.tokens`), so their columns are plain and readable. What must not
 * leave the server stands in other tables or in columns named `secret` or
 * `…_hash`, which classify as secret. No usable token is stored anywhere.
 *
 * Instants are RFC 3339 text in UTC with exactly three digits after the second
 * (`2026-11-21T10:00:00.000Z`), so that they compare as text.
 */

import type { ColumnType } from 'kysely'

/** SQLite hands integers back as bigint, other engines as number. */
type Whole = ColumnType<number | bigint, number, number>
/** 0 or 1. */
type Flag = ColumnType<number | bigint, number, number>

export interface PersonTable {
  /** 128 random bits as 32 hex digits; never reused. */
  id: string
  email: string
  /** What look-ups and uniqueness go by: see `identity/email.ts`. */
  email_canonical: string
  name: string
  is_active: Flag
  /** JSON, an object of strings. */
  attributes: string
  time_zone: string
  locale: string
  created_at: string
  last_seen_at: string | null
}

export interface CredentialTable {
  id: string
  person_id: string
  kind: 'password' | 'totp' | 'recovery'
  /** `password`: a PHC string; `totp`: the sealed seed; `recovery`: a keyed hash of the code. */
  secret: string
  /** The last TOTP time step that was accepted. */
  last_step: ColumnType<number | bigint | null, number | null, number | null>
  created_at: string
  used_at: string | null
}

/** A key pair of a person's device, of which only the public half is known here. */
export interface PasskeyTable {
  id: string
  person_id: string
  /** SHA-256 of `credential_id`, which is too long for an index. */
  credential_hash: string
  /** Base64url, as the authenticator made it. */
  credential_id: string
  /** COSE key (RFC 9052), base64url. */
  public_key: string
  /** Keyed hash over what must not be changed behind our back: see `identity/passkey.ts`. */
  seal_hash: string
  name: string
  /** The authenticator's own count of its uses; 0 where it does not count. */
  counter: Whole
  /** It can't leave its device, and can't be synchronised. */
  is_device_bound: Flag
  is_backed_up: Flag
  /** JSON, an array of texts: how browsers may reach it. */
  transports: string
  created_at: string
  used_at: string | null
}

/** Challenges that were answered, until they would have expired anyway. */
export interface UsedChallengeTable {
  challenge_hash: string
  expires_at: string
}

export interface RoleGrantTable {
  principal_kind: 'person' | 'service'
  principal_id: string
  role: string
  granted_at: string
  expires_at: string | null
}

export interface SessionTable {
  /** 128 random bits, 32 hex digits; names the session in pages and events, and proves nothing. */
  id: string
  /** SHA-256 of what its access tokens point with; changes at every proof of identity. */
  token_hash: string
  person_id: string
  /** JSON, an array of `password`, `totp`, `recovery-code`, `passkey`. */
  methods: string
  assurance: Whole
  address: string
  user_agent: string | null
  created_at: string
  /** When its person last proved who they are. */
  proved_at: string
  last_seen_at: string
  /** The absolute end. */
  expires_at: string
  /** The public half of its refresh tokens: 128 random bits, hex. */
  refresh_family: string
  refresh_generation: Whole
  /** The key its refresh tokens are derived with. */
  refresh_key: string
  /** When the current generation was first presented. */
  refresh_seen_at: string | null
}

export interface PendingSignInTable {
  token_hash: string
  person_id: string
  stage: 'second-factor' | 'enrol'
  /** `enrol`: the sealed seed of an authenticator that no code has confirmed yet; null where only a passkey will do. */
  secret: string | null
  /** What was proven so far: `password`, or several with spaces between; null: a password. */
  proven: string | null
  created_at: string
  expires_at: string
}

export interface ServiceTokenTable {
  id: string
  name: string
  token_hash: string
  /** JSON, an array of action patterns; null: no further limit. */
  actions: string | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
  revoked_at: string | null
}

export interface SetUpTokenTable {
  token_hash: string
  created_at: string
  expires_at: string
}

export interface ThrottleTable {
  /** What is counted, as a keyed hash: an account, a network, everything. */
  counter: string
  failures: Whole
  blocked_until: string | null
  /** When the counter starts again. */
  expires_at: string
}

/** Networks a person has signed in from, so that guessing elsewhere does not lock them out. */
export interface KnownNetworkTable {
  person_id: string
  network: string
  last_used_at: string
}

/** Which record of the application's model a person is, where the application itself says who people are. */
export interface HostPersonTable {
  person_id: string
  model: string
  /** As in an address. */
  record_key: string
  /** What attempts to sign in are counted by. */
  username_canonical: string
  /** JSON, an array of texts: the roles that the application mapped at the last sign-in. */
  mapped_roles: string
}

/** One-time links: to accept an invitation, to set a password, to go on with a registration. */
export interface LinkTable {
  /** Of 256 random bits. */
  token_hash: string
  purpose: 'invitation' | 'password' | 'registration'
  /** Null: there is no person yet. */
  person_id: string | null
  /** Of a registration: the sealed name and e-mail. */
  secret: string | null
  created_at: string
  expires_at: string
}

/** What is to be sent by mail, until it is. */
export interface LetterTable {
  id: string
  /** Sealed: it may hold a link. */
  secret: string
  attempts: Whole
  /** When it is tried next; a process that is at it moves this on. */
  due_at: string
  created_at: string
  /** Not sent any more from then on. */
  expires_at: string
}

/** People who registered themselves and wait for somebody to let them in. */
export interface RegistrationTable {
  person_id: string
  registered_at: string
}

/** Which person somebody is whom an OpenID Connect provider knows. */
export interface OidcLinkTable {
  /** SHA-256 of issuer and subject: nothing else tells two people of a provider apart. */
  identity_hash: string
  person_id: string
  /** The id of the provider in the configuration, as it was when the link was made. */
  provider: string
  /** JSON, an array of texts: the roles that were mapped from claims at the last sign-in. */
  mapped_roles: string
  created_at: string
  last_used_at: string | null
}

/** Sign-ins with a provider that came back, so that each is answered once. */
export interface OidcAttemptTable {
  state_hash: string
  expires_at: string
  used_at: string | null
}

/** A program that acts for a person, with what that person may and a narrower list of actions. */
export interface AgentTable {
  id: string
  person_id: string
  name: string
  token_hash: string
  /** JSON, an array of patterns. */
  actions: string
  created_at: string
  expires_at: string
  last_used_at: string | null
  revoked_at: string | null
}

/** What somebody was told will end, until it has. */
export interface ReminderTable {
  about_hash: string
  expires_at: string
}

export interface ConfirmationTable {
  id_hash: string
  binding_hash: string
  expires_at: string
  used_at: string | null
}

export interface IdentityTables {
  castellan_person: PersonTable
  castellan_credential: CredentialTable
  castellan_passkey: PasskeyTable
  castellan_used_challenge: UsedChallengeTable
  castellan_role_grant: RoleGrantTable
  castellan_session: SessionTable
  castellan_pending_sign_in: PendingSignInTable
  castellan_service_token: ServiceTokenTable
  castellan_set_up_token: SetUpTokenTable
  castellan_throttle: ThrottleTable
  castellan_known_network: KnownNetworkTable
  castellan_host_person: HostPersonTable
  castellan_oidc_link: OidcLinkTable
  castellan_oidc_attempt: OidcAttemptTable
  castellan_confirmation: ConfirmationTable
  castellan_link: LinkTable
  castellan_letter: LetterTable
  castellan_registration: RegistrationTable
  castellan_agent: AgentTable
  castellan_reminder: ReminderTable
}
