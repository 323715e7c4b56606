import { createHash, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { change, draft, type LogWorld, NOW, openLog } from '../../test/log.ts'
import { rawPublicKey } from '../keys/ed25519.ts'
import { inStore } from '../store/tables.ts'
import { canonicalJson } from './canonical.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { createAuditLog } from './create-log.ts'
import { parseNote, signerAmong } from './note.ts'
import { frontier, leafHash } from './tree.ts'

test('commits an event with the change that it records', async () => {
  await using world = await openLog()
  await world.database.write(async (connection) => {
    await sql`create table orders (id integer primary key, note text)`.execute(connection)
  })

  await world.database.write(async (connection) => {
    await sql`insert into orders values (42, 'paid')`.execute(connection)
    await world.log.append(connection, draft())
  })

  expect(await events(world)).toHaveLength(1)
})

test('leaves no event when the change rolls back', async () => {
  await using world = await openLog()

  const work = world.database.write(async (connection) => {
    await world.log.append(connection, draft())
    throw new Error('the change failed')
  })

  await expect(work).rejects.toThrow('the change failed')
  expect(await events(world)).toHaveLength(0)
})

test('writes the whole event, canonical, with its leaf and its columns', async () => {
  await using world = await openLog()
  world.now = NOW + 0.25

  const id = await world.log.appendAlone(
    draft({ reason: 'wire received', ticket: 'OPS-12', changes: [change('paid')], counts: { affected: 1 } }),
  )

  const found = await world.log.find(id)
  expect(found).toEqual({
    sequence: null,
    event: {
      schema: 1,
      id,
      occurredAt: '2026-11-21T10:00:00.000250Z',
      ...pick(draft(), ['principal', 'session', 'request', 'action', 'kind', 'target', 'outcome', 'policy']),
      severity: 'medium',
      code: null,
      reason: 'wire received',
      ticket: 'OPS-12',
      approval: null,
      changes: [{ field: 'note', class: 'internal', before: null, after: 'paid' }],
      counts: { affected: 1 },
      details: {},
      previousForTarget: null,
      node: 'test',
      version: '0.0.0',
    },
  })
  const [row] = await events(world)
  expect(row?.event).toBe(canonicalJson(found?.event))
  expect(row && Buffer.compare(row.leaf, leafHash(Buffer.from(row.event)))).toBe(0)
  expect(row).toMatchObject({ id, principal_id: 'ana', model: 'orders', record_key: '42', is_change: 1n })
})

test('names the leaf of the event that changed the same record before', async () => {
  await using world = await openLog()
  const first = await world.log.appendAlone(draft())
  await world.log.appendAlone(draft({ kind: 'record.read', action: 'orders.read' }))
  await world.log.appendAlone(draft({ target: { model: 'orders', key: '43', label: '#43' } }))
  await world.log.appendAlone(draft({ outcome: 'refused', code: 'denied' }))

  const second = await world.log.appendAlone(draft())

  const [row] = (await events(world)).filter(({ id }) => id === first)
  const found = await world.log.find(second)
  expect(found?.event.previousForTarget).toBe(row && Buffer.from(row.leaf).toString('hex'))
})

test('numbers what has committed without a gap and signs the root', async () => {
  await using world = await openLog()
  await world.fill(3)
  await world.fill(4)

  const rows = await events(world)
  const checkpoints = await checkpointsOf(world)
  const tree = frontier()
  for (const { leaf } of rows) tree.append(leaf)
  expect(rows.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(checkpoints.map(({ size }) => Number(size))).toEqual([3, 7])
  expect(Buffer.compare(checkpoints[1]?.root ?? Buffer.of(), tree.root())).toBe(0)
  const { publicKey } = world.keys.signing('checkpoint')
  const origin = `castellan/${await world.store.installation()}`
  const note = parseNote(checkpoints[1]?.note ?? '')
  expect(note && signerAmong([{ name: origin, publicKey: rawPublicKey(publicKey) }])(note)).not.toBeNull()
})

test('chains each checkpoint to the one before', async () => {
  await using world = await openLog()
  await world.fill(1)
  await world.fill(1)

  const [first, second] = (await checkpointsOf(world)).map(({ note }) => parseCheckpoint(note))

  const hash = createHash('sha256')
    .update(first?.note.text ?? '')
    .digest('hex')
  expect(first?.previous).toBeNull()
  expect(second?.previous && Buffer.from(second.previous).toString('hex')).toBe(hash)
})

test('signs the last checkpoint anew after a minute of silence, and not before', async () => {
  await using world = await openLog()
  await world.fill(1)

  world.now += 59_999
  await world.log.seal()
  const before = await checkpointsOf(world)
  world.now += 1
  await world.log.seal()

  expect(before).toHaveLength(1)
  expect((await checkpointsOf(world)).map(({ size }) => Number(size))).toEqual([1, 1])
})

test('resolves sealed when a signed checkpoint covers the event', async () => {
  await using world = await openLog()
  const id = await world.log.appendAlone(draft())

  await world.log.sealed(id)

  expect(await world.log.find(id)).toMatchObject({ sequence: 1 })
  expect(await checkpointsOf(world)).toHaveLength(1)
})

test('refuses to wait for an event that has not committed', async () => {
  await using world = await openLog()

  await expect(world.log.sealed('00'.repeat(16))).rejects.toThrow(TypeError)
})

test('seals on its own, rests for a second under activity, and keeps no process alive', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  const running = await startTimer(world)

  await world.log.appendAlone(draft())
  await running.tick(1)
  const first = await sequences(world)
  await world.log.appendAlone(draft())
  await running.tick(4)
  const resting = await sequences(world)
  await running.tick(1)
  await running.stop()

  expect(first).toEqual([1])
  expect(resting).toEqual([1, null])
  expect(await sequences(world)).toEqual([1, 2])
})

test('tells once that sealing fails, tries on, and closes all the same', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  const running = await startTimer(world)
  await world.log.appendAlone(draft())
  world.tamper('alter table castellan_audit_node rename to hidden')

  await running.tick(3)
  const told = running.errors.length
  world.tamper('alter table hidden rename to castellan_audit_node')
  await running.tick(1)
  await running.stop()

  expect(told).toBe(1)
  expect(await sequences(world)).toEqual([1])
})

test('seals what is left when it closes', async () => {
  await using world = await openLog()
  await world.log.appendAlone(draft())

  await world.log.close()

  expect((await events(world)).map(({ sequence }) => sequence)).toEqual([1n])
})

test('numbers each event once when two processes append and seal at once', async () => {
  await using one = await openLog()
  await using other = await one.second()

  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const { log } = index % 2 === 0 ? one : other
      // each of a record of its own: the events of one record wait for each other
      const target = { model: 'orders', key: String(index), label: null }
      const id = await log.appendAlone(draft({ target }))
      if (index % 3 === 0) await log.sealed(id)
    }),
  )
  await Promise.all([one.log.seal(), other.log.seal()])

  const rows = await events(one)
  // one that committed later may have begun earlier
  const numbers = rows.map(({ sequence }) => Number(sequence)).sort((one, other) => one - other)
  expect(numbers).toEqual(Array.from(rows, (_, index) => index + 1))
  expect(rows).toHaveLength(60)
})

test('adds nothing on top of a tree that does not fit its checkpoint', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.fill(3)
  world.tamper(
    'drop trigger castellan_audit_node_update',
    'update castellan_audit_node set hash = zeroblob(32) where level = 1 and position = 0',
  )
  await world.log.appendAlone(draft())

  await expect(world.log.seal()).rejects.toThrow('castellan audit verify')
})

test.each([
  ['castellan_audit_event', 'update castellan_audit_event set event = event'],
  ['castellan_audit_event', 'update castellan_audit_event set sequence = null'],
  ['castellan_audit_event', 'update castellan_audit_event set sequence = 9 where sequence = 1'],
  ['castellan_audit_event', 'delete from castellan_audit_event'],
  [
    'castellan_audit_event',
    'insert or replace into castellan_audit_event select * from castellan_audit_event',
  ],
  ['castellan_audit_node', 'update castellan_audit_node set hash = hash'],
  ['castellan_audit_node', 'delete from castellan_audit_node'],
  ['castellan_audit_node', 'insert or replace into castellan_audit_node select * from castellan_audit_node'],
  ['castellan_audit_checkpoint', 'update castellan_audit_checkpoint set note = note'],
  ['castellan_audit_checkpoint', 'delete from castellan_audit_checkpoint'],
  [
    'castellan_audit_checkpoint',
    'insert or replace into castellan_audit_checkpoint select * from castellan_audit_checkpoint',
  ],
])('keeps %s append-only: %s', async (table, statement) => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.fill(2)

  expect(() => world.tamper(statement)).toThrow(`${table} is append-only`)
})

test('refuses every update of a waiting event but the one that numbers it', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.log.appendAlone(draft())
  const columns = Object.keys((await events(world))[0] ?? {}).filter((name) => name !== 'sequence')
  expect(columns.length).toBeGreaterThan(20)

  for (const column of columns) {
    const statement = `update castellan_audit_event set sequence = 1, ${column} = 99`
    expect(() => world.tamper(statement), column).toThrow('append-only')
  }
  expect(() => world.tamper('update castellan_audit_event set sequence = 1')).not.toThrow()
})

test('folds the same read by the same principal within a minute', async () => {
  await using world = await openLog()
  const read = draft({ kind: 'record.read', action: 'orders.read' })

  const first = await world.log.appendRead(read, '42')
  world.now += 59_999
  const second = await world.log.appendRead(read, '42')
  const elsewhere = await world.log.appendRead(read, '43')
  const byAnother = await world.log.appendRead({ ...read, principal: { ...read.principal, id: 'ben' } }, '42')
  world.now += 1
  const later = await world.log.appendRead(read, '42')

  expect([first, second, elsewhere, byAnother, later].map((id) => id !== null)).toEqual([
    true,
    false,
    true,
    true,
    true,
  ])
})

test('says with the next event of a read how many were folded', async () => {
  await using world = await openLog()
  const read = draft({ kind: 'record.read', action: 'orders.read', details: { view: 'short' } })

  const ids = [await world.log.appendRead(read, '42')]
  for (let again = 0; again < 3; again += 1) await world.log.appendRead(read, '42')
  for (let later = 0; later < 2; later += 1) {
    world.now += 60_000
    ids.push(await world.log.appendRead(read, '42'))
  }

  const found = await Promise.all(ids.map((id) => world.log.find(id ?? '')))
  expect(found.map((one) => one?.event.details)).toEqual([
    { view: 'short' },
    { view: 'short', folded: 3 },
    { view: 'short' },
  ])
})

test('records reads again when the clock was set back by more than a minute', async () => {
  await using world = await openLog()
  await world.log.appendRead(draft({ kind: 'record.read' }), 'orders 42')

  world.now -= 60_000

  expect(await world.log.appendRead(draft({ kind: 'record.read' }), 'orders 42')).not.toBeNull()
  expect(await world.log.appendRead(draft({ kind: 'record.read' }), 'orders 42')).toBeNull()
})

test('does not fold a read into one whose event did not commit', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  const read = draft({ kind: 'record.read', action: 'orders.read' })
  world.tamper('alter table castellan_audit_event rename to hidden')
  await expect(world.log.appendRead(read, '42')).rejects.toThrow()
  world.tamper('alter table hidden rename to castellan_audit_event')

  expect(await world.log.appendRead(read, '42')).not.toBeNull()
})

test('says how much waits for a checkpoint and since when', async () => {
  await using world = await openLog()
  await world.log.appendAlone(draft())
  world.now += 5_000
  await world.log.appendAlone(draft())

  expect(await world.log.backlog()).toEqual({ waiting: 2, oldestAt: '2026-11-21T10:00:00.000000Z' })
  await world.log.seal()
  expect(await world.log.backlog()).toEqual({ waiting: 0, oldestAt: null })
})

test('keeps what could break a line or a reader in one line', async () => {
  await using world = await openLog()
  const label = 'Eve\r\n{"event":{}}\u001b[2J\u0000\u202e\ud800'

  const id = await world.log.appendAlone(
    draft({ principal: { ...draft().principal, label }, target: { model: 'orders', key: '42', label } }),
  )

  const [row] = await events(world)
  const { event } = (await world.log.find(id)) ?? {}
  expect(row?.event).not.toMatch(/\p{Cc}/u)
  expect(event?.principal.label).toBe(label.toWellFormed().replace('\0', '\ufffd'))
})

/** A second log over the same store, whose timer the test turns. */
async function startTimer({ store, keys }: LogWorld) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const errors: unknown[] = []
  const log = createAuditLog({
    store,
    keys,
    clock: () => NOW,
    randomBytes,
    node: 'timer',
    version: '0.0.0',
    onError: (error) => errors.push(error),
  })
  return {
    errors,
    async tick(count: number) {
      for (let index = 0; index < count; index += 1) {
        vi.advanceTimersToNextTimer()
        // SQLite answers at once on this thread, so what a tick starts is done with the present turn.
        await setImmediate()
      }
    },
    async stop() {
      await log.close()
      vi.useRealTimers()
    },
  }
}

async function sequences(world: LogWorld): Promise<readonly (number | null)[]> {
  return (await events(world)).map(({ sequence }) => (sequence === null ? null : Number(sequence)))
}

function events({ database }: LogWorld) {
  return inStore(database.now).selectFrom('castellan_audit_event').selectAll().orderBy('entry').execute()
}

function checkpointsOf({ database }: LogWorld) {
  return inStore(database.now)
    .selectFrom('castellan_audit_checkpoint')
    .selectAll()
    .orderBy('number')
    .execute()
}

function pick<T extends object, K extends keyof T>(value: T, names: readonly K[]): Partial<T> {
  const picked: Partial<T> = {}
  for (const name of names) picked[name] = value[name]
  return picked
}
