/** An audit log over a real database, with a clock that only moves when told to. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createAuditLog, type RunningAuditLog } from '../src/audit/create-log.ts'
import type { Change, EventDraft } from '../src/audit/event.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/url.ts'
import { type OpenedKeys, openKeys } from '../src/keys/key-ring.ts'
import { createStore, type Store } from '../src/store/store.ts'
import { openTestDatabase, type StoreEngine } from './engine.ts'
import type { TestDatabase } from './servers.ts'

export const NOW: number = Date.UTC(2026, 10, 21, 10)
const SECRET = 'a secret for tests, of more than 32 bytes'

export interface LogWorld extends AsyncDisposable {
  /** An empty folder for exports. */
  readonly folder: string
  readonly home: TestDatabase
  readonly database: Database
  readonly store: Store
  readonly keys: OpenedKeys
  readonly log: RunningAuditLog
  /** Milliseconds since the epoch; moves only here. */
  now: number
  /** Appends so many updates of one order, sealed in one batch. */
  fill(count: number): Promise<readonly string[]>
  /** Runs statements as SQLite's own client does, with nothing of ours in between; elsewhere `home.run` does. */
  tamper(...statements: readonly string[]): void
  /** Another process over the same store. */
  second(): Promise<LogWorld>
}

interface LogOptions {
  readonly engine?: StoreEngine
  readonly secret?: string
  /** That of another world, which drops it. */
  readonly home?: TestDatabase
}

export async function openLog(options: LogOptions = {}): Promise<LogWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-log-'))
  const home = options.home ?? (await openTestDatabase(options.engine))
  const database = await openDatabase(home.url, { place: 'test' })
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
    folder,
    home,
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
      const client = new DatabaseSync(home.url.replace(/^sqlite:/, ''), { timeout: 5000 })
      for (const statement of statements) client.exec(statement)
      client.close()
    },
    second: () => openLog({ ...options, home }),
    async [Symbol.asyncDispose]() {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
      if (!options.home) await home.drop()
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
