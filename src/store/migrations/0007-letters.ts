/** Makes the tables of what goes out by mail: one-time links, the queue of letters, and registrations that wait. */

import { makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const lettersMigration: Migration = {
  name: '0007-letters',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_link',
      columns: (table) =>
        table
          .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('purpose', 'varchar(16)', (column) => column.notNull())
          .addColumn('person_id', 'varchar(32)', (column) => referring(make, column, 'castellan_person.id'))
          .addColumn('secret', types.longText)
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull()),
      indexes: [{ name: 'castellan_link_person', columns: ['person_id'], onMysql: null }],
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
    await makeTable(make, {
      name: 'castellan_letter',
      columns: (table) =>
        table
          .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
          .addColumn('secret', types.longText, (column) => column.notNull())
          .addColumn('attempts', 'integer', (column) => column.notNull())
          .addColumn('due_at', types.instant, (column) => column.notNull())
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull()),
      indexes: [{ name: 'castellan_letter_due', columns: ['due_at'] }],
    })
    await makeTable(make, {
      name: 'castellan_registration',
      columns: (table) =>
        table
          .addColumn('person_id', 'varchar(32)', (column) =>
            referring(make, column.primaryKey().notNull(), 'castellan_person.id'),
          )
          .addColumn('registered_at', types.instant, (column) => column.notNull()),
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
  },
}
