/** Makes the tables of agents, which act for people, and of what people were reminded of. */

import { jsonOf, makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const agentsMigration: Migration = {
  name: '0010-agents',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_agent',
      columns: (table) =>
        table
          .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
          .addColumn('person_id', 'varchar(32)', (column) =>
            referring(make, column.notNull(), 'castellan_person.id'),
          )
          .addColumn('name', 'varchar(100)', (column) => column.notNull())
          .addColumn('token_hash', 'varchar(64)', (column) => column.notNull().unique())
          .addColumn('actions', types.json, (column) => jsonOf(make, column.notNull(), 'actions'))
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull())
          .addColumn('last_used_at', types.instant)
          .addColumn('revoked_at', types.instant),
      indexes: [{ name: 'castellan_agent_person', columns: ['person_id', 'created_at'] }],
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
    await makeTable(make, {
      name: 'castellan_reminder',
      columns: (table) =>
        table
          .addColumn('about_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull()),
      indexes: [{ name: 'castellan_reminder_expiry', columns: ['expires_at'] }],
    })
  },
}
