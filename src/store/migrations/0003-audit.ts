/**
 * Makes the tables of the audit log and the triggers that keep them append-only.
 *
 * The triggers stop mistakes and whoever has only the application's rights. An
 * owner of the database can drop them; then the tree and the checkpoints tell.
 */

import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migration.ts'

export const auditMigration: Migration = {
  name: '0003-audit',
  async up(connection) {
    await events(connection)
    await tree(connection)
    await sealed(connection)
    await eventTriggers(connection)
    for (const table of ['castellan_audit_node', 'castellan_audit_checkpoint']) {
      await appendOnly(connection, table)
    }
  },
}

async function events({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_audit_event')
    .addColumn('entry', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'varchar(32)', (column) => column.notNull().unique())
    .addColumn('sequence', 'bigint', (column) => column.unique())
    .addColumn('occurred_at', 'timestamptz', (column) => column.notNull())
    .addColumn('principal_kind', 'text', (column) => column.notNull())
    .addColumn('principal_id', 'text', (column) => column.notNull())
    .addColumn('principal_label', 'text', (column) => column.notNull())
    .addColumn('session', 'text')
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('record_key', 'text')
    .addColumn('record_label', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('is_change', 'boolean', (column) => column.notNull())
    .addColumn('code', 'text')
    .addColumn('reason', 'text')
    .addColumn('ticket', 'text')
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('leaf', 'blob', (column) => column.notNull())
    .execute()

  const index = (name: string, columns: string[]) =>
    schema.createIndex(`castellan_audit_event_${name}`).on('castellan_audit_event').columns(columns).execute()
  await index('time', ['occurred_at', 'id'])
  await index('principal', ['principal_id', 'occurred_at'])
  await index('record', ['model', 'record_key', 'is_change', 'entry'])
  await index('kind', ['kind', 'occurred_at'])
  await schema
    .createIndex('castellan_audit_event_waiting')
    .on('castellan_audit_event')
    .column('entry')
    .where(sql.ref('sequence'), 'is', null)
    .execute()
}

async function tree({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_audit_node')
    .addColumn('level', 'integer', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('castellan_audit_node_key', ['level', 'position'])
    .modifyEnd(sql`without rowid`)
    .execute()
  await schema
    .createTable('castellan_audit_checkpoint')
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('root', 'blob', (column) => column.notNull())
    .addColumn('issued_at', 'timestamptz', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .execute()
}

async function sealed({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_audit_subject')
    .addColumn('subject', 'text', (column) => column.primaryKey().notNull())
    .addColumn('key_id', 'varchar(32)', (column) => column.notNull())
    .addColumn('wrapped', 'blob', (column) => column.notNull())
    .execute()
  await schema
    .createTable('castellan_audit_sealed')
    .addColumn('event_id', 'varchar(32)', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('side', 'varchar(8)', (column) => column.notNull().check(sql`side in ('before', 'after')`))
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('ciphertext', 'blob', (column) => column.notNull())
    .addPrimaryKeyConstraint('castellan_audit_sealed_key', ['event_id', 'position', 'side'])
    .execute()
}

/**
 * `INSERT OR REPLACE` deletes without firing a delete trigger, so an insert over
 * an existing row is refused by itself.
 */
async function eventTriggers(connection: Kysely<unknown>): Promise<void> {
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

async function appendOnly(connection: Kysely<unknown>, table: string): Promise<void> {
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

async function refuse(connection: Kysely<unknown>, table: string, verb: 'update' | 'delete'): Promise<void> {
  const event = verb === 'update' ? sql`update` : sql`delete`
  await sql`
    create trigger ${sql.id(`${table}_${verb}`)} before ${event} on ${sql.id(table)}
    begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`.execute(connection)
}
