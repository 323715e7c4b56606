/**
 * Triggers that keep the log append-only on SQLite.
 *
 * They stop mistakes and whoever has only the application's rights. An owner of
 * the database can drop them; then the tree and the checkpoints tell.
 */

import { type Kysely, sql } from 'kysely'
import type { StoreTables } from '../tables.ts'

export async function appendOnlyOnSqlite(store: Kysely<StoreTables>): Promise<void> {
  await eventTriggers(store)
  for (const table of ['castellan_audit_node', 'castellan_audit_checkpoint']) await appendOnly(store, table)
}

/**
 * `INSERT OR REPLACE` deletes without firing a delete trigger, so an insert over
 * an existing row is refused by itself.
 */
async function eventTriggers(connection: Kysely<StoreTables>): Promise<void> {
  await sql`
    create trigger castellan_audit_event_insert before insert on castellan_audit_event
    when new.sequence is not null
      or exists (select 1 from castellan_audit_event where id = new.id or entry = new.entry)
    begin select raise(abort, 'castellan_audit_event is append-only'); end`.execute(connection)
  await sql`
    create trigger castellan_audit_event_update before update on castellan_audit_event
    when old.sequence is not null or new.sequence is null
      or exists (select 1 from castellan_audit_event where sequence = new.sequence)
      or new.entry is not old.entry or new.id is not old.id or new.occurred_at is not old.occurred_at
      or new.principal_kind is not old.principal_kind or new.principal_id is not old.principal_id
      or new.principal_label is not old.principal_label or new.session is not old.session
      or new.action is not old.action or new.kind is not old.kind or new.severity is not old.severity
      or new.model is not old.model or new.record_key is not old.record_key
      or new.record_label is not old.record_label or new.outcome is not old.outcome
      or new.is_change is not old.is_change
      or new.code is not old.code or new.reason is not old.reason or new.ticket is not old.ticket
      or new.address is not old.address or new.request_id is not old.request_id
      or new.event is not old.event or new.leaf is not old.leaf
    begin select raise(abort, 'castellan_audit_event is append-only'); end`.execute(connection)
  await refuse(connection, 'castellan_audit_event', 'delete')
}

async function appendOnly(connection: Kysely<StoreTables>, table: string): Promise<void> {
  const name = sql.id(`${table}_insert`)
  const isThere =
    table === 'castellan_audit_node'
      ? sql`level = new.level and position = new.position`
      : sql`number = new.number`
  await sql`
    create trigger ${name} before insert on ${sql.id(table)}
    when exists (select 1 from ${sql.id(table)} where ${isThere})
    begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`.execute(connection)
  await refuse(connection, table, 'update')
  await refuse(connection, table, 'delete')
}

async function refuse(
  connection: Kysely<StoreTables>,
  table: string,
  verb: 'update' | 'delete',
): Promise<void> {
  const event = verb === 'update' ? sql`update` : sql`delete`
  await sql`
    create trigger ${sql.id(`${table}_${verb}`)} before ${event} on ${sql.id(table)}
    begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`.execute(connection)
}
