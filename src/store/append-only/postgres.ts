/**
 * Triggers that keep the log append-only on PostgreSQL, against TRUNCATE too.
 *
 * They stop mistakes and whoever has only the application's rights. The owner
 * of the tables can drop them; then the tree and the checkpoints tell.
 */

import { type Kysely, type RawBuilder, sql } from 'kysely'
import { OWN_SCHEMA } from '../own-schema.ts'
import type { StoreTables } from '../tables.ts'

const EVENT: RawBuilder<unknown> = sql.table('castellan_audit_event')

export async function appendOnlyOnPostgres(store: Kysely<StoreTables>): Promise<void> {
  await functions(store)
  // with names of their own, so that no other trigger can run after them and change what they saw
  await sql`
    create trigger zz_only_numbered before insert or update on ${EVENT}
    for each row execute function ${own('only_number')}()`.execute(store)
  await refuse(store, 'castellan_audit_event', sql`delete or truncate`)
  await refuse(store, 'castellan_audit_node', sql`update or delete or truncate`)
  await refuse(store, 'castellan_audit_checkpoint', sql`update or delete or truncate`)
}

/** An event comes without a sequence, gets one once, and is never changed otherwise. */
async function functions(store: Kysely<StoreTables>): Promise<void> {
  await sql`
    create function ${own('refuse_change')}() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
    end $$`.execute(store)
  await sql`
    create function ${own('only_number')}() returns trigger language plpgsql as $$
    declare
      unnumbered ${EVENT};
    begin
      unnumbered := new;
      unnumbered.sequence := null;
      if (tg_op = 'INSERT' and new.sequence is not null)
        or (tg_op = 'UPDATE' and (new.sequence is null or unnumbered is distinct from old))
      then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end if;
      return new;
    end $$`.execute(store)
}

async function refuse(
  store: Kysely<StoreTables>,
  table: `castellan_${string}`,
  events: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    create trigger append_only before ${events} on ${sql.table(table)}
    for each statement execute function ${own('refuse_change')}()`.execute(store)
}

function own(name: string): RawBuilder<unknown> {
  return sql.id(OWN_SCHEMA, name)
}
