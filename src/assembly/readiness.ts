/**
 * Whether an admin can do its work right now, for probes that come without a session.
 *
 * Asked by point reads, which wait for no lane: a server that is busy with slow
 * lists is ready all the same. And however often it is asked, each database is
 * asked once at a time: nobody holds its connections by knocking.
 */

import type { Database } from '../database/database.ts'
import { timeLimit } from '../database/time-limit.ts'

export interface ReadinessParts {
  readonly audit: { backlog(): Promise<{ readonly waiting: number }> }
  /** Every database that requests depend on, the own tables' included. */
  readonly databases: readonly Pick<Database, 'now'>[]
  readonly own: Pick<Database, 'isReadOnly'>
}

/** With so many events waiting to be sealed, the log has fallen behind for good. */
const BACKLOG_LIMIT = 100_000
/** An answer that comes later is none. */
const READY_MS = 2_000

/** Store, sources and sequencer, asked when it is called; who calls meanwhile gets the same answer. */
export function readiness(parts: ReadinessParts): () => Promise<boolean> {
  let asking: Promise<boolean> | null = null
  return () => {
    asking ??= isReady(parts).finally(() => {
      asking = null
    })
    return asking
  }
}

async function isReady({ audit, databases, own }: ReadinessParts): Promise<boolean> {
  if (own.isReadOnly) return false
  const limit = timeLimit('Asking whether all is ready', READY_MS)
  try {
    await limit.within(Promise.all(databases.map(({ now }) => answers(now))))
    return (await limit.within(audit.backlog())).waiting < BACKLOG_LIMIT
  } catch {
    // whatever keeps a database from answering is the same to a probe, and is told to whoever needs the database
    return false
  } finally {
    limit.end()
  }
}

function answers(now: Database['now']): Promise<unknown> {
  return now.selectNoFrom(({ lit }) => lit(1).as('one')).execute()
}
