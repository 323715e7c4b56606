/** Where a command reads a log from: the folder of an export, or the store's database, opened to read and nothing else. */

import { folderReader } from '../../audit/folder-reader.ts'
import type { LogReader } from '../../audit/log-reader.ts'
import { parseDatabaseUrl } from '../../database/url.ts'
import { type Given, UsageError, type Workshop } from './command.ts'
import { databaseOf } from './installation.ts'

/**
 * Reads with no secret and without a running admin: whoever audits has neither.
 * @throws AdminError `not-found` when there is no log; `misconfigured` when there is no database.
 */
export async function withLog<Result>(
  given: Given,
  workshop: Workshop,
  work: (reader: LogReader) => Promise<Result>,
): Promise<Result> {
  const folder = given.text('from')
  if (folder === undefined) return await withStore(storeUrl(given, workshop), work)
  if (given.text('database') !== undefined || given.text('store') !== undefined) {
    throw new UsageError('Name either --from or a database, not both.')
  }
  return await work(folderReader(folder))
}

/** The log that is in the store of the named installation. */
export async function withStore<Result>(
  url: string,
  work: (reader: LogReader) => Promise<Result>,
): Promise<Result> {
  const { file } = parseDatabaseUrl(url, 'store')
  // loaded on use: an export in a folder is read without a database, and other commands read no log
  const { openSqlite } = await import('../../database/sqlite/sqlite.ts')
  const { databaseReader } = await import('../../audit/database-reader.ts')
  const database = await openSqlite({ file, readOnly: true })
  try {
    return await work(await databaseReader(database.now))
  } finally {
    await database.close()
  }
}

/** The store's address, which is the database's unless the own tables are elsewhere. */
export function storeUrl(given: Given, workshop: Workshop): string {
  const { environment } = workshop
  const named = given.text('store') ?? environment['CASTELLAN_STORE_URL']
  if (named) return named
  return databaseOf(given, workshop) ?? environment['CASTELLAN_DATABASE_URL'] ?? ''
}
