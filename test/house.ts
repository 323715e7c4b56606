/** A whole admin over a database of its own in a temporary folder, with a clock that tests turn. */

import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Admin, createAdmin } from '../src/admin.ts'
import type { AdminOptions } from '../src/config.ts'
import type { Outcome } from '../src/gate/outcome.ts'
import { type Principal, systemPrincipal } from '../src/identity/principal.ts'
import { BASE, type Client, createClient, totpCode } from './client.ts'

export interface House {
  readonly admin: Admin
  /** The application's database, with our own tables in it. */
  readonly file: string
  readonly clock: { now: number }
  /** A client that is not signed in. */
  visitor(): Client
  /** Makes a person and signs them in through the pages, with password and TOTP. */
  signIn(person: NewPerson): Promise<SignedIn>
  /** A service token with these roles. */
  token(roles: readonly string[], actions?: readonly string[]): Promise<string>
  /** Another admin over the same file, as a second process would be. */
  second(): Promise<Admin>
  /** Runs SQL against the file, as someone with the database's own client would. */
  sql(text: string): unknown[]
  close(): Promise<void>
}

export interface NewPerson {
  readonly name?: string
  readonly email?: string
  readonly role: string
  readonly attributes?: Readonly<Record<string, string>>
}

export interface SignedIn {
  readonly id: string
  readonly email: string
  readonly client: Client
  /** A fresh TOTP code; turns the clock on by half a minute first, since each works once. */
  code(): string
}

export interface HouseOptions extends AdminOptions {
  /** SQL that makes the application's tables, or a file to copy. */
  readonly sql?: string
  readonly copyOf?: string
  /** Puts the admin together in place of `createAdmin`: how an attack's control takes one protection away. */
  readonly assemble?: typeof createAdmin
}

export const PASSWORD = 'a quiet harbour at dawn'
const START = Date.UTC(2026, 10, 20, 10, 0, 0)

export async function openHouse({
  sql,
  copyOf,
  assemble = createAdmin,
  ...options
}: HouseOptions): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-test-'))
  const file = join(folder, 'app.db')
  if (copyOf) {
    cpSync(copyOf, file)
    chmodSync(file, 0o644)
  }
  if (sql) run(file, sql)
  const clock = { now: START }
  const secretKeys = [randomBytes(32).toString('base64url')]
  const open = async (): Promise<Admin> => {
    const admin = assemble(
      { database: `sqlite:${file}`, secretKeys, debug: true, log: 'silent', ...options },
      { clock: () => clock.now, passwordCost: { memoryKib: 8, passes: 1 } },
    )
    await admin.initialize()
    return admin
  }
  const admins = [await open()]
  const [admin] = admins
  if (!admin) throw new Error('No admin.')
  let people = 0

  const house: House = {
    admin,
    file,
    clock,
    visitor: () => createClient((request) => admin.fetch(request, { address: '127.0.0.1' })),
    async signIn(person) {
      people += 1
      const email = person.email ?? `person${people}@example.com`
      const made = await asSystem(admin, clock.now, 'castellan.people.create', {
        name: person.name ?? `Person ${people}`,
        email,
        roles: [person.role],
        attributes: person.attributes ?? {},
        password: PASSWORD,
        withTotp: true,
      })
      const { id, totpUri } = made as { id: string; totpUri: string }
      const code = (): string => {
        clock.now += 30_000
        return totpCode(totpUri, clock.now)
      }
      const client = house.visitor()
      await signInWith(client, email, code())
      return { id, email, client, code }
    },
    async token(roles, actions) {
      const made = await asSystem(admin, clock.now, 'castellan.tokens.create', {
        name: `token-${randomBytes(4).toString('hex')}`,
        roles,
        actions: actions ?? null,
        expiresAt: null,
      })
      return (made as { token: string }).token
    },
    async second() {
      const other = await open()
      admins.push(other)
      return other
    },
    sql: (text) => run(file, text),
    async close() {
      for (const one of admins) await one.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return house
}

/** Signs in by password and code; fails unless the dashboard is reached. */
export async function signInWith(client: Client, email: string, code: string): Promise<void> {
  const first = await client.post(`${BASE}/sign-in`, { email, password: PASSWORD })
  if (!first.location?.startsWith(`${BASE}/sign-in/second-factor`))
    throw new Error(`Not asked for a code: ${first.text}`)
  const second = await client.post(first.location, { code })
  if (second.status !== 303) throw new Error(`Not signed in: ${second.status} ${second.text}`)
}

/** Performs an action as the command line does. */
export async function asSystem(admin: Admin, now: number, action: string, input: unknown): Promise<unknown> {
  const outcome = await performAs(admin, systemPrincipal('test', now), action, input)
  if (outcome.kind !== 'done') throw new Error(`${action}: ${outcome.kind}`)
  return outcome.result
}

export function performAs(
  admin: Admin,
  principal: Principal,
  action: string,
  input: unknown,
  more: { readonly key?: string; readonly reason?: string; readonly confirmation?: string } = {},
): Promise<Outcome> {
  return admin.perform({
    principal,
    action,
    input,
    reason: 'test',
    ...more,
    origin: {
      id: 'test',
      traceparent: null,
      address: '127.0.0.1',
      addressChain: [],
      userAgent: null,
      method: 'CLI',
      route: action,
    },
  })
}

function run(file: string, text: string): unknown[] {
  const database = new DatabaseSync(file, { timeout: 5000 })
  try {
    if (/^\s*(select|pragma|with)\b/i.test(text)) return database.prepare(text).all()
    database.exec(text)
    return []
  } finally {
    database.close()
  }
}
