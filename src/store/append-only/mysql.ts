/**
 * Triggers that keep the log append-only on MariaDB and MySQL.
 *
 * They stop mistakes and whoever has only the application's rights. TRUNCATE
 * fires none: events are safe from it because other rows refer to them, and for
 * the rest the right to DROP decides. Whoever has it can drop the triggers as
 * well; then the tree and the checkpoints tell.
 */

import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { StoreTables } from '../tables.ts'

/** Every column of an event but its sequence; `<=>` is equality that knows NULL. */
const KEPT = [
  'entry',
  'id',
  'occurred_at',
  'principal_kind',
  'principal_id',
  'principal_label',
  'session',
  'action',
  'kind',
  'severity',
  'model',
  'record_key',
  'record_label',
  'outcome',
  'is_change',
  'code',
  'reason',
  'ticket',
  'address',
  'request_id',
  'event',
  'leaf',
] as const

export async function appendOnlyOnMysql(store: Kysely<StoreTables>): Promise<void> {
  const isKept = sql.join(
    KEPT.map((column) => sql`new.${sql.ref(column)} <=> old.${sql.ref(column)}`),
    sql` and `,
  )
  await refuse(store, 'castellan_audit_event', 'insert', sql`new.sequence is not null`)
  await refuse(
    store,
    'castellan_audit_event',
    'update',
    sql`old.sequence is not null or new.sequence is null or not (${isKept})`,
  )
  await refuse(store, 'castellan_audit_event', 'delete', sql`true`)
  for (const table of ['castellan_audit_node', 'castellan_audit_checkpoint']) {
    await refuse(store, table, 'update', sql`true`)
    await refuse(store, table, 'delete', sql`true`)
  }
}

async function refuse(
  store: Kysely<StoreTables>,
  table: string,
  verb: 'insert' | 'update' | 'delete',
  when: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    create trigger if not exists ${sql.id(`${table}_${verb}`)} before ${sql.raw(verb)} on ${sql.id(table)}
    for each row if ${when} then
      signal sqlstate '45000' set message_text = ${sql.lit(`${table} is append-only`)};
    end if`.execute(store)
}
