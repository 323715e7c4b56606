/** A process is killed at a step of writing: no event is lost, none is made up, and nothing looks like tampering. */

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { STORE_ENGINES } from '../engine.ts'
import { openLog } from '../log.ts'
import { runs } from '../runs.ts'

const SECRET = 'a secret for tests, of more than 32 bytes'
const CHANGES = 3

describe.each(STORE_ENGINES)('a writer on %s', (engine) => {
  test('leaves a whole log behind, wherever it is killed', async () => {
    await using world = await openLog({ engine, secret: SECRET })
    await world.home.run(
      'create table orders (id integer primary key, count integer); insert into orders values (42, 0)',
    )
    const whole = await write(world.home.url, 0)
    const steps = Number(/^(\d+) steps$/m.exec(whole.printed)?.[1])
    expect(whole).toMatchObject({ code: 0, signal: null })
    // a statement for each of: record, subject, leaf before, event, values, lock, keys, head, number, nodes, checkpoint
    expect(steps).toBeGreaterThan(20)
    let changed = CHANGES

    for (const at of fc.sample(fc.integer({ min: 1, max: steps }), { numRuns: runs(3, 1 / 3), seed: 42 })) {
      const { printed, signal } = await write(world.home.url, at)

      expect(signal, `step ${at}`).toBe('SIGKILL')
      const committed = printed.match(/^committed$/gm)?.length ?? 0
      const [row] = await world.home.rows('select count from orders')
      const count = Number((row as { count: unknown }).count)
      // it may have died between the commit and saying so
      expect([committed, committed + 1]).toContain(count - changed)
      changed = count
      const found = await verified(world, Date.now())
      expect(found.kind, `step ${at}: ${JSON.stringify(found)}`).toBe('verified')
      await world.log.seal()
      expect(await verified(world, Date.now() + 60_000)).toMatchObject({ kind: 'verified', events: changed })
    }
  })
})

async function verified({ database }: Awaited<ReturnType<typeof openLog>>, now: number) {
  return await verifyLog(await databaseReader(database.now), { now })
}

function write(
  url: string,
  step: number,
): Promise<{ readonly printed: string; readonly code: number | null; readonly signal: string | null }> {
  const script = resolve('test/store/step-writer.ts')
  const child = spawn(process.execPath, [script, url, SECRET, String(step)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += String(chunk)
  })
  return new Promise((answer, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => answer({ printed, code, signal }))
  })
}
