/** The application's tables in one database and ours in another, which can't commit together. */

import { describe, expect, test } from 'vitest'
import { databaseReader } from '../../src/audit/database-reader.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { inStore } from '../../src/store/tables.ts'
import { api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { openTestDatabase, type StoreEngine } from '../engine.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import type { TestDatabase } from '../servers.ts'

const SHOP = `
  create table orders (
    id integer primary key, status varchar(20) not null check (status in ('open', 'paid')), note varchar(50) unique
  );
  insert into orders values (1, 'open', 'taken'), (2, 'open', null), (3, 'open', null)`

interface Apart extends AsyncDisposable {
  readonly house: House
  readonly own: TestDatabase
  readonly store: Database
  /** Of role `admin`, who deletes after a confirmation. */
  readonly ana: SignedIn
  /** Of those about orders, oldest first. */
  events(): Promise<readonly AuditEvent[]>
}

async function openApart(application: StoreEngine, storeEngine: StoreEngine, more = ''): Promise<Apart> {
  const own = await openTestDatabase(storeEngine)
  const house = await openHouse({ engine: application, sql: SHOP, store: own.url })
  if (more) await house.sql(more)
  const store = await openDatabase(own.url, { place: 'test' })
  const ana = await house.signIn({ role: 'admin' })
  return {
    house,
    own,
    store,
    ana,
    async events() {
      const rows = await inStore(store.now)
        .selectFrom('castellan_audit_event')
        .select('event')
        .where('model', '=', 'orders')
        .orderBy('entry')
        .execute()
      const events = rows.map(({ event }) => JSON.parse(event) as AuditEvent)
      return events.filter(({ kind }) => kind !== 'record.read' && kind !== 'record.list')
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await house.close()
      await own.drop()
    },
  }
}

const update = ({ ana }: Apart, key: number, values: object) =>
  api(ana.client, 'PATCH', `/models/orders/records/${key}`, { values })
const remove = ({ ana }: Apart, key: number, more: object = {}) =>
  api(ana.client, 'DELETE', `/models/orders/records/${key}`, more)
const outcomes = (events: readonly AuditEvent[]) => events.map(({ outcome }) => outcome)

describe.each([
  ['sqlite', 'sqlite'],
  ['postgres', 'sqlite'],
  ['mariadb', 'postgres'],
  ['sqlite', 'mariadb'],
] as const)('an application on %s with its log on %s', (application, storeEngine) => {
  test('records a change before it is made and after, and nothing of ours is beside it', async () => {
    await using apart = await openApart(application, storeEngine)

    expect((await update(apart, 1, { status: 'paid' })).status).toBe(200)

    const [started, done, ...rest] = await apart.events()
    expect(started).toMatchObject({ outcome: 'started', action: 'orders.update', target: { key: '1' } })
    expect(done).toMatchObject({
      outcome: 'done',
      changes: [{ field: 'status', before: 'open', after: 'paid' }],
      details: { startedEvent: started?.id },
    })
    expect(rest).toEqual([])
    expect(await apart.house.sql('select status from orders where id = 1')).toEqual([{ status: 'paid' }])
    expect(await tablesOf(apart.house)).toEqual(['orders'])
  })

  test('records that a change was refused, and why', async () => {
    await using apart = await openApart(application, storeEngine)

    expect((await update(apart, 2, { note: 'taken' })).status).toBe(422)
    expect((await update(apart, 9, { status: 'paid' })).status).toBe(404)

    const events = await apart.events()
    expect(outcomes(events)).toEqual(['started', 'refused', 'started', 'refused'])
    expect(events[1]).toMatchObject({ code: 'invalid-input', details: { startedEvent: events[0]?.id } })
    expect(events[3]).toMatchObject({ code: 'not-found', details: { startedEvent: events[2]?.id } })
  })

  test('records that a change failed', async () => {
    await using apart = await openApart(application, storeEngine)
    await apart.house.sql('drop table orders')

    expect((await update(apart, 1, { status: 'paid' })).status).toBeGreaterThanOrEqual(500)

    expect(outcomes(await apart.events())).toEqual(['started', 'failed'])
  })

  test('obliges to a confirmation, which works once', async () => {
    await using apart = await openApart(application, storeEngine)

    const asked = await remove(apart, 2)
    expect(asked.status).toBe(428)
    const confirmation = String(asked.json['confirmation'])
    expect((await remove(apart, 3, { confirmation })).status).toBe(428)
    const [once, twice] = await Promise.all([
      remove(apart, 2, { confirmation }),
      remove(apart, 2, { confirmation }),
    ])

    expect([once.status, twice.status].filter((status) => status < 300)).toHaveLength(1)
    expect(await apart.house.sql('select id from orders order by id')).toEqual([{ id: 1 }, { id: 3 }])
    const ends = (await apart.events()).filter(({ outcome }) => outcome !== 'started')
    expect(ends.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
    for (const { details } of ends) expect(details).toHaveProperty('startedEvent')
  })

  test('proves the log', async () => {
    await using apart = await openApart(application, storeEngine)
    for (const key of [1, 2, 3]) await update(apart, key, { status: 'paid' })
    apart.house.clock.now += 120_000

    const page = await apart.ana.client.get(`${BASE}/m/orders/1/history`)
    const { kind, warnings } = await sealedAndVerified(apart)

    expect(page.text).toMatch(/open[\s\S]*paid/)
    expect({ kind, warnings }).toEqual({ kind: 'verified', warnings: [] })
  })
})

describe.each(['postgres', 'mariadb'] as const)('a transaction on %s that is run again', (application) => {
  test('keeps the confirmation that its first run used up', async () => {
    await using apart = await openApart(application, 'sqlite', INTERRUPTED[application])
    const asked = await remove(apart, 2)

    const done = await remove(apart, 2, { confirmation: String(asked.json['confirmation']) })

    expect(done.status).toBeLessThan(300)
    expect(await apart.house.sql('select id from orders order by id')).toEqual([{ id: 1 }, { id: 3 }])
    expect(outcomes(await apart.events())).toEqual(['started', 'pending', 'started', 'done'])
  })
})

test('an attempt whose end could not be written is shown with its outcome unknown', async () => {
  await using apart = await openApart('postgres', 'sqlite')
  await update(apart, 1, { status: 'paid' })
  await apart.own.run(`create trigger full before insert on castellan_audit_event
    when new.outcome = 'done' and new.action = 'orders.update' begin select raise(abort, 'disk full'); end`)

  expect((await update(apart, 2, { status: 'paid' })).status).toBe(500)

  expect(await apart.house.sql('select status from orders where id = 2')).toEqual([{ status: 'paid' }])
  expect(outcomes(await apart.events())).toEqual(['started', 'done', 'started'])
  const boss = await apart.house.signIn({ role: 'superadmin' })
  const page = await boss.client.get(`${BASE}/audit`)
  expect(page.text.match(/Outcome unknown/g)).toHaveLength(1)
  expect(page.text.match(/>Began</g)).toHaveLength(1)
  apart.house.clock.now += 120_000
  const report = await sealedAndVerified(apart)
  expect(report).toMatchObject({
    kind: 'verified',
    warnings: [expect.stringMatching(/sequence \d+ has no end/)],
  })
})

/** The first DELETE meets a conflict, as if another transaction had been in its way. */
const INTERRUPTED = {
  postgres: `
    create sequence tries;
    create function interrupt() returns trigger language plpgsql as $$
    begin
      if nextval('tries') = 1 then raise exception 'in the way' using errcode = '40001'; end if;
      return old;
    end $$;
    create trigger interrupt before delete on orders for each row execute function interrupt()`,
  mariadb: `
    create sequence tries;
    create trigger interrupt before delete on orders for each row
    if nextval(tries) = 1 then
      signal sqlstate '40001' set mysql_errno = 1213, message_text = 'in the way';
    end if`,
} as const

async function sealedAndVerified({ house, store }: Apart) {
  // closing seals what waits
  await house.admin.close()
  return await verifyLog(await databaseReader(store.now), { now: house.clock.now })
}

/** Of the application's database, ours among them if there were any. */
async function tablesOf(house: House): Promise<readonly unknown[]> {
  const texts = {
    sqlite: "select name from sqlite_master where type = 'table'",
    postgres:
      "select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')",
    mariadb: 'select table_name as name from information_schema.tables where table_schema = database()',
  }
  return (await house.sql(texts[house.engine])).map((row) => (row as { name: string }).name)
}
