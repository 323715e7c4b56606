/** The proof of one event from the tables of the log, in a few point reads however long it is. */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { inStore } from '../store/tables.ts'
import { proofOf } from './proof.ts'
import { formatProof } from './proof-file.ts'
import type { Wanted } from './prove.ts'

/** The id of the event. @throws AdminError `not-found`. */
export async function eventId(connection: Connection, wanted: Wanted): Promise<string> {
  const [column, value] =
    'sequence' in wanted ? (['sequence', wanted.sequence] as const) : (['id', wanted.id] as const)
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('id')
    .where(column, '=', value)
    .executeTakeFirst()
  if (row) return row.id
  throw new AdminError('not-found', `The log has no event ${value}.`)
}

/** The file that proves it. @throws AdminError `not-found` when no checkpoint covers it yet. */
export async function eventProof(connection: Connection, id: string): Promise<string> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(['event', 'sequence'])
    .where('id', '=', id)
    .executeTakeFirst()
  const proof = row && row.sequence !== null ? await proofOf(connection, Number(row.sequence)) : null
  if (row && proof) return formatProof(Buffer.from(row.event), proof)
  throw new AdminError('not-found', `No checkpoint covers the event ${id} yet. Try again in a second.`)
}
