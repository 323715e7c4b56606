/** A gate over a small shop in a file of its own, with a real log, real people and a policy of the test's. Not part of the product. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createAuditLog, type RunningAuditLog } from '../audit/create-log.ts'
import type { AuditEvent, RequestOrigin } from '../audit/event.ts'
import { parseEvent } from '../audit/stored-event.ts'
import { createSqliteSource } from '../data/sqlite/source.ts'
import { openSqlite } from '../database/sqlite/sqlite.ts'
import { createIdentity } from '../identity/create-identity.ts'
import type { Principal } from '../identity/principal.ts'
import { openKeys } from '../keys/key-ring.ts'
import type { ModelOptions } from '../model/options.ts'
import { refine } from '../model/refine.ts'
import { compilePolicy } from '../policy/compile.ts'
import type { Rule } from '../policy/document.ts'
import type { Subject } from '../policy/policy.ts'
import { createStore } from '../store/store.ts'
import { inStore } from '../store/tables.ts'
import type { Action } from './action.ts'
import type { Call } from './call.ts'
import { createGate } from './create-gate.ts'
import type { Gate } from './gate.ts'
import type { Parts } from './parts.ts'
import { recordActions } from './record/built-in.ts'

export const NOW: number = Date.UTC(2026, 10, 21, 10)

const SHOP = `
  create table customers (id integer primary key, name text not null, region text not null, tax_number text, api_token text);
  create table orders (
    id integer primary key,
    customer_id integer not null references customers(id) on delete restrict,
    status text not null default 'open' check (status in ('open','paid','shipped')),
    total decimal(10,2) not null,
    note text,
    archived boolean not null default 0
  );
  create table order_lines (
    order_id integer not null references orders(id) on delete cascade,
    line integer not null,
    product text not null,
    primary key (order_id, line)
  );
  insert into customers values (1,'Amara Okafor','north','T-1','tok-1'), (2,'Jonas Lindqvist','south','T-2','tok-2'), (3,'Sofia Rossi','north',null,null);
  insert into orders values (1,1,'open','12.00','first',0), (2,2,'open','1299.80','second',0), (3,3,'paid','40.00',null,1), (4,1,'paid','7.50',null,0);
  insert into order_lines values (1,1,'Oak chair'), (1,2,'Lamp'), (2,1,'Desk');
`

export interface World extends AsyncDisposable {
  readonly gate: Gate
  readonly audit: RunningAuditLog
  readonly clock: { now: number }
  as(subject?: Partial<Subject>): Principal
  call(action: string, call?: Partial<Call>): Call
  events(): Promise<readonly AuditEvent[]>
  /** Runs SQL outside of the gate, as another program would. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>
}

export interface WorldOptions {
  readonly rules: readonly Rule[]
  readonly actions?: readonly Action[]
  /** What the application says of its models. */
  readonly options?: Readonly<Record<string, ModelOptions>>
  /** Tables beside those of the shop. */
  readonly tables?: string
  /** Puts our own tables into a database of their own. */
  readonly hasStoreApart?: boolean
  /** Replaces one part: what an attack test takes away. */
  replace?(parts: Parts): Parts
}

export async function openWorld({
  rules,
  actions = [],
  options = {},
  tables = '',
  hasStoreApart = false,
  replace = (parts) => parts,
}: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-gate-'))
  const database = await openSqlite({ file: join(folder, 'shop.db'), ifMissing: 'create' })
  for (const statement of `${SHOP}${tables}`.split(';\n')) {
    if (statement.trim()) await database.write((connection) => sql.raw(statement).execute(connection))
  }
  const clock = { now: NOW }
  const common = { clock: () => clock.now, randomBytes }
  const apart = hasStoreApart
    ? await openSqlite({ file: join(folder, 'store.db'), ifMissing: 'create' })
    : database
  const store = createStore(apart)
  await store.migrate()
  const keys = await openKeys({ store, secrets: ['a secret for tests, of more than 32 bytes'], ...common })
  const audit = createAuditLog({ store, keys, ...common, node: 'test', version: '0', everyMs: null })
  const source = createSqliteSource({ id: 'application', database, tables: 'application' })
  const { models: found } = await source.introspect()
  const refined = refine(found, options, { icons: ['truck'] })
  const models = new Map(refined.map((model) => [model.name, model]))
  const policy = compilePolicy(
    { roles: { support: { title: 'Support', description: 'Helps.' } }, rules },
    models,
    { version: 'v1', actions: actions.map((action) => `${action.model}.${action.verb}`) },
  )
  const identity = createIdentity({
    store: apart,
    keys,
    audit,
    ...common,
    options: { issuer: 'test', title: 'Test', roles: ['support', 'superadmin'], superadmin: 'superadmin' },
    passwordCost: { memoryKib: 8, passes: 1 },
  })
  const gate = createGate(
    replace({
      models,
      sources: new Map([['application', { dataSource: source, sharesStore: !hasStoreApart }]]),
      store: apart,
      actions: [...actions, ...recordActions],
      policy,
      audit,
      identity,
      clock: common.clock,
      networksOf: () => [],
    }),
  )
  const as = (subject: Partial<Subject> = {}): Principal => principal(subject)
  return {
    gate,
    audit,
    clock,
    as,
    call: (action, call = {}) => ({ principal: as(), action, input: undefined, origin: ORIGIN, ...call }),
    async events() {
      const rows = await inStore(apart.now)
        .selectFrom('castellan_audit_event')
        .select('event')
        .orderBy(sql`rowid`)
        .execute()
      return rows.flatMap(({ event }) => parseEvent(event) ?? [])
    },
    async sql(text) {
      const { rows } = await database.write((connection) =>
        sql.raw<Record<string, unknown>>(text).execute(connection),
      )
      return rows
    },
    async [Symbol.asyncDispose]() {
      await identity.close()
      await audit.close()
      await apart.close()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const ORIGIN: RequestOrigin = {
  id: 'request-1',
  traceparent: null,
  address: '192.0.2.1',
  addressChain: [],
  userAgent: 'Test/1.0',
  method: 'POST',
  route: '/test',
}

function principal(subject: Partial<Subject>): Principal {
  return {
    subject: { kind: 'person', id: 'ana', roles: ['support'], attributes: {}, limitedTo: null, ...subject },
    name: 'Ana',
    email: 'ana@example.com',
    authentication: { methods: ['password', 'totp'], assurance: 2, at: NOW },
    sessionHash: null,
    sessionId: null,
    timeZone: 'UTC',
    locale: 'en',
  }
}
