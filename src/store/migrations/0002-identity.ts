/** Makes the tables of `store/identity-tables.ts`. */

import { sql } from 'kysely'
import { jsonOf, type Making, makeTable, referring } from '../make-table.ts'
import type { Migration } from '../migration.ts'

const OF_PERSON = [{ column: 'person_id', to: ['castellan_person', 'id'] }] as const

export const identityMigration: Migration = {
  name: '0002-identity',
  async up(make) {
    await people(make)
    await sessions(make)
    await tokens(make)
    await guards(make)
  },
}

async function people(make: Making): Promise<void> {
  const { types } = make
  await makeTable(make, {
    name: 'castellan_person',
    columns: (table) =>
      table
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
        .addColumn('email', 'varchar(320)', (column) => column.notNull())
        .addColumn('email_canonical', 'varchar(320)', (column) => column.notNull().unique())
        .addColumn('name', 'varchar(200)', (column) => column.notNull())
        .addColumn('is_active', 'boolean', (column) => column.notNull())
        .addColumn('attributes', types.json, (column) => jsonOf(make, column.notNull(), 'attributes'))
        .addColumn('time_zone', 'varchar(64)', (column) => column.notNull())
        .addColumn('locale', 'varchar(35)', (column) => column.notNull())
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('last_seen_at', types.instant),
  })
  await makeTable(make, {
    name: 'castellan_credential',
    columns: (table) =>
      table
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
        .addColumn('person_id', 'varchar(32)', (column) =>
          referring(make, column.notNull(), 'castellan_person.id'),
        )
        .addColumn('kind', 'varchar(16)', (column) =>
          column.notNull().check(sql`kind in ('password', 'totp', 'recovery')`),
        )
        .addColumn('secret', 'varchar(512)', (column) => column.notNull())
        .addColumn('last_step', 'bigint')
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('used_at', types.instant),
    indexes: [{ name: 'castellan_credential_person', columns: ['person_id', 'kind'] }],
    foreignKeysOnMysql: OF_PERSON,
  })
  await makeTable(make, {
    name: 'castellan_role_grant',
    columns: (table) =>
      table
        .addColumn('principal_kind', 'varchar(16)', (column) =>
          column.notNull().check(sql`principal_kind in ('person', 'service')`),
        )
        .addColumn('principal_id', 'varchar(32)', (column) => column.notNull())
        .addColumn('role', 'varchar(64)', (column) => column.notNull())
        .addColumn('granted_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant)
        .addPrimaryKeyConstraint('castellan_role_grant_key', ['principal_kind', 'principal_id', 'role']),
    indexes: [{ name: 'castellan_role_grant_role', columns: ['role', 'principal_kind'] }],
  })
}

async function sessions(make: Making): Promise<void> {
  const { types } = make
  await makeTable(make, {
    name: 'castellan_session',
    columns: (table) =>
      table
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
        .addColumn('token_hash', 'varchar(64)', (column) => column.notNull().unique())
        .addColumn('person_id', 'varchar(32)', (column) =>
          referring(make, column.notNull(), 'castellan_person.id'),
        )
        .addColumn('methods', types.json, (column) => jsonOf(make, column.notNull(), 'methods'))
        .addColumn('assurance', 'integer', (column) => column.notNull())
        .addColumn('address', 'varchar(64)', (column) => column.notNull())
        .addColumn('user_agent', 'varchar(400)')
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('proved_at', types.instant, (column) => column.notNull())
        .addColumn('last_seen_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant, (column) => column.notNull())
        .addColumn('refresh_family', 'varchar(32)', (column) => column.notNull().unique())
        .addColumn('refresh_generation', 'integer', (column) => column.notNull())
        .addColumn('refresh_key', 'varchar(64)', (column) => column.notNull())
        .addColumn('refresh_seen_at', types.instant),
    indexes: [{ name: 'castellan_session_person', columns: ['person_id', 'created_at'] }],
    foreignKeysOnMysql: OF_PERSON,
  })
  await makeTable(make, {
    name: 'castellan_pending_sign_in',
    columns: (table) =>
      table
        .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
        .addColumn('person_id', 'varchar(32)', (column) =>
          referring(make, column.notNull(), 'castellan_person.id'),
        )
        .addColumn('stage', 'varchar(16)', (column) =>
          column.notNull().check(sql`stage in ('second-factor', 'enrol')`),
        )
        .addColumn('secret', 'varchar(512)')
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant, (column) => column.notNull()),
    indexes: [{ name: 'castellan_pending_sign_in_person', columns: ['person_id'] }],
    foreignKeysOnMysql: OF_PERSON,
  })
}

async function tokens(make: Making): Promise<void> {
  const { types } = make
  await makeTable(make, {
    name: 'castellan_service_token',
    columns: (table) =>
      table
        .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
        .addColumn('name', 'varchar(100)', (column) => column.notNull())
        .addColumn('token_hash', 'varchar(64)', (column) => column.notNull().unique())
        .addColumn('actions', types.json, (column) => jsonOf(make, column, 'actions'))
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant)
        .addColumn('last_used_at', types.instant)
        .addColumn('revoked_at', types.instant),
  })
  await makeTable(make, {
    name: 'castellan_set_up_token',
    columns: (table) =>
      table
        .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
        .addColumn('created_at', types.instant, (column) => column.notNull())
        .addColumn('expires_at', types.instant, (column) => column.notNull()),
  })
  await makeTable(make, {
    name: 'castellan_confirmation',
    columns: (table) =>
      table
        .addColumn('id_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
        .addColumn('binding_hash', 'varchar(64)', (column) => column.notNull())
        .addColumn('expires_at', types.instant, (column) => column.notNull())
        .addColumn('used_at', types.instant),
  })
}

async function guards(make: Making): Promise<void> {
  const { types } = make
  await makeTable(make, {
    name: 'castellan_throttle',
    columns: (table) =>
      table
        .addColumn('counter', 'varchar(64)', (column) => column.primaryKey().notNull())
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('blocked_until', types.instant)
        .addColumn('expires_at', types.instant, (column) => column.notNull()),
  })
  await makeTable(make, {
    name: 'castellan_known_network',
    columns: (table) =>
      table
        .addColumn('person_id', 'varchar(32)', (column) =>
          referring(make, column.notNull(), 'castellan_person.id'),
        )
        .addColumn('network', 'varchar(64)', (column) => column.notNull())
        .addColumn('last_used_at', types.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('castellan_known_network_key', ['person_id', 'network']),
    foreignKeysOnMysql: OF_PERSON,
  })
}
