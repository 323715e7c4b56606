/** Makes the table of what anchors have kept of the log. */

import { makeTable } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const anchorsMigration: Migration = {
  name: '0011-anchors',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_audit_anchor',
      columns: (table) =>
        table
          .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
          .addColumn('label', types.longText, (column) => column.notNull())
          .addColumn('number', 'integer', (column) => column.notNull())
          .addColumn('size', 'bigint', (column) => column.notNull())
          .addColumn('note', types.longText)
          .addColumn('kept_at', types.instant)
          .addColumn('code', 'varchar(64)')
          .addColumn('failing_since', types.instant)
          .addColumn('alarmed_at', types.instant)
          .addColumn('due_at', types.instant, (column) => column.notNull()),
    })
  },
}
