/**
 * A process that changes a record and seals the log, three times, and kills itself
 * before the step that it is told: each statement is one, and each commit.
 *
 * `node step-writer.ts URL SECRET STEP` prints a line for each change that has committed,
 * and how many steps there are once it has come to its end.
 */

import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { CompiledQuery, sql } from 'kysely'
import { createAuditLog } from '../../src/audit/create-log.ts'
import { connectionOver } from '../../src/database/connection.ts'
import type { Connection, Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/url.ts'
import { openKeys } from '../../src/keys/key-ring.ts'
import { createStore } from '../../src/store/store.ts'
import { change, draft } from '../log.ts'

const [, , url = '', secret = '', last = '0'] = process.argv
const CHANGES = 3
let isCounted = false
let steps = 0

function step(): void {
  if (!isCounted) return
  steps += 1
  if (steps === Number(last)) process.kill(process.pid, 'SIGKILL')
}

function stepping(database: Database): Database {
  const within = (connection: Connection): Connection =>
    connectionOver(database.engine, async (text, parameters) => {
      step()
      const result = await connection.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(text, [...parameters]),
      )
      return {
        rows: result.rows,
        changes: result.numAffectedRows ?? 0n,
        lastRowId: BigInt(result.insertId ?? 0n),
      }
    })
  return {
    ...database,
    now: within(database.now),
    read: (work, options) => database.read((connection) => work(within(connection)), options),
    async write(work, options) {
      const result = await database.write(async (connection) => {
        const done = await work(within(connection))
        step()
        return done
      }, options)
      step()
      return result
    },
  }
}

const opened = await openDatabase(url, { place: 'test' })
const database = stepping(opened)
const store = createStore(database)
const common = { store, clock: Date.now, randomBytes }
const keys = await openKeys({ ...common, secrets: [secret] })
const log = createAuditLog({ ...common, keys, node: 'writer', version: '0', everyMs: null })
isCounted = true
for (let index = 1; index <= CHANGES; index += 1) {
  await database.write(
    async (connection) => {
      await sql`update orders set count = count + 1 where id = 42`.execute(connection)
      await log.append(connection, draft({ changes: [change(`note ${index}`), change('Ana', 'personal')] }))
    },
    { isolation: 'serializable' },
  )
  writeSync(1, 'committed\n')
  await log.seal()
}
writeSync(1, `${steps} steps\n`)
await opened.close()
