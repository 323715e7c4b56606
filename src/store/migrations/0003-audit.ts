/** Makes the tables of the audit log; what keeps them append-only is made by `../append-only/`. */

import { sql } from 'kysely'
import { appendOnlyOnMysql } from '../append-only/mysql.ts'
import { appendOnlyOnPostgres } from '../append-only/postgres.ts'
import { appendOnlyOnSqlite } from '../append-only/sqlite.ts'
import { type Making, makeTable } from '../make-table.ts'
import type { Migration } from '../migration.ts'

/** What `audit/cut.ts` leaves of a label or a code, its note included. */
const LABEL = 640
const CODE = 320
const WORD = 64
/** How much of the names of a model and of a record MariaDB and MySQL index. */
const INDEXED = 300

export const auditMigration: Migration = {
  name: '0003-audit',
  async up(make) {
    await events(make)
    await tree(make)
    await sealed(make)
    await APPEND_ONLY[make.family](make.store)
  },
}

const APPEND_ONLY = {
  sqlite: appendOnlyOnSqlite,
  postgres: appendOnlyOnPostgres,
  mysql: appendOnlyOnMysql,
} as const

async function events(make: Making): Promise<void> {
  const { types } = make
  const { text } = types
  await makeTable(make, {
    name: 'castellan_audit_event',
    columns: (table) =>
      table
        .addColumn('entry', types.entry, (column) => column.primaryKey())
        .addColumn('id', 'varchar(32)', (column) => column.notNull().unique())
        .addColumn('sequence', 'bigint', (column) => column.unique())
        .addColumn('occurred_at', types.instant, (column) => column.notNull())
        .addColumn('principal_kind', text(CODE), (column) => column.notNull())
        .addColumn('principal_id', text(LABEL), (column) => column.notNull())
        .addColumn('principal_label', text(LABEL), (column) => column.notNull())
        .addColumn('session', text(LABEL))
        .addColumn('action', text(CODE), (column) => column.notNull())
        .addColumn('kind', text(WORD), (column) => column.notNull())
        .addColumn('severity', text(WORD), (column) => column.notNull())
        .addColumn('model', text(LABEL))
        .addColumn('record_key', text(LABEL))
        .addColumn('record_label', text(LABEL))
        .addColumn('outcome', text(WORD), (column) => column.notNull())
        .addColumn('is_change', 'boolean', (column) => column.notNull())
        .addColumn('code', text(CODE))
        .addColumn('reason', types.longText)
        .addColumn('ticket', text(CODE))
        .addColumn('address', text(CODE), (column) => column.notNull())
        .addColumn('request_id', text(CODE), (column) => column.notNull())
        .addColumn('event', types.longText, (column) => column.notNull())
        .addColumn('leaf', types.bytes, (column) => column.notNull()),
    indexes: [
      { name: 'castellan_audit_event_time', columns: ['occurred_at', 'id'] },
      { name: 'castellan_audit_event_principal', columns: ['principal_id', 'occurred_at'] },
      {
        name: 'castellan_audit_event_record',
        columns: ['model', 'record_key', 'is_change', 'entry'],
        // an index key has at most 3,072 bytes, and each character may have four
        onMysql: [
          sql`${sql.ref('model')}(${sql.lit(INDEXED)})`,
          sql`${sql.ref('record_key')}(${sql.lit(INDEXED)})`,
          'is_change',
          'entry',
        ],
      },
      { name: 'castellan_audit_event_kind', columns: ['kind', 'occurred_at'] },
      {
        name: 'castellan_audit_event_waiting',
        columns: ['entry'],
        where: sql<boolean>`${sql.ref('sequence')} is null`,
        // the index over `sequence` ends in the primary key, which is what waiting events are sorted by
        onMysql: null,
      },
    ],
  })
}

async function tree(make: Making): Promise<void> {
  const { types, family } = make
  await makeTable(make, {
    name: 'castellan_audit_node',
    columns: (table) => {
      const made = table
        .addColumn('level', 'integer', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('hash', types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('castellan_audit_node_key', ['level', 'position'])
      return family === 'sqlite' ? made.modifyEnd(sql`without rowid`) : made
    },
  })
  await makeTable(make, {
    name: 'castellan_audit_checkpoint',
    columns: (table) =>
      table
        .addColumn('number', 'integer', (column) => column.primaryKey())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('root', types.bytes, (column) => column.notNull())
        .addColumn('issued_at', types.instant, (column) => column.notNull())
        .addColumn('note', types.longText, (column) => column.notNull()),
  })
}

async function sealed(make: Making): Promise<void> {
  const { types } = make
  // `audit/subject-key.ts` bounds it
  const subject = types.text(LABEL + WORD)
  await makeTable(make, {
    name: 'castellan_audit_subject',
    columns: (table) =>
      table
        .addColumn('subject', subject, (column) => column.primaryKey().notNull())
        .addColumn('key_id', 'varchar(32)', (column) => column.notNull())
        .addColumn('wrapped', types.bytes, (column) => column.notNull()),
  })
  await makeTable(make, {
    name: 'castellan_audit_sealed',
    columns: (table) =>
      table
        .addColumn('event_id', 'varchar(32)', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('side', 'varchar(8)', (column) => column.notNull().check(sql`side in ('before', 'after')`))
        .addColumn('subject', subject, (column) => column.notNull())
        .addColumn('ciphertext', types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('castellan_audit_sealed_key', ['event_id', 'position', 'side']),
    // a table that is referred to can't be truncated
    foreignKeysOnMysql: [{ column: 'event_id', to: ['castellan_audit_event', 'id'] }],
  })
}
