import { expect, test } from 'vitest'
import { openSqlite } from '../database/sqlite/sqlite.ts'
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
