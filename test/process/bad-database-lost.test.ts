/**
 * The way to the database is lost: in the middle of a save, while a list is
 * read, for a while. Nothing is half written, whoever asks is told in time, and
 * nothing has to be started again.
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { PASSWORD } from '../house.ts'
import { kept, LIST, openShelves, RECORD, ROOMS, type Shelves, said } from './shelves.ts'
import { type Fate, type Passing, type Way, wayToDatabase } from './way.ts'

const TYPED = { name: 'Elm', weight: '11', color: 'green' }
const BEFORE = { name: 'Oak', weight: 10, color: 'brown' }
const AFTER = { name: 'Elm', weight: 11, color: 'green' }

const UPDATE = /UPDATE (?:["`]public["`]\.)?["`]shelves["`]/
const isUpdate = (text: string): boolean => UPDATE.test(text)
/** The change was sent, and behind it its event. */
const isRecorded = (before: string): boolean =>
  isUpdate(before) && /audit_event/i.test(before.slice(before.search(UPDATE)))
const isCommit = ({ from, text, before }: Passing): boolean =>
  from === 'client' && isUpdate(before) && text.includes('COMMIT')

describe.each(['postgres', 'mariadb'] as const)('on %s', (engine) => {
  let way: Way
  let shelves: Shelves

  beforeEach(async () => {
    way = await wayToDatabase(engine)
    shelves = await openShelves({ engine, home: way.home })
  })
  afterEach(async () => {
    way.watch = null
    // what a test has held is nothing that closing should wait for
    way.cut()
    await shelves.house.close()
    await way.close()
  })

  const stored = async (): Promise<unknown> =>
    (await way.home.rows('SELECT name, weight, color FROM shelves WHERE id = 1'))[0]

  /** Lets `fate` come over the first that `is` says yes to, and counts how often it did. */
  function onceAt(is: (passing: Passing) => boolean, fate: Fate): { count: number } {
    const seen = { count: 0 }
    way.watch = (passing) => {
      if (seen.count > 0 || !is(passing)) return 'pass'
      seen.count += 1
      return fate
    }
    return seen
  }

  test.each<readonly [string, (passing: Passing) => boolean]>([
    ['when the record is locked', ({ from, text }) => from === 'client' && text.includes('FOR UPDATE')],
    ['when the change is sent', ({ from, text }) => from === 'client' && isUpdate(text)],
    ['when the change is answered', ({ from, before }) => from === 'server' && isUpdate(before)],
    ['when its event is answered', ({ from, before }) => from === 'server' && isRecorded(before)],
  ])(
    'a save whose connection is cut %s saves nothing, keeps what was typed, and is logged',
    async (_, is) => {
      const cut = onceAt(is, 'cut')
      const failed = await shelves.save(TYPED)

      expect(cut.count).toBe(1)
      expect(failed.status).toBe(503)
      expect(said(failed)).toContain('Nothing was saved.')
      expect(said(failed)).toMatch(/The database test_\w+ (?:ended the connection|can not be reached)/)
      expect([kept(failed, 'name'), kept(failed, 'color')]).toEqual(['Elm', 'green'])
      expect(await stored()).toEqual(BEFORE)
      expect((await shelves.save(TYPED)).status).toBe(303)
      expect(await stored()).toEqual(AFTER)
      expect(await shelves.events('shelves.update')).toMatchObject([
        { outcome: 'failed', code: 'data-source-failed' },
        { outcome: 'done' },
      ])
      expect(await shelves.verified()).toMatch(/^verified /)
    },
  )

  test('a save whose commit does not arrive is one that nobody knows of, and can be sent again', async () => {
    const cut = onceAt(isCommit, 'cut')
    const unknown = await shelves.save(TYPED)

    expect(cut.count).toBe(1)
    expect(unknown.status).toBe(503)
    expect(said(unknown)).toContain('It is not known whether this was saved.')
    expect(said(unknown)).toContain('Look at the record before you try again.')
    expect(said(unknown)).not.toContain('Nothing was')
    expect(kept(unknown, 'name')).toBe('Elm')
    expect(await stored()).toEqual(BEFORE)
    expect((await shelves.save(TYPED)).status).toBe(303)
    expect(await shelves.events('shelves.update')).toMatchObject([
      { outcome: 'failed', details: { isOutcomeKnown: false } },
      { outcome: 'done' },
    ])
    expect(await shelves.verified()).toMatch(/^verified /)
  })

  test('a save whose commit is not answered stands with its event, and meets itself when it is sent again', async () => {
    let hasCommitted = false
    way.watch = (passing) => {
      if (hasCommitted && passing.from === 'server' && isUpdate(passing.before)) return 'cut'
      hasCommitted ||= isCommit(passing)
      return 'pass'
    }
    const unknown = await shelves.save(TYPED)
    way.watch = null

    expect(hasCommitted).toBe(true)
    expect(said(unknown)).toContain('It is not known whether this was saved.')
    expect(await stored()).toEqual(AFTER)
    expect((await shelves.save({ ...TYPED, color: 'red' })).status).toBe(409)
    expect(await shelves.events('shelves.update')).toMatchObject([
      { outcome: 'done' },
      { outcome: 'failed', details: { isOutcomeKnown: false } },
      { outcome: 'refused', code: 'conflict' },
    ])
    expect(await shelves.verified()).toMatch(/^verified /)
  })

  test('a server that is away is told by every page and probe, and found again by the next request', async () => {
    const { client, house, api, save } = shelves
    const { client: other, code, email } = await house.signIn({ role: 'superadmin' })
    await way.shut()
    const away = [
      await client.get(LIST),
      await client.get(RECORD),
      await other.get(BASE),
      await save(TYPED),
      await house.visitor().get(`${BASE}/readyz`),
    ]
    const problem = await api('GET', '/models/shelves/records')
    const alive = await house.visitor().get(`${BASE}/healthz`)
    // the sign-in lasts longer than the access token: what is renewed is renewed later
    house.clock.now += 20 * 60_000
    away.push(await client.get(LIST))
    await way.open()

    for (const page of away) expect(page.status).toBe(503)
    expect(said(away[0] ?? fail())).toContain('The database could not do this')
    expect(said(away[0] ?? fail())).toMatch(/(?:can not be reached|ended the connection)/)
    expect(problem).toMatchObject({ status: 503, code: 'data-source-failed' })
    expect(alive.status).toBe(200)
    expect((await client.get(LIST)).status).toBe(200)
    expect((await house.visitor().get(`${BASE}/readyz`)).status).toBe(200)
    expect((await save(TYPED)).status).toBe(303)
    const visitor = house.visitor()
    const first = await visitor.post(`${BASE}/sign-in`, { email, password: PASSWORD })
    expect((await visitor.post(first.location ?? '', { code: code() })).status).toBe(303)
    // numbers go on being given
    const waiting = 'SELECT count(*) AS n FROM castellan_audit_event WHERE sequence IS NULL'
    await expect.poll(() => house.sql(waiting), { timeout: 10_000 }).toEqual([{ n: 0 }])
    expect(await shelves.verified()).toMatch(/^verified /)
  })

  test('a list that is never answered is given up in time, and others are served meanwhile', async () => {
    const { client } = shelves
    const held = onceAt(({ from, text }) => from === 'client' && /["`]shelves["`]/.test(text), 'hold')
    const slow = client.get(LIST)
    await expect.poll(() => held.count).toBe(1)
    const rooms = await client.get(ROOMS)
    const answer = await slow

    expect(rooms.status).toBe(200)
    expect(answer.status).toBe(503)
    expect(said(answer)).toMatch(/Reading test_\w+ took longer than 10000 ms\. Try again\./)
    expect((await client.get(LIST)).status).toBe(200)
    expect((await shelves.events('shelves.list')).map(({ outcome }) => outcome)).toContain('failed')
  })
})

function fail(): never {
  throw new Error('There is no such page.')
}
