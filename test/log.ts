/** An audit log over a real file, with a clock that only moves when told to. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createAuditLog, type RunningAuditLog } from '../src/audit/create-log.ts'
import type { Change, EventDraft } from '../src/audit/event.ts'
import type { Database } from '../src/database/database.ts'
import { openSqlite } from '../src/database/sqlite/sqlite.ts'
import { type OpenedKeys, openKeys } from '../src/keys/key-ring.ts'
import { createStore, type Store } from '../src/store/store.ts'

export const NOW: number = Date.UTC(2026, 10, 21, 10)
const SECRET = 'a secret for tests, of more than 32 bytes'

export interface LogWorld extends AsyncDisposable {
  readonly folder: string
  readonly file: string
  readonly database: Database
  readonly store: Store
  readonly keys: OpenedKeys
  readonly log: RunningAuditLog
  /** Milliseconds since the epoch; moves only here. */
  now: number
  /** Appends so many updates of one order, sealed in one batch. */
  fill(count: number): Promise<readonly string[]>
  /** Runs statements as the database's own client does, with nothing of ours in between. */
  tamper(...statements: readonly string[]): void
}

/** A second world over the same `file` is another process, as far as SQLite can tell. */
export async function openLog(options: { file?: string; secret?: string } = {}): Promise<LogWorld> {
  const folder = options.file === undefined ? mkdtempSync(join(tmpdir(), 'castellan-log-')) : null
  const file = options.file ?? join(folder ?? '', 'store.db')
  const database = await openSqlite({ file, ifMissing: 'create' })
  const store = createStore(database)
  await store.migrate()
  const time = { now: NOW }
  const clock = () => time.now
  const keys = await openKeys({ store, secrets: [options.secret ?? SECRET], clock, randomBytes })
  const log = createAuditLog({
    store,
    keys,
    clock,
    randomBytes,
    node: 'test',
    version: '0.0.0',
    everyMs: null,
  })
  const world: LogWorld = {
    folder: folder ?? '',
    file,
    database,
    store,
    keys,
    log,
    get now() {
      return time.now
    },
    set now(now) {
      time.now = now
    },
    async fill(count) {
      const ids: string[] = []
      for (let index = 0; index < count; index += 1) {
        world.now += 1
        ids.push(await log.appendAlone(draft({ changes: [change(`note ${index}`)] })))
      }
      await log.seal()
      return ids
    },
    tamper(...statements) {
      const client = new DatabaseSync(file)
      for (const statement of statements) client.exec(statement)
      client.close()
    },
    async [Symbol.asyncDispose]() {
      await database.close()
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** The draft of an update of order 42 by Ana. */
export function draft(rest: Partial<EventDraft> = {}): EventDraft {
  return {
    principal: {
      kind: 'person',
      id: 'ana',
      label: 'Ana',
      roles: ['support'],
      authentication: { methods: ['password', 'totp'], assurance: 2, at: '2026-11-21T09:59:00.000Z' },
    },
    session: 'ab'.repeat(32),
    request: {
      id: 'request-1',
      traceparent: null,
      address: '192.0.2.1',
      addressChain: [],
      userAgent: 'test',
      method: 'POST',
      route: '/m/:model/:key/edit',
    },
    action: 'orders.update',
    kind: 'record.update',
    target: { model: 'orders', key: '42', label: '#42' },
    outcome: 'done',
    policy: { version: '0123456789abcdef', rules: ['support-updates-orders'] },
    ...rest,
  }
}

/** A change of the field `note`. */
export function change(after: string, sensitivity: Change['sensitivity'] = 'internal'): Change {
  return { field: 'note', sensitivity, before: null, after }
}
