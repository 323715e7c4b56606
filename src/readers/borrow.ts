/** The database behind a driver's pool that the application has made. */

import type { Database } from '../database/database.ts'
import type { MysqlPool } from '../database/mysql/link.ts'
import type { BorrowedInstance } from '../database/pglite/pglite.ts'
import type { BorrowedPool } from '../database/postgres/postgres.ts'
import { misconfigured } from '../errors.ts'

/**
 * @param pool A `pg.Pool`, a pool of `mysql2` or `mysql2/promise`, or a PGlite instance.
 * @param from Whose it is, for messages: `Drizzle`.
 * @throws AdminError `misconfigured` with D160 for anything else.
 */
export async function borrow(pool: unknown, from: string): Promise<Database> {
  // each is told by a method that only it has; that is all there is to tell them by
  if (has(pool, 'execProtocolRaw')) {
    const { openPglite } = await import('../database/pglite/pglite.ts')
    return await openPglite({ instance: pool as BorrowedInstance['instance'] })
  }
  // a pool of pg has `connect`, one of mysql2 has `getConnection` alone
  if (has(pool, 'connect')) {
    const { openPostgres } = await import('../database/postgres/postgres.ts')
    return await openPostgres({ pool: pool as BorrowedPool['pool'] })
  }
  if (has(pool, 'getConnection')) {
    const { openMysql } = await import('../database/mysql/mysql.ts')
    return await openMysql({ pool: pool as MysqlPool })
  }
  throw misconfigured([
    {
      id: 'D160',
      place: from,
      problem: 'its connection is none that can be borrowed.',
      remedy: 'Give it a pool of pg or mysql2, or a PGlite; or name the database by its address.',
    },
  ])
}

function has(pool: unknown, method: string): boolean {
  return typeof pool === 'object' && pool !== null && typeof Reflect.get(pool, method) === 'function'
}
