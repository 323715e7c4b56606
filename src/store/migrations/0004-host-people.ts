/** Makes the table that ties people to records of the application, where the application itself says who they are. */

import { jsonOf, makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const hostPeopleMigration: Migration = {
  name: '0004-host-people',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_host_person',
      columns: (table) =>
        table
          .addColumn('person_id', 'varchar(32)', (column) =>
            referring(make, column.primaryKey().notNull(), 'castellan_person.id'),
          )
          .addColumn('model', types.text(128), (column) => column.notNull())
          .addColumn('record_key', types.text(255), (column) => column.notNull())
          .addColumn('username_canonical', types.text(320), (column) => column.notNull())
          .addColumn('mapped_roles', types.json, (column) => jsonOf(make, column.notNull(), 'mapped_roles'))
          .addUniqueConstraint('castellan_host_person_record', ['model', 'record_key']),
      indexes: [{ name: 'castellan_host_person_username', columns: ['username_canonical'] }],
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
  },
}
