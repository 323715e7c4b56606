/** Makes the tables of facts about the installation and of its keys. */

import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migration.ts'

export const foundationMigration: Migration = {
  name: '0001-foundation',
  async up(connection) {
    await installation(connection)
    await keys(connection)
  },
}

async function installation(connection: Kysely<unknown>): Promise<void> {
  await connection.schema
    .createTable('castellan_meta')
    .addColumn('name', 'varchar(64)', (column) => column.primaryKey().notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  // An id and no secret, so the engine's own generator will do.
  await sql`insert into castellan_meta (name, value) values ('installation', lower(hex(randomblob(16))))`.execute(
    connection,
  )
}

async function keys({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_key')
    .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
    .addColumn('purpose', 'varchar(16)', (column) =>
      column.notNull().check(sql`purpose in ('access', 'checkpoint', 'seal', 'credential', 'subject')`),
    )
    .addColumn('state', 'varchar(16)', (column) =>
      column.notNull().check(sql`state in ('next', 'active', 'retiring')`),
    )
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('public_key', 'blob')
    .addColumn('wrapped', 'blob', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('castellan_key_ring')
    .on('castellan_key')
    .columns(['purpose', 'state'])
    .unique()
    .where(sql.ref('state'), 'in', sql`('next', 'active')`)
    .execute()
}
