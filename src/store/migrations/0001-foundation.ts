/** Makes the tables of facts about the installation and of its keys. */

import { type RawBuilder, sql } from 'kysely'
import { INSTANT_DOMAIN } from '../column-types.ts'
import { type Making, makeTable } from '../make-table.ts'
import type { Migration } from '../migration.ts'
import type { Family } from '../tables.ts'

/** 32 hex digits. An id and no secret, so the engine's own generator will do. */
const NEW_ID: Readonly<Record<Family, RawBuilder<string>>> = {
  sqlite: sql`lower(hex(randomblob(16)))`,
  postgres: sql`replace(cast(gen_random_uuid() as text), '-', '')`,
  mysql: sql`lower(hex(random_bytes(16)))`,
}

export const foundationMigration: Migration = {
  name: '0001-foundation',
  async up(make) {
    if (make.family === 'postgres') await instants(make)
    await installation(make)
    await keys(make)
  },
}

async function instants({ store }: Making): Promise<void> {
  await sql`
    create domain ${INSTANT_DOMAIN} as text collate "C"
    check (value ~ '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.(\\d{3}|\\d{6})Z$')`.execute(store)
}

async function installation(make: Making): Promise<void> {
  const { store, family } = make
  await makeTable(make, {
    name: 'castellan_meta',
    columns: (table) =>
      table
        .addColumn('name', 'varchar(64)', (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull()),
  })
  const name = 'installation'
  const insert = store.insertInto('castellan_meta').values({ name, value: NEW_ID[family] })
  // made by a migration that was cut off, it stays
  await (family === 'mysql' ? insert.onDuplicateKeyUpdate({ name }) : insert).execute()
}

async function keys(make: Making): Promise<void> {
  const { family, types } = make
  await makeTable(make, {
    name: 'castellan_key',
    columns: (table) => {
      const made = table
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
        .addColumn('purpose', 'varchar(16)', (column) =>
          column.notNull().check(sql`purpose in ('access', 'checkpoint', 'seal', 'credential', 'subject')`),
        )
        .addColumn('state', 'varchar(16)', (column) =>
          column.notNull().check(sql`state in ('next', 'active', 'retiring')`),
        )
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('public_key', types.bytes)
        .addColumn('wrapped', types.bytes, (column) => column.notNull())
      // what an index over some of the rows does elsewhere: NULLs are never equal
      return family === 'mysql'
        ? made.addColumn('ring', 'varchar(16)', (column) =>
            column.generatedAlwaysAs(sql`case when state in ('next', 'active') then state end`).stored(),
          )
        : made
    },
    indexes: [
      {
        name: 'castellan_key_ring',
        columns: ['purpose', 'state'],
        isUnique: true,
        where: sql<boolean>`${sql.ref('state')} in ('next', 'active')`,
        onMysql: ['purpose', 'ring'],
      },
    ],
  })
}
