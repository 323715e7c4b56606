/** Puts identity together. */

import { availableParallelism } from 'node:os'
import type { AuditLog } from '../audit/log.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import type { KeyRings } from '../keys/keys.ts'
import { createKeep } from '../policy/kept.ts'
import { describeLink, followLink } from './accept.ts'
import { createAccessTokens } from './access-token.ts'
import { createAgents } from './agent.ts'
import { createPasswords, DEFAULT_COST, type PasswordCost } from './authenticators/password.ts'
import { describePending } from './describe-pending.ts'
import { enrol } from './enrol.ts'
import { establish } from './establish.ts'
import { hostAccess } from './host-access.ts'
import type { HostPeople } from './host-people.ts'
import { changeHostPassword, hostSetUp, hostSignIn } from './host-sign-in.ts'
import type { Identity } from './identity.ts'
import { createKeyCare } from './key-care.ts'
import { claim, delivered, discard, failed } from './letter-queue.ts'
import { sessionById, sessionsByToken } from './live-session.ts'
import { createOidc } from './oidc/oidc.ts'
import type { OidcProvider } from './oidc/option.ts'
import { changePassword, isProvenRecently, provedAt, signOut, stepUp, stepUpChoices } from './own-account.ts'
import { createAuthenticators } from './own-authenticators.ts'
import type { IdentityLog, IdentityOptions, Parts, PasswordRanges } from './parts.ts'
import { signInOptions, signInWithPasskey } from './passkey-sign-in.ts'
import { createPeople } from './people.ts'
import { newPasswordProblems, typedPasswordStrength } from './people-input.ts'
import type { RandomBytes } from './random.ts'
import type { Redis } from './redis.ts'
import { redisTallies } from './redis-tallies.ts'
import { remind } from './reminder.ts'
import { grantsOf } from './role-grant.ts'
import { createSeals } from './seal.ts'
import { secondFactor } from './second-factor.ts'
import { createTokens } from './service-token.ts'
import { listSessions, revoke } from './session.ts'
import { sessionStatus } from './session-status.ts'
import { isSetUp, isSetUpTokenValid, issueSetUpToken, setUp } from './set-up.ts'
import { signIn } from './sign-in.ts'
import { storedTallies } from './stored-tallies.ts'
import { createThrottle, type Tallies } from './throttle.ts'
import { answerWish, forgotPassword, register } from './wish.ts'

export type { PasswordCost } from './authenticators/password.ts'

export interface CreateIdentityOptions {
  /** Where our own tables are. */
  readonly store: Database
  readonly keys: KeyRings
  readonly audit: AuditLog
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly options: IdentityOptions
  readonly log?: IdentityLog
  /** The application's people; absent: our own. */
  readonly host?: HostPeople
  readonly onHostError?: (error: unknown) => void
  /** Called once a letter may be waiting. */
  readonly onLetter?: () => void
  readonly passwordRanges?: PasswordRanges
  /** Who else may say who somebody is; absent: nobody. */
  readonly oidc?: readonly OidcProvider[]
  /** Where attempts are counted; absent: in the store. Whoever opened it closes it. */
  readonly redis?: Redis
  /** What a password hash costs; lowered by tests alone. */
  readonly passwordCost?: PasswordCost
}

const KEPT_MARKS = 5_000

const DEFAULTS = {
  accessTokenMinutes: 15,
  refreshTokenDays: 7,
  sessionTimeoutMinutes: 30,
  sessionLimitHours: 12,
  maxSessionsPerPerson: 5,
  privilegedRoles: [],
  deviceBoundRoles: [],
  hasMail: false,
  hasRegistration: false,
  passwordWords: [],
  whenTooManySessions: 'evict-oldest',
} as const

export function createIdentity(given: CreateIdentityOptions): Identity {
  const keptMarks = createKeep<string>(KEPT_MARKS)
  const parts = partsOf(given)
  const { store, seals, host } = parts
  return {
    establish: (presented, origin) => establish(parts, presented, origin),
    status: (presented) => sessionStatus(parts, presented),
    isSetUp: () => isSetUp(parts, store.now),
    issueSetUpToken: () => issueSetUpToken(parts),
    isSetUpTokenValid: (token) => isSetUpTokenValid(parts, store.now, token),
    setUp: (input, origin) => (host ? hostSetUp(parts, host, input, origin) : setUp(parts, input, origin)),
    signIn: (input, origin) => (host ? hostSignIn(parts, host, input, origin) : signIn(parts, input, origin)),
    passkeyOptions: (site, binding) => signInOptions(parts, site, binding),
    signInWithPasskey: (input, origin) => signInWithPasskey(parts, input, origin),
    secondFactor: (input, origin) => secondFactor(parts, input, origin),
    pending: (token, site = null) => describePending(parts, token, site),
    enrol: (input, origin) => enrol(parts, input, origin),
    signOut: (principal, origin) => signOut(parts, principal, origin),
    stepUp: (principal, input, origin) => stepUp(parts, principal, input, origin),
    stepUpChoices: (principal, asked) => stepUpChoices(parts, principal, asked),
    isProvenRecently: (principal) => isProvenRecently(parts, store.now, principal),
    provedAt: (connection, principal) => provedAt(parts, connection, principal),
    changePassword: (principal, input, origin) =>
      host
        ? changeHostPassword(parts, host, principal, input, origin)
        : changePassword(parts, principal, input, origin),
    byMail: parts.options.hasMail,
    canRecover: parts.options.hasMail && !host,
    canRegister: parts.options.hasRegistration && parts.options.hasMail && !host,
    forgotPassword: (input, origin) => forgotPassword(parts, input, origin),
    register: (input, origin) => register(parts, input, origin),
    link: (token) => describeLink(parts, token),
    followLink: (input, origin) => followLink(parts, input, origin),
    passwordProblems: (password, person) => newPasswordProblems(parts, password, person),
    passwordStrength: (password, person) => typedPasswordStrength(parts, password, person),
    remind: () => remind(parts),
    async ownRoles({ subject }) {
      const { id } = subject
      return (await grantsOf(store.now, 'person', [id], parts.clock())).get(id) ?? []
    },
    letters: {
      async next() {
        for (;;) {
          const claimed = await claim(parts)
          if (!claimed || claimed.kind === 'letter') return claimed
          if (claimed.kind === 'wish') await answerWish(parts, claimed)
          else await discard(parts, claimed.id)
        }
      },
      delivered: (letter) => delivered(parts, letter),
      failed: (letter, problem) => failed(parts, letter, problem),
      announce: () => parts.onLetter(),
    },
    // the same for every page of a session, as long as its key is the one that marks
    csrfToken: (binding) =>
      keptMarks(`${seals.keyId('seal')} ${binding}`, () => seals.mark('seal', 'csrf', [binding])),
    isCsrfToken: (binding, token) => seals.isMark('seal', 'csrf', [binding], token),
    seal: (purpose, text, binding) => seals.seal('seal', purpose, text, binding),
    open: (purpose, sealed, binding) => seals.open('seal', purpose, sealed, binding),
    host: host && hostAccess(parts, host),
    oidc: createOidc(parts, given.oidc ?? []),
    people: createPeople(parts),
    authenticators: createAuthenticators(parts),
    sessions: {
      limit: {
        most: parts.options.maxSessionsPerPerson,
        whenTooMany: parts.options.whenTooManySessions,
      },
      list: (connection, personId) => listSessions(parts, connection, personId),
      async end(connection, id) {
        const live = await sessionById(parts, connection, id)
        const ended = await revoke(connection, { session: id })
        return live !== null && ended > 0
      },
      endAll: (connection, personId, _reason, except) => revoke(connection, { person: personId, except }),
    },
    tokens: createTokens(parts),
    agents: createAgents(parts),
    keys: createKeyCare(parts),
    async close() {
      // nothing runs on its own: no timers, no connections of its own
    },
  }
}

function partsOf(given: CreateIdentityOptions): Parts {
  const { store, keys, audit, clock, randomBytes, passwordCost = DEFAULT_COST } = given
  const seals = createSeals(keys, randomBytes)
  const options = { ...DEFAULTS, ...given.options }
  if (options.sessionLimitHours > DEFAULTS.sessionLimitHours) {
    throw new RangeError('sessionLimitHours must be at most 12.')
  }
  if (!options.roles.includes(options.superadmin)) {
    throw new RangeError(`The superadmin role "${options.superadmin}" is not among the roles.`)
  }
  return {
    store,
    keys,
    audit,
    clock,
    randomBytes,
    log: given.log ?? null,
    options,
    seals,
    accessTokens: createAccessTokens(keys, options.issuer),
    passwords: createPasswords({ cost: passwordCost, cores: availableParallelism(), randomBytes }),
    throttle: createThrottle(talliesOf(given), seals, clock),
    sessionsByToken: sessionsByToken({ store, clock }),
    host: given.host ?? null,
    passwordRanges: given.passwordRanges ?? null,
    onLetter: given.onLetter ?? (() => {}),
    onHostError: given.onHostError ?? null,
  }
}

function talliesOf({ store, redis, log }: CreateIdentityOptions): Tallies {
  const stored = storedTallies(store)
  return redis ? redisTallies(redis, stored, log ?? null) : stored
}
