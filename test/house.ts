/** A whole admin over a database of its own, on any engine, with a clock that tests turn. */

import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync } from 'node:fs'
import { sql as raw } from 'kysely'
import { type Admin, createAdmin } from '../src/admin.ts'
import type { AdminOptions } from '../src/config.ts'
import { openDatabase } from '../src/database/url.ts'
import type { Outcome } from '../src/gate/outcome.ts'
import { type Principal, systemPrincipal } from '../src/identity/principal.ts'
import { BASE, type Client, createClient, totpCode } from './client.ts'
import { ENGINE, openTestDatabase, type StoreEngine } from './engine.ts'
import { portable } from './portable.ts'
import type { TestDatabase } from './servers.ts'

export interface House {
  readonly admin: Admin
  /** The application's database, with our own tables in it unless the options name another store. */
  readonly url: string
  readonly engine: StoreEngine
  readonly clock: { now: number }
  /** A client that is not signed in. */
  visitor(): Client
  /** Makes a person and signs them in through the pages, with password and TOTP. */
  signIn(person: NewPerson): Promise<SignedIn>
  /** A service token with these roles. */
  token(roles: readonly string[], actions?: readonly string[]): Promise<string>
  /** Another admin over the same databases, as a second process would be. */
  second(): Promise<Admin>
  /**
   * Runs SQL against the application's database, as someone with its own client would. Our own tables
   * are called `castellan_…` on every engine; whole numbers are numbers, truths 0 and 1.
   */
  sql(text: string): Promise<unknown[]>
  /** Every table of ours, as `sql` calls them. */
  ownTables(): Promise<readonly string[]>
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
  /** `TEST_ENGINE` by default. */
  readonly engine?: StoreEngine
  /** SQL that makes the application's tables, or a SQLite file to copy. */
  readonly sql?: string
  readonly copyOf?: string
  /** A database that is there already, in place of an empty one; dropped with the house. */
  readonly home?: TestDatabase
  /** Puts the admin together in place of `createAdmin`: how an attack's control takes one protection away. */
  readonly assemble?: typeof createAdmin
}

export const PASSWORD = 'a quiet harbour at dawn'
const START = Date.UTC(2026, 10, 20, 10, 0, 0)

export async function openHouse({
  engine: wanted = ENGINE,
  sql,
  copyOf,
  home: given,
  assemble = createAdmin,
  ...options
}: HouseOptions): Promise<House> {
  const engine = copyOf ? 'sqlite' : wanted
  const home = given ?? (await openTestDatabase(engine))
  if (copyOf) {
    const file = home.url.replace(/^sqlite:/, '')
    cpSync(copyOf, file)
    chmodSync(file, 0o644)
  }
  if (sql) await home.run(portable(sql, engine))
  const clock = { now: START }
  const secretKeys = [randomBytes(32).toString('base64url')]
  const open = async (): Promise<Admin> => {
    const admin = assemble(
      { database: home.url, secretKeys, debug: true, log: 'silent', ...options },
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
    url: home.url,
    engine,
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
    sql: (text) => run(home, engine, text),
    async ownTables() {
      const rows = (await run(home, engine, OWN_TABLES[engine])) as { name: string }[]
      return rows.map(({ name }) => `castellan_${name}`)
    },
    async close() {
      for (const one of admins) await one.close()
      await home.drop()
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

const OWN_TABLES: Readonly<Record<StoreEngine, string>> = {
  sqlite:
    "select substr(name, 11) as name from sqlite_master where type = 'table' and name like 'castellan%'",
  postgres:
    "select relname as name from pg_class where relnamespace = 'castellan'::regnamespace and relkind = 'r'",
  mariadb:
    "select substr(table_name, 11) as name from information_schema.tables where table_schema = database() and table_name like 'castellan%'",
}

async function run(home: TestDatabase, engine: StoreEngine, text: string): Promise<unknown[]> {
  const own = engine === 'postgres' ? text.replaceAll(/\bcastellan_(\w+)/g, 'castellan.$1') : text
  if (!/^\s*(select|pragma|with)\b/i.test(own)) {
    await home.run(own)
    return []
  }
  if (engine === 'sqlite') return [...(await home.rows(own))]
  // read as the admin reads, so that values look the same on every engine
  const database = await openDatabase(home.url, { place: 'test' })
  try {
    const { rows } = await raw.raw<Record<string, unknown>>(own).execute(database.now)
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
      ),
    )
  } finally {
    await database.close()
  }
}
