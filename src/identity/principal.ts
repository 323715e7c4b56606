/** Who asks, once identity has established it. Made only in this folder and, for the system, by `systemPrincipal`. */

import type { Subject } from '../policy/policy.ts'

export interface Principal {
  readonly subject: Subject
  /** How people call it: "Ana", "ci", "system (root)". */
  readonly name: string
  readonly email: string | null
  readonly authentication: Authentication
  /** Hex SHA-256 of the session id, as events name it; null for services and the system. */
  readonly sessionHash: string | null
  /** The session row, for step-up and sign-out; null for services and the system. */
  readonly sessionId: string | null
  /** IANA zone and BCP 47 locale for what is shown to this principal. */
  readonly timeZone: string
  readonly locale: string
}

export interface Authentication {
  /** `password`, `totp`, `recovery-code`, `passkey`, `oidc:corp`, `token`, `system`. */
  readonly methods: readonly string[]
  /** 1: one factor, 2: two factors, 3: a phishing-resistant one. */
  readonly assurance: number
  /** UTC, milliseconds since the epoch. */
  readonly at: number
}

/**
 * The system, acting for an operating-system user: the CLI, jobs and start-up.
 * It holds only what rules with `kinds: ['system']` name one by one.
 */
export function systemPrincipal(userName: string, at: number): Principal {
  return {
    subject: { kind: 'system', id: userName, roles: [], attributes: {}, limitedTo: null },
    name: `system (${userName})`,
    email: null,
    authentication: { methods: ['system'], assurance: 1, at },
    sessionHash: null,
    sessionId: null,
    timeZone: 'UTC',
    locale: 'en',
  }
}
