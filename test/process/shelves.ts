/** A house over a few shelves, for tests in which its database gets into trouble. */

import type { Answer, Client } from '../client.ts'
import { BASE } from '../client.ts'
import { asSystem, type House, type HouseOptions, openHouse } from '../house.ts'
import type { TestDatabase } from '../servers.ts'

/** Every engine takes it as it stands. */
export const SHELVES = `
  CREATE TABLE shelves (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, weight INT, color VARCHAR(20));
  INSERT INTO shelves VALUES (1, 'Oak', 10, 'brown'), (2, 'Ash', 20, 'white');
  CREATE TABLE rooms (id INT NOT NULL PRIMARY KEY, name VARCHAR(100));
  INSERT INTO rooms VALUES (1, 'Cellar')`

export const LIST: string = `${BASE}/m/shelves`
export const RECORD: string = `${LIST}/1`
export const EDIT: string = `${RECORD}/edit`
export const ROOMS: string = `${BASE}/m/rooms`

/** A person in front of the form of the first shelf, and a program with a token. */
export interface Shelves {
  readonly house: House
  readonly client: Client
  /** Sends the form that was opened first, whatever has become of the database since. */
  save(fields: Readonly<Record<string, string>>): Promise<Answer>
  /** Sends the form of a new shelf. */
  create(fields: Readonly<Record<string, string>>): Promise<Answer>
  /** Asks the API: the status, and the problem document or what else it says. */
  api(method: string, path: string, body?: unknown): Promise<Problem>
  /** What the log holds of an action, in its order. */
  events(action: string): Promise<readonly LoggedEvent[]>
  /** What verifying the log says. */
  verified(): Promise<string>
}

export interface Problem {
  readonly status: number
  readonly code?: string
  readonly title?: string
  readonly detail?: string
}

export interface LoggedEvent {
  readonly outcome: string
  readonly code?: string | null
  readonly details?: Readonly<Record<string, unknown>>
}

/** @param storeHome Where our own tables are, if not in the application's database. */
export async function openShelves({
  storeHome,
  ...options
}: HouseOptions & { readonly storeHome?: TestDatabase }): Promise<Shelves> {
  const house = await openHouse({ sql: SHELVES, ...options, ...(storeHome && { store: storeHome.url }) })
  const { client } = await house.signIn({ role: 'superadmin' })
  const token = await house.token(['superadmin'])
  const { text } = await client.get(EDIT)
  const csrf = await client.csrf(ROOMS)
  return {
    house,
    client,
    save(fields) {
      const opened = { _original: hidden(text, '_original'), _version: hidden(text, '_version') }
      return client.post(EDIT, { ...opened, ...fields }, { csrf })
    },
    create: (fields) => client.post(`${LIST}/new`, fields, { csrf }),
    async api(method, path, body) {
      const answer = await house.visitor().send(method, `${BASE}/api/v1${path}`, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        isBare: true,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { ...(JSON.parse(answer.text) as object), status: answer.status }
    },
    async events(action) {
      const table =
        storeHome && house.engine === 'postgres' ? 'castellan.audit_event' : 'castellan_audit_event'
      const query = `SELECT event FROM ${table} WHERE action = '${action}' ORDER BY entry`
      const rows = (await (storeHome ? storeHome.rows(query) : house.sql(query))) as { event: string }[]
      return rows.map(({ event }) => JSON.parse(event) as LoggedEvent)
    },
    async verified() {
      const result = await asSystem(house.admin, house.clock.now, 'castellan.audit.verify', {})
      return (result as { lines: readonly string[] }).lines[0] ?? ''
    },
  }
}

function hidden(html: string, name: string): string {
  const [, value] = new RegExp(`name="${name}" value="([^"]*)"`).exec(html) ?? []
  if (value === undefined) throw new Error(`The form has no ${name}.`)
  return value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

/** What a page says, without its markup. */
export function said({ text }: Answer): string {
  const main = /<main[\s\S]*<\/main>/.exec(text)?.[0] ?? text
  return main.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}

/** What a form on the page would send under that name. */
export function kept({ text }: Answer, name: string): string | undefined {
  return new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1]
}
