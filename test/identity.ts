/** An identity over a real database, with a clock that only moves when told to and password hashes that cost nothing. */

import { randomBytes } from 'node:crypto'
import { createAuditLog } from '../src/audit/create-log.ts'
import type { AuditEvent } from '../src/audit/event.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/url.ts'
import { codeAt } from '../src/identity/authenticators/totp.ts'
import { createIdentity } from '../src/identity/create-identity.ts'
import type { Established, Identity, Presented, SessionTokens } from '../src/identity/identity.ts'
import type { IdentityOptions, PasswordRanges } from '../src/identity/parts.ts'
import type { Principal } from '../src/identity/principal.ts'
import type { Redis } from '../src/identity/redis.ts'
import type { RequestOrigin } from '../src/identity/request.ts'
import { type OpenedKeys, openKeys } from '../src/keys/key-ring.ts'
import { createStore } from '../src/store/store.ts'
import { inStore } from '../src/store/tables.ts'
import { openTestDatabase, type StoreEngine } from './engine.ts'
import type { TestDatabase } from './servers.ts'

export const NOW: number = Date.UTC(2026, 10, 21, 10)
export const PASSWORD = 'tulip anvil marsh 42'
export const SECOND = 1000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE
const SECRET = 'a secret for tests, of more than 32 bytes'

export const ANA: Pick<NewPerson, 'name' | 'email' | 'password'> = {
  name: 'Ana Ferreira',
  email: 'ana@example.com',
  password: PASSWORD,
}

export interface IdentityWorld extends AsyncDisposable {
  readonly home: TestDatabase
  readonly database: Database
  readonly keys: OpenedKeys
  readonly identity: Identity
  /** Milliseconds since the epoch; shared by every world over the same clock. */
  readonly time: { now: number }
  /** Every audit event, oldest first. */
  events(): Promise<readonly AuditEvent[]>
  /** Every value in every table of ours, as one text. */
  dump(): Promise<string>
  /** Adds a person with an authenticator. */
  person(input?: Partial<NewPerson>): Promise<SomePerson>
  /** Both factors, with the code of now, which must not have been used. */
  signIn(person: SomePerson, origin?: RequestOrigin): Promise<SessionTokens>
  /** Another process over the same store. */
  second(more?: { readonly redis?: Redis }): Promise<IdentityWorld>
  /** What has been logged, in its words. */
  readonly warnings: readonly string[]
}

interface NewPerson {
  readonly name: string
  readonly email: string
  readonly password: string
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
}

export interface SomePerson {
  readonly id: string
  readonly email: string
  readonly password: string
  /** Base32. */
  readonly seed: string
}

export async function openIdentity(
  options: Partial<IdentityOptions> & {
    readonly engine?: StoreEngine
    /** That of another world, which drops it. */
    readonly home?: TestDatabase
    readonly time?: { now: number }
    readonly passes?: number
    readonly passwordRanges?: PasswordRanges
    readonly redis?: Redis
  } = {},
): Promise<IdentityWorld> {
  const { engine, home: given, time = { now: NOW }, passes = 1, passwordRanges, redis, ...rest } = options
  const warnings: string[] = []
  const home = given ?? (await openTestDatabase(engine))
  const database = await openDatabase(home.url, { place: 'test' })
  const store = createStore(database)
  await store.migrate()
  const clock = () => time.now
  const keys = await openKeys({ store, secrets: [SECRET], clock, randomBytes })
  const audit = createAuditLog({ store, keys, clock, randomBytes, node: 'test', version: '0', everyMs: null })
  const identity = createIdentity({
    store: database,
    keys,
    audit,
    clock,
    randomBytes,
    passwordCost: { memoryKib: 8, passes },
    ...(passwordRanges && { passwordRanges }),
    ...(redis && { redis }),
    log: { warn: (_details, message) => warnings.push(message) },
    options: {
      issuer: `castellan/${await store.installation()}`,
      title: 'Night Shop',
      roles: ['superadmin', 'admin', 'support'],
      superadmin: 'superadmin',
      ...rest,
    },
  })
  const world: IdentityWorld = {
    home,
    database,
    keys,
    identity,
    time,
    async events() {
      const rows = await inStore(database.now)
        .selectFrom('castellan_audit_event')
        .select('event')
        .orderBy('entry')
        .execute()
      return rows.map(({ event }) => JSON.parse(String(event)) as AuditEvent)
    },
    async dump() {
      const tables = [
        'castellan_person',
        'castellan_credential',
        'castellan_passkey',
        'castellan_used_challenge',
        'castellan_session',
        'castellan_pending_sign_in',
        'castellan_service_token',
        'castellan_set_up_token',
        'castellan_throttle',
        'castellan_confirmation',
        'castellan_audit_event',
      ] as const
      const rows = await Promise.all(
        tables.map((table) => inStore(database.now).selectFrom(table).selectAll().execute()),
      )
      return JSON.stringify(rows, (_name, value) => (typeof value === 'bigint' ? String(value) : value))
    },
    async person(input = {}) {
      const whole = { ...ANA, roles: ['superadmin'], attributes: {}, ...input }
      const { id, totpUri } = await database.write((connection) =>
        identity.people.create(connection, { ...whole, withTotp: true }),
      )
      const seed = new URL(totpUri ?? '').searchParams.get('secret') ?? ''
      return { id, email: whole.email, password: whole.password, seed }
    },
    async signIn(person, origin = from()) {
      const { email, password } = person
      const first = await identity.signIn({ email, password }, origin)
      if (first.kind !== 'second-factor') throw new Error(`expected a second factor, not ${first.kind}`)
      const code = codeAt(person.seed, time.now)
      const last = await identity.secondFactor({ pending: first.pending, code }, origin)
      if (last.kind !== 'signed-in') throw new Error(`expected to be signed in, not ${last.kind}`)
      // the next code, or the next sign-in would find this one used
      time.now += 30 * SECOND
      return last.tokens
    },
    second: (more = {}) => openIdentity({ ...rest, ...more, home, time, passes }),
    warnings,
    async [Symbol.asyncDispose]() {
      await identity.close()
      await database.close()
      if (!given) await home.drop()
    },
  }
  return world
}

/** A request from that address. */
export function from(address = '192.0.2.10'): RequestOrigin {
  return {
    id: 'request-1',
    traceparent: null,
    address,
    addressChain: [],
    userAgent: 'test',
    method: 'POST',
    route: '/sign-in',
  }
}

/** What a same-site request with these cookies presents. */
export function cookies(
  tokens: Partial<Pick<SessionTokens, 'access' | 'refresh'>>,
  isSameSite = true,
): Presented {
  return { access: tokens.access, refresh: tokens.refresh, bearer: undefined, isSameSite }
}

/** The principal of these tokens, or an error. */
export async function principalOf(world: IdentityWorld, tokens: SessionTokens): Promise<Principal> {
  return known(await world.identity.establish(cookies(tokens), from())).principal
}

export function known(established: Established): Extract<Established, { kind: 'known' }> {
  if (established.kind !== 'known') throw new Error(`expected somebody, not ${established.reason}`)
  return established
}

/** How many of them came true, and what became of the rest. */
export async function tally(
  promises: readonly Promise<unknown>[],
): Promise<{ readonly succeeded: number; readonly refused: readonly unknown[] }> {
  const settled = await Promise.allSettled(promises)
  const refused = settled.filter((one) => one.status === 'rejected').map((one): unknown => one.reason)
  return { succeeded: settled.length - refused.length, refused }
}
