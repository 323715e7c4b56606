/** Makes the tables of signing in with an OpenID Connect provider. */

import { jsonOf, makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

export const oidcMigration: Migration = {
  name: '0008-oidc',
  async up(make) {
    const { types } = make
    await makeTable(make, {
      name: 'castellan_oidc_link',
      columns: (table) =>
        table
          .addColumn('identity_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('person_id', 'varchar(32)', (column) =>
            referring(make, column.notNull(), 'castellan_person.id'),
          )
          .addColumn('provider', 'varchar(64)', (column) => column.notNull())
          .addColumn('mapped_roles', types.json, (column) => jsonOf(make, column.notNull(), 'mapped_roles'))
          .addColumn('created_at', types.instant, (column) => column.notNull())
          .addColumn('last_used_at', types.instant),
      indexes: [{ name: 'castellan_oidc_link_person', columns: ['person_id'] }],
      foreignKeysOnMysql: [{ column: 'person_id', to: ['castellan_person', 'id'] }],
    })
    await makeTable(make, {
      name: 'castellan_oidc_attempt',
      columns: (table) =>
        table
          .addColumn('state_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
          .addColumn('expires_at', types.instant, (column) => column.notNull())
          .addColumn('used_at', types.instant),
      indexes: [{ name: 'castellan_oidc_attempt_expiry', columns: ['expires_at'] }],
    })
  },
}
