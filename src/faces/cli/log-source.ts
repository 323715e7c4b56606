/** Where a command reads a log from: the folder of an export, or the store's database, opened to read and nothing else. */

import { type AnchorsRead, NO_ANCHORS, readAnchors } from '../../audit/anchor/read-anchors.ts'
import { folderReader } from '../../audit/folder-reader.ts'
import type { LogReader } from '../../audit/log-reader.ts'
import { type Given, type Installation, UsageError, type Workshop } from './command.ts'
import { storeInstallationOf } from './installation.ts'

/**
 * Reads with no secret and without a running admin: whoever audits has neither.
 * @throws AdminError `not-found` when there is no log; `misconfigured` when there is no database.
 */
export async function withLog<Result>(
  given: Given,
  workshop: Workshop,
  work: (reader: LogReader, anchors: AnchorsRead) => Promise<Result>,
): Promise<Result> {
  const folder = given.text('from')
  if (folder === undefined) return await withStore(await storeInstallationOf(given, workshop), workshop, work)
  refuseBoth(given)
  return await work(folderReader(folder), NO_ANCHORS)
}

/** @throws UsageError where a database is named beside an export. */
export function refuseBoth(given: Given): void {
  if (['database', 'store', 'config'].some((option) => given.has(option))) {
    throw new UsageError('Name either --from or a database, not both.')
  }
}

/** The log that is in the store of that installation, and what its anchors hold. */
export async function withStore<Result>(
  installation: Installation,
  workshop: Workshop,
  work: (reader: LogReader, anchors: AnchorsRead) => Promise<Result>,
): Promise<Result> {
  // loaded on use: an export in a folder is read without a database, and other commands read no log
  const { databaseReader } = await import('../../audit/database-reader.ts')
  const database = await workshop.openStore(installation)
  try {
    // before the log: it may only grow meanwhile, and an anchor must never be ahead of what is read
    const anchors = await workshop.anchorsOf(installation)
    const read = anchors.length === 0 ? NO_ANCHORS : await readAnchors(database.now, anchors)
    return await work(await databaseReader(database.now), read)
  } finally {
    await database.close()
  }
}
