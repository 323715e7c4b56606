import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openSqlite } from '../database/sqlite/sqlite.ts'
import { openKeys } from '../keys/key-ring.ts'
import { createStore } from '../store/store.ts'
import { inStore } from '../store/tables.ts'
import { cleanUp } from './clean-up.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 0, 0)
const MINUTE = 60_000
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString()

test('removes what is past its time, and nothing else', async () => {
  const database = await openSqlite({ file: ':memory:' })
  await createStore(database).migrate()
  await database.write(async (connection) => {
    const store = inStore(connection)
    for (const [id, minutes] of [
      ['over', -1],
      ['live', 1],
    ] as const) {
      const expiring = { expires_at: at(minutes) }
      await store
        .insertInto('castellan_throttle')
        .values({ counter: id, failures: 1, blocked_until: null, ...expiring })
        .execute()
      await store
        .insertInto('castellan_confirmation')
        .values({ id_hash: id, binding_hash: 'x', used_at: null, ...expiring })
        .execute()
    }
  })

  await cleanUp(database, NOW, 30)

  const kept = inStore(database.now)
  expect(await kept.selectFrom('castellan_throttle').select('counter').execute()).toEqual([
    { counter: 'live' },
  ])
  expect(await kept.selectFrom('castellan_confirmation').select('id_hash').execute()).toEqual([
    { id_hash: 'live' },
  ])
  await database.close()
})

test('removes keys that sign sessions no more a day after they retired, and no others', async () => {
  const database = await openSqlite({ file: ':memory:' })
  const store = createStore(database)
  await store.migrate()
  const keys = await openKeys({
    store,
    secrets: ['a secret for tests, of more than 32 bytes'],
    clock: () => NOW,
    randomBytes,
  })
  const purposes = ['access', 'checkpoint', 'seal', 'credential', 'subject'] as const
  await database.write(async (connection) => {
    for (const purpose of purposes) await keys.rotate(connection, purpose)
  })
  const retiring = async (): Promise<readonly string[]> => {
    const rows = await inStore(database.now)
      .selectFrom('castellan_key')
      .select('purpose')
      .where('state', '=', 'retiring')
      .execute()
    return rows.map(({ purpose }) => purpose).sort()
  }

  await cleanUp(database, NOW + 23 * 60 * MINUTE, 30)
  expect(await retiring()).toEqual([...purposes].sort())

  await cleanUp(database, NOW + 24 * 60 * MINUTE, 30)
  expect(await retiring()).toEqual(['checkpoint', 'credential', 'subject'])
  await database.close()
})
