/** Makes the tables of passkeys and of the challenges that were answered; a sign-in under way says what was proven. */

import { addColumn, jsonOf, makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const passkeysMigration: Migration = {
  name: '0006-passkeys',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_passkey',
      columns: (table) =>
        table
          .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
          .addColumn('person_id', 'varchar(32)', (column) =>
            referring(make, column.notNull(), 'castellan_person.id'),
          )
          .addColumn('credential_hash', 'varchar(64)', (column) => column.notNull().unique())
          .addColumn('credential_id', types.longText, (column) => column.notNull())
          .addColumn('public_key', types.longText, (column) => column.notNull())
          .addColumn('seal_hash', 'varchar(128)', (column) => column.notNull())
          .addColumn('name', 'varchar(100)', (column) => column.notNull())
          .addColumn('counter', 'bigint', (column) => column.notNull())
          .addColumn('is_device_bound', 'boolean', (column) => column.notNull())
          .addColumn('is_backed_up', 'boolean', (column) => column.notNull())
          .addColumn('transports', types.json, (column) => jsonOf(make, column.notNull(), 'transports'))
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('used_at', types.instant),
      indexes: [{ name: 'castellan_passkey_person', columns: ['person_id'] }],
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
    await makeTable(make, {
      name: 'castellan_used_challenge',
      columns: (table) =>
        table
          .addColumn('challenge_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull()),
    })
    await addColumn(make, { table: 'castellan_pending_sign_in', column: 'proven', type: 'varchar(200)' })
  },
}
