/** Giving events their numbers: the one update that the log's triggers let through. */

import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../database/database.ts'
import { type Family, familyOf, inStore } from '../store/tables.ts'

type Entry = number | bigint

/**
 * Numbers exactly those events, in their order, from `size + 1` on.
 *
 * They are named one by one where there are several writers: an event that commits between the look
 * for what waits and this statement must wait for the next batch, or two would get the same number.
 * @throws Error when one of them was numbered meanwhile: somebody works past the lock.
 */
export async function number(connection: Connection, entries: readonly Entry[], size: number): Promise<void> {
  const statement = STATEMENTS[familyOf(connection)](entries, size)
  const { numAffectedRows } = await statement.execute(inStore(connection))
  if (numAffectedRows !== BigInt(entries.length)) {
    throw new Error(`Numbered ${numAffectedRows} audit events where ${entries.length} were waiting.`)
  }
}

const EVENTS = sql.table('castellan_audit_event')

const STATEMENTS: Readonly<Record<Family, (entries: readonly Entry[], size: number) => RawBuilder<unknown>>> =
  {
    // one writer: what was waiting still is, and nothing else
    sqlite: (entries, size) => sql`
      update ${EVENTS} set sequence = ${size} + waiting.place
      from (
        select entry as waiting_entry, row_number() over (order by entry) as place
        from ${EVENTS} where sequence is null and entry <= ${entries.at(-1)}
      ) as waiting
      where entry = waiting.waiting_entry`,
    postgres: (entries, size) => sql`
      update ${EVENTS} as event set sequence = ${size} + waiting.place
      from unnest(cast(${`{${entries.join(',')}}`} as bigint[])) with ordinality as waiting (entry, place)
      where event.entry = waiting.entry and event.sequence is null`,
    // by the primary key and no other way: what others are about to commit is locked, and not looked at
    mysql: (entries, size) => sql`
      update json_table(${`[${entries.join(',')}]`}, '$[*]'
        columns (place for ordinality, entry bigint path '$')) as waiting
      straight_join ${EVENTS} as event force index (primary) on event.entry = waiting.entry
      set event.sequence = ${size} + waiting.place`,
  }
