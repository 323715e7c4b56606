/** Makes the tables of what is known of the application's databases. */

import { makeTable } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const knownFieldsMigration: Migration = {
  name: '0005-known-fields',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_source',
      columns: (table) =>
        table
          .addColumn('id', types.text(64), (column) => column.primaryKey().notNull())
          .addColumn('fingerprint', 'varchar(64)', (column) => column.notNull())
          .addColumn('seen_at', types.instant, (column) => column.notNull()),
    })
    await makeTable(make, {
      name: 'castellan_field',
      columns: (table) =>
        table
          .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
          .addColumn('source', types.text(64), (column) => column.notNull())
          .addColumn('model', types.longText, (column) => column.notNull())
          .addColumn('field', types.longText, (column) => column.notNull())
          .addColumn('type', types.longText, (column) => column.notNull())
          .addColumn('guess', 'varchar(16)', (column) => column.notNull())
          .addColumn('sensitivity', 'varchar(16)')
          .addColumn('decided_by', types.longText)
          .addColumn('found_at', types.instant, (column) => column.notNull())
          .addColumn('decided_at', types.instant),
    })
  },
}
