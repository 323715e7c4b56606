/** Many processes write and seal one log at once. */

import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { append } from '../../src/audit/append.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { exportLog } from '../../src/audit/export.ts'
import { proofOf } from '../../src/audit/proof.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import type { Connection } from '../../src/database/database.ts'
import { inStore } from '../../src/store/tables.ts'
import { STORE_ENGINES } from '../engine.ts'
import { change, draft, type LogWorld, openLog } from '../log.ts'
import { RUNS_LIMIT_MS, runs } from '../runs.ts'

const SERVERS = ['postgres', 'mariadb'] as const

describe.each(STORE_ENGINES)('a log on %s', (engine) => {
  test('numbers every event once, without a gap, whoever appends and seals', async () => {
    await using one = await openLog({ engine })
    await using other = await one.second()
    await using third = await one.second()
    const worlds = [one, other, third]

    await Promise.all(
      Array.from({ length: 90 }, async (_, index) => {
        const { log } = worlds[index % 3] ?? one
        const id = await log.appendAlone(draft({ outcome: 'refused', details: { index } }))
        if (index % 4 === 0) await log.sealed(id)
      }),
    )
    await Promise.all(worlds.map(({ log }) => log.seal()))

    const numbers = (await sequences(one)).map(({ sequence }) => sequence).toSorted((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 90 }, (_, index) => index + 1))
    expect(await verified(one)).toMatchObject({ kind: 'verified', events: 90 })
  })

  test('chains the changes of one record, however many come at once', async () => {
    await using one = await openLog({ engine })
    await using other = await one.second()

    await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        (index % 2 === 0 ? one : other).log.appendAlone(draft({ changes: [change(`note ${index}`)] })),
      ),
    )
    await one.log.seal()

    const rows = await inStore(one.database.now)
      .selectFrom('castellan_audit_event')
      .select(['event', 'leaf'])
      .orderBy('entry')
      .execute()
    const leaves = rows.map(({ leaf }) => Buffer.from(leaf).toString('hex'))
    const previous = rows.map(
      ({ event }) => (JSON.parse(event) as { previousForTarget: string | null }).previousForTarget,
    )
    expect(previous).toEqual([null, ...leaves.slice(0, -1)])
  })

  test('makes one key for a subject, whoever comes first', async () => {
    await using one = await openLog({ engine })
    await using other = await one.second()

    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? one : other).log.appendAlone(
          draft({
            target: { model: 'orders', key: String(index), label: null },
            dataSubject: 'customers:7',
            changes: [change('x', 'personal')],
          }),
        ),
      ),
    )

    const subjects = await inStore(one.database.now)
      .selectFrom('castellan_audit_subject')
      .select('subject')
      .execute()
    expect(subjects).toEqual([{ subject: 'customers:7' }])
  })

  test('proves and exports what it holds', async () => {
    await using world = await openLog({ engine })
    await world.fill(13)
    await world.fill(4)

    const proof = await proofOf(world.database.now, 5)
    const exported = await exportLog(await databaseReader(world.database.now), `${world.folder}/out`)

    expect(proof).toMatchObject({ sequence: 5, size: 17 })
    expect(exported).toEqual({ events: 17, checkpoints: 2 })
    expect(await verified(world)).toMatchObject({ kind: 'verified', events: 17, checkpoints: 2 })
  })

  test('holds whatever somebody says, and finds it again', async () => {
    await using world = await openLog({ engine })
    const odd = 'a\0b \ud800 é🙂 \\ \' " \n 100% '
    const long = 'ä'.repeat(5_000)

    const id = await world.log.appendAlone(
      draft({
        principal: { ...draft().principal, id: odd, label: long },
        target: { model: 'orders', key: `${odd}${long}`, label: odd },
        dataSubject: `orders:${odd}${long}`,
        reason: long.repeat(2),
        ticket: long,
        changes: [change('🙂'.repeat(9_000)), { ...change(odd, 'personal'), field: 'name' }],
      }),
    )
    const again = await world.log.appendAlone(
      draft({ target: { model: 'orders', key: `${odd}${long}`, label: odd } }),
    )
    await world.log.seal()

    const [first, second] = [await world.log.find(id), await world.log.find(again)]
    expect(first?.event.target?.label).toBe('a\ufffdb \ufffd é🙂 \\ \' " \n 100% ')
    expect(second?.event.previousForTarget).toMatch(/^[0-9a-f]{64}$/)
    expect(await verified(world)).toMatchObject({ kind: 'verified', events: 2 })
  })

  test('says which event somebody changed past the triggers', async () => {
    await using world = await openLog({ engine })
    await world.fill(6)

    await world.home.run(withoutTrigger(engine))

    expect(await verified(world)).toMatchObject({ kind: 'tampered', sequence: 3 })
  })
})

describe.each(SERVERS)('a late commit on %s', (engine) => {
  test('gets a later number, and is not lost', async () => {
    await using world = await openLog({ engine })
    const early = Promise.withResolvers<void>()
    const isIn = Promise.withResolvers<void>()

    const late = world.database.write(
      async (connection) => {
        await appendIn(world, connection, 'early')
        isIn.resolve()
        await early.promise
      },
      { isolation: 'read-committed' },
    )
    await isIn.promise
    await world.log.appendAlone(draft({ outcome: 'refused', reason: 'other' }))
    await world.log.seal()
    const before = await sequences(world)
    early.resolve()
    await late
    await world.log.seal()

    expect(before).toEqual([{ reason: 'other', sequence: 1 }])
    expect(await sequences(world)).toEqual([
      { reason: 'early', sequence: 2 },
      { reason: 'other', sequence: 1 },
    ])
    expect(await verified(world)).toMatchObject({ kind: 'verified', events: 2, checkpoints: 2 })
  })

  test('does not keep others from being sealed while it is open', async () => {
    await using world = await openLog({ engine })
    await using other = await world.second()
    const done = Promise.withResolvers<void>()
    const isIn = Promise.withResolvers<void>()
    const open = world.database.write(
      async (connection) => {
        await appendIn(world, connection, 'open')
        isIn.resolve()
        await done.promise
      },
      { isolation: 'read-committed' },
    )
    await isIn.promise

    for (let index = 0; index < 3; index += 1) {
      const id = await other.log.appendAlone(draft({ outcome: 'refused' }))
      await other.log.sealed(id)
    }

    done.resolve()
    await open
    expect((await sequences(world)).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3])
  })
})

describe.each(SERVERS)('a record that many change at once on %s', (engine) => {
  test('has its events in the order of its commits', async () => {
    await using one = await openLog({ engine })
    await using other = await one.second()
    await one.home.run(
      "create table orders (id integer primary key, note varchar(200)); insert into orders values (42, '')",
    )
    const committed: string[] = []

    await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const world = index % 2 === 0 ? one : other
        await world.database.write(
          async (connection) => {
            await sql`select note from orders where id = 42 for update`.execute(connection)
            await sql`update orders set note = ${String(index)} where id = 42`.execute(connection)
            await appendIn(world, connection, String(index), 'done')
          },
          { isolation: 'read-committed' },
        )
        if (index % 5 === 0) await world.log.seal()
      }),
    )
    await one.log.seal()
    for (const { reason } of await sequences(one)) committed.push(reason)

    const bySequence = (await sequences(one)).toSorted((a, b) => a.sequence - b.sequence)
    expect(bySequence.map(({ reason }) => reason)).toEqual(committed)
    expect(await one.home.rows('select note from orders')).toEqual([{ note: committed.at(-1) }])
    expect(await verified(one)).toMatchObject({ kind: 'verified', events: 24 })
  })
})

test('64 writers at once on PostgreSQL lose no event and make none up', {
  timeout: RUNS_LIMIT_MS,
}, async () => {
  await using one = await openLog({ engine: 'postgres' })
  const worlds = [one, await one.second(), await one.second(), await one.second()]
  const [writers, each] = [64, runs(100, 2)]
  await one.home.run(
    `create table orders (id integer primary key, count integer);
     insert into orders select id, 0 from generate_series(1, ${writers}) as id`,
  )
  let isWriting = true
  const sealing = worlds.slice(0, 2).map(async ({ log }) => {
    while (isWriting) await log.seal()
  })

  await Promise.all(
    Array.from({ length: writers }, async (_, index) => {
      const world = worlds[index % worlds.length] ?? one
      for (let count = 1; count <= each; count += 1) {
        await world.database.write(
          async (connection) => {
            await sql`update orders set count = count + 1 where id = ${index + 1}`.execute(connection)
            await appendIn(world, connection, `${index}/${count}`, 'done', String(index + 1))
          },
          { isolation: 'read-committed' },
        )
      }
    }),
  )
  isWriting = false
  await Promise.all(sealing)
  await one.log.seal()

  const all = writers * each
  expect(await one.home.rows('select cast(sum(count) as integer) as changes from orders')).toEqual([
    { changes: all },
  ])
  expect(
    await one.home.rows(
      `select cast(count(distinct reason) as integer) as events, cast(min(sequence) as integer) as first,
       cast(max(sequence) as integer) as last, cast(count(distinct sequence) as integer) as numbers
       from castellan.audit_event`,
    ),
  ).toEqual([{ events: all, first: 1, last: all, numbers: all }])
  expect(await verified(one)).toMatchObject({ kind: 'verified', events: all })
  for (const world of worlds.slice(1)) await world[Symbol.asyncDispose]()
})

async function appendIn(
  { keys }: LogWorld,
  connection: Connection,
  reason: string,
  outcome: 'done' | 'refused' = 'refused',
  key = '42',
): Promise<void> {
  const parts = { keys, clock: () => Date.UTC(2026, 10, 21, 10), randomBytes, node: 'test', version: '0' }
  await append(parts, connection, draft({ reason, outcome, target: { model: 'orders', key, label: null } }))
}

/** In the order of insertion; 0: not numbered yet. */
async function sequences(world: LogWorld) {
  const rows = await inStore(world.database.now)
    .selectFrom('castellan_audit_event')
    .select(['reason', 'sequence'])
    .orderBy('entry')
    .execute()
  return rows.map(({ reason, sequence }) => ({ reason: reason ?? '', sequence: Number(sequence ?? 0) }))
}

async function verified(world: LogWorld) {
  return await verifyLog(await databaseReader(world.database.now), { now: world.now })
}

function withoutTrigger(engine: (typeof STORE_ENGINES)[number]): string {
  const change = "set reason = 'another' where sequence = 3"
  switch (engine) {
    case 'sqlite':
      return `drop trigger castellan_audit_event_update; update castellan_audit_event ${change}`
    case 'postgres':
      return `alter table castellan.audit_event disable trigger all; update castellan.audit_event ${change}`
    case 'mariadb':
      return `drop trigger castellan_audit_event_update; update castellan_audit_event ${change}`
  }
}
