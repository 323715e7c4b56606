/** Makes the table of how far each sink of the audit log has come. */

import { makeTable } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const auditSinksMigration: Migration = {
  name: '0012-audit-sinks',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_audit_sink',
      columns: (table) =>
        table
          .addColumn('name', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('sequence', 'bigint', (column) => column.notNull())
          .addColumn('attempts', 'integer', (column) => column.notNull())
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('due_at', types.instant, (column) => column.notNull())
          .addColumn('failing_since', types.instant)
          .addColumn('alarmed_at', types.instant),
    })
  },
}
