/**
 * An account that may do less than is asked of it: at the start a sentence that
 * says what is missing, while it runs one that says who refused, and rows that
 * the database hides are not there.
 */

import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import { createTestDatabase, type TestDatabase } from '../servers.ts'
import { kept, LIST, openShelves, RECORD, ROOMS, SHELVES, type Shelves, said } from './shelves.ts'

const TYPED = { name: 'Elm', weight: '11', color: 'green' }
const ROLES = {
  postgres: {
    make: (name: string) => `CREATE ROLE ${name} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO ${name}`,
    grant: (name: string, right: string, table: string) => `GRANT ${right} ON ${table} TO ${name}`,
    revoke: (name: string, right: string, table: string) => `REVOKE ${right} ON ${table} FROM ${name}`,
    own: (name: string) => `CREATE SCHEMA castellan AUTHORIZATION ${name}`,
    drop: (name: string) => `DROP OWNED BY ${name}; DROP ROLE ${name}`,
  },
  mariadb: {
    make: (name: string) => `CREATE USER ${name} IDENTIFIED BY 'x'`,
    grant: (name: string, right: string, table: string) => `GRANT ${right} ON ${table} TO ${name}`,
    revoke: (name: string, right: string, table: string) => `REVOKE ${right} ON ${table} FROM ${name}`,
    own: () => 'SELECT 1',
    drop: (name: string) => `DROP USER ${name}`,
  },
} as const

describe.each(['postgres', 'mariadb'] as const)('on %s', (engine) => {
  const roles = ROLES[engine]
  let home: TestDatabase
  let store: TestDatabase
  let account: string
  let url: string
  let shelves: Shelves | null

  beforeEach(async () => {
    ;[home, store] = await Promise.all([createTestDatabase(engine), createTestDatabase(engine)])
    account = `limited_${randomBytes(4).toString('hex')}`
    shelves = null
    await home.run(SHELVES)
    await home.run(roles.make(account))
    for (const table of ['shelves', 'rooms']) await home.run(roles.grant(account, 'SELECT', table))
    const limited = new URL(home.url)
    limited.username = account
    limited.password = 'x'
    url = limited.href
  })
  afterEach(async () => {
    await shelves?.house.close()
    await home.run(roles.drop(account)).catch(() => {})
    if (!shelves) await home.drop()
    await store.drop()
  })

  /** The application's tables by the limited account, our own in a database of their own. */
  const opened = async (): Promise<Shelves> => {
    shelves = await openShelves({ engine, home: { ...home, url }, sql: '', storeHome: store })
    return shelves
  }

  test('without the right to make tables the start names what to do, and makes nothing', async () => {
    const admin = createAdmin({
      database: url,
      secretKeys: [randomBytes(32).toString('base64url')],
      debug: true,
    })

    const refused = await admin.initialize().catch((error: unknown) => error)

    expect(refused).toMatchObject({ code: 'misconfigured', mistakes: [{ id: 'M204' }] })
    expect(String(refused)).toContain('--store')
    expect(String(refused)).not.toContain('x@')
  })

  test('with the right to read alone everything is shown, nothing is offered, and a reason is given', async () => {
    const { client, api } = await opened()

    const pages = [await client.get(LIST), await client.get(RECORD), await client.get(ROOMS)]
    const form = await client.get(`${RECORD}/edit`)
    const patched = await api('PATCH', '/models/shelves/records/1', { values: { name: 'Elm' } })

    for (const page of pages) expect(page.status).toBe(200)
    expect(pages.some(({ text }) => text.includes('/edit"'))).toBe(false)
    expect(form.status).toBe(403)
    expect(said(form)).toMatch(
      /shelves\.update refused: The connected (?:role|user) may not create or change or delete records here/,
    )
    // a model that can only be read has no such action
    expect(patched).toMatchObject({ status: 404, code: 'not-found' })
    expect(await home.rows('SELECT name FROM shelves WHERE id = 1')).toEqual([{ name: 'Oak' }])
  })

  test('a right that is taken away while it runs is told where it is missing, and back when it is back', async () => {
    for (const right of ['INSERT', 'UPDATE', 'DELETE']) await home.run(roles.grant(account, right, 'shelves'))
    const { client, save, events } = await opened()
    await home.run(roles.revoke(account, 'UPDATE', 'shelves'))
    const unwritable = await save(TYPED)
    await home.run(roles.revoke(account, 'SELECT', 'shelves'))
    const unreadable = await client.get(LIST)
    const rooms = await client.get(ROOMS)
    for (const right of ['SELECT', 'UPDATE']) await home.run(roles.grant(account, right, 'shelves'))

    expect([403, 503]).toContain(unwritable.status)
    expect(said(unwritable)).toMatch(/lacks the right|no right|the right to do this/)
    expect(kept(unwritable, 'name')).toBe('Elm')
    expect(unreadable.status).toBe(503)
    expect(said(unreadable)).toMatch(/lacks the right|the right to do this/)
    expect(rooms.status).toBe(200)
    expect((await client.get(LIST)).status).toBe(200)
    expect((await save(TYPED)).status).toBe(303)
    expect(await home.rows('SELECT name FROM shelves WHERE id = 1')).toEqual([{ name: 'Elm' }])
    expect(
      (await events('shelves.update')).map(({ outcome }) => outcome).filter((one) => one !== 'started'),
    ).toEqual([expect.stringMatching(/^(?:failed|refused)$/), 'done'])
  })
})

test('rows that row level security hides are not there, and come and go with its rule', async () => {
  const home = await createTestDatabase('postgres')
  const store = await createTestDatabase('postgres')
  const account = `limited_${randomBytes(4).toString('hex')}`
  await home.run(`${SHELVES}; ${ROLES.postgres.make(account)}; ALTER TABLE shelves ENABLE ROW LEVEL SECURITY;
    GRANT SELECT, UPDATE ON shelves TO ${account};
    CREATE POLICY light ON shelves USING (weight < 15)`)
  const url = new URL(home.url)
  url.username = account
  url.password = 'x'
  const { house, client, api, save } = await openShelves({
    engine: 'postgres',
    home: { ...home, url: url.href },
    sql: '',
    storeHome: store,
  })
  try {
    expect(said(await client.get(LIST))).toContain('Oak')
    expect(said(await client.get(LIST))).not.toContain('Ash')
    expect((await client.get(`${LIST}/2`)).status).toBe(404)
    expect(await api('PATCH', '/models/shelves/records/2', { values: { name: 'Elm' } })).toMatchObject({
      status: 404,
    })
    // a change that the rule does not let through changes nothing
    expect((await save({ name: 'Elm', weight: '99', color: 'brown' })).status).toBeGreaterThanOrEqual(400)
    await home.run('DROP POLICY light ON shelves')
    expect((await client.get(RECORD)).status).toBe(404)
    expect(await home.rows('SELECT name FROM shelves ORDER BY id')).toEqual([
      { name: 'Oak' },
      { name: 'Ash' },
    ])
  } finally {
    await house.close()
    await store.drop()
  }
})
