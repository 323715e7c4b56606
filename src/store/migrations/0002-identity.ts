/** Makes the tables of `store/identity-tables.ts`. */

import { type Kysely, sql } from 'kysely'
import type { Connection } from '../../database/database.ts'

export const identityMigration: {
  readonly name: string
  up(connection: Connection): Promise<void>
} = {
  name: '0002-identity',
  async up(connection) {
    await people(connection)
    await sessions(connection)
    await tokens(connection)
    await guards(connection)
  },
}

async function people({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_person')
    .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
    .addColumn('email', 'varchar(320)', (column) => column.notNull())
    .addColumn('email_canonical', 'varchar(320)', (column) => column.notNull().unique())
    .addColumn('name', 'varchar(200)', (column) => column.notNull())
    .addColumn('is_active', 'boolean', (column) => column.notNull())
    .addColumn('attributes', 'json', (column) => column.notNull())
    .addColumn('time_zone', 'varchar(64)', (column) => column.notNull())
    .addColumn('locale', 'varchar(35)', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('last_seen_at', 'timestamptz')
    .execute()
  await schema
    .createTable('castellan_credential')
    .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
    .addColumn('person_id', 'varchar(32)', (column) => column.notNull().references('castellan_person.id'))
    .addColumn('kind', 'varchar(16)', (column) =>
      column.notNull().check(sql`kind in ('password', 'totp', 'recovery')`),
    )
    .addColumn('secret', 'varchar(512)', (column) => column.notNull())
    .addColumn('last_step', 'bigint')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('used_at', 'timestamptz')
    .execute()
  await schema
    .createIndex('castellan_credential_person')
    .on('castellan_credential')
    .columns(['person_id', 'kind'])
    .execute()
  await schema
    .createTable('castellan_role_grant')
    .addColumn('principal_kind', 'varchar(16)', (column) =>
      column.notNull().check(sql`principal_kind in ('person', 'service')`),
    )
    .addColumn('principal_id', 'varchar(32)', (column) => column.notNull())
    .addColumn('role', 'varchar(64)', (column) => column.notNull())
    .addColumn('granted_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz')
    .addPrimaryKeyConstraint('castellan_role_grant_key', ['principal_kind', 'principal_id', 'role'])
    .execute()
  await schema
    .createIndex('castellan_role_grant_role')
    .on('castellan_role_grant')
    .columns(['role', 'principal_kind'])
    .execute()
}

async function sessions({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_session')
    .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull().unique())
    .addColumn('person_id', 'varchar(32)', (column) => column.notNull().references('castellan_person.id'))
    .addColumn('methods', 'json', (column) => column.notNull())
    .addColumn('assurance', 'integer', (column) => column.notNull())
    .addColumn('address', 'varchar(64)', (column) => column.notNull())
    .addColumn('user_agent', 'varchar(400)')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('proved_at', 'timestamptz', (column) => column.notNull())
    .addColumn('last_seen_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addColumn('refresh_family', 'varchar(32)', (column) => column.notNull().unique())
    .addColumn('refresh_generation', 'integer', (column) => column.notNull())
    .addColumn('refresh_key', 'varchar(64)', (column) => column.notNull())
    .addColumn('refresh_seen_at', 'timestamptz')
    .execute()
  await schema
    .createIndex('castellan_session_person')
    .on('castellan_session')
    .columns(['person_id', 'created_at'])
    .execute()
  await schema
    .createTable('castellan_pending_sign_in')
    .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
    .addColumn('person_id', 'varchar(32)', (column) => column.notNull().references('castellan_person.id'))
    .addColumn('stage', 'varchar(16)', (column) =>
      column.notNull().check(sql`stage in ('second-factor', 'enrol')`),
    )
    .addColumn('secret', 'varchar(512)')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('castellan_pending_sign_in_person')
    .on('castellan_pending_sign_in')
    .column('person_id')
    .execute()
}

async function tokens({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_service_token')
    .addColumn('id', 'varchar(32)', (column) => column.primaryKey().notNull())
    .addColumn('name', 'varchar(100)', (column) => column.notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull().unique())
    .addColumn('actions', 'json')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz')
    .addColumn('last_used_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .execute()
  await schema
    .createTable('castellan_set_up_token')
    .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .execute()
  await schema
    .createTable('castellan_confirmation')
    .addColumn('id_hash', 'varchar(64)', (column) => column.primaryKey().notNull())
    .addColumn('binding_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addColumn('used_at', 'timestamptz')
    .execute()
}

async function guards({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('castellan_throttle')
    .addColumn('counter', 'varchar(64)', (column) => column.primaryKey().notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('blocked_until', 'timestamptz')
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .execute()
  await schema
    .createTable('castellan_known_network')
    .addColumn('person_id', 'varchar(32)', (column) => column.notNull().references('castellan_person.id'))
    .addColumn('network', 'varchar(64)', (column) => column.notNull())
    .addColumn('last_used_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('castellan_known_network_key', ['person_id', 'network'])
    .execute()
}
