/** `castellan witness` beside a log that its owner cuts off and begins anew under the same key. */

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type AnchorAlarm, keepDue } from '../../src/audit/anchor/anchoring.ts'
import { openAnchors } from '../../src/audit/anchor/open-anchors.ts'
import { databaseReader } from '../../src/audit/database-reader.ts'
import { formatNoteKey } from '../../src/audit/note.ts'
import { openLog } from '../log.ts'
import { castellan, temporaryFolder } from './castellan.ts'

const MINUTE = 60_000
const { folder, remove } = temporaryFolder()
afterAll(remove)

interface Running extends AsyncDisposable {
  readonly url: string
  readonly key: string
}

async function witness(...options: readonly string[]): Promise<Running> {
  const line = ['witness', '--name', 'witness.example/w1', '--log', 'log.pub', '--port', '0', ...options]
  const child = spawn(process.execPath, [resolve('bin/castellan.js'), ...line], { cwd: folder })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const ended = new Promise<number | null>((settle) => child.once('exit', settle))
  const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? ''
  while (find(/ready at (\S+)$/m) === '' && child.exitCode === null) {
    await new Promise((settle) => setTimeout(settle, 20))
  }
  return {
    url: find(/ready at (\S+)$/m),
    key: find(/^Its key: (\S+)$/m),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      expect(await ended, text).toBe(0)
    },
  }
}

test('cosigns a log, still knows it after a restart, and refuses its other history', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  await world.fill(3)
  const keys = await (await databaseReader(world.database.now)).keys()
  writeFileSync(join(folder, 'log.pub'), `${keys.map(formatNoteKey).join('\n')}\n`)
  const alarms: AnchorAlarm[] = []
  const keep = async ({ url, key }: Running): Promise<void> => {
    world.now += MINUTE
    const clock = (): number => world.now
    const anchors = openAnchors([{ witness: url, key, allowedNetworks: ['127.0.0.1'] }], clock)
    const onAlarm = async (alarm: AnchorAlarm): Promise<void> => {
      alarms.push(alarm)
    }
    await keepDue({ ...{ database: world.database, anchors, clock, everyMs: MINUTE }, onAlarm })
  }

  let first = ''
  {
    await using running = await witness()
    first = running.key
    await keep(running)
    await world.fill(4)
    await keep(running)
  }
  expect(alarms).toEqual([])

  await using again = await witness()
  expect(again.key).toBe(first)
  world.tamper(
    ...['event', 'node', 'checkpoint'].map((table) => `drop trigger castellan_audit_${table}_delete`),
    'delete from castellan_audit_event',
    'delete from castellan_audit_node',
    'delete from castellan_audit_checkpoint',
  )
  world.now += MINUTE
  await world.fill(9)
  await keep(again)

  expect(alarms).toMatchObject([{ code: expect.stringMatching(/^status-4\d\d$/), isOver: false }])
})

test('answers nothing but checkpoints, and takes no more than one needs', async () => {
  await using world = await openLog({ engine: 'sqlite' })
  const keys = await (await databaseReader(world.database.now)).keys()
  writeFileSync(join(folder, 'log.pub'), `${keys.map(formatNoteKey).join('\n')}\n`)
  await using running = await witness('--data-dir', 'other')
  const at = (path: string, body?: string): Promise<Response> =>
    fetch(new URL(path, running.url), body === undefined ? {} : { method: 'POST', body })

  expect((await at('/')).status).toBe(404)
  expect((await at('/add-checkpoint')).status).toBe(405)
  expect((await at('/add-checkpoint', 'old 0\n\nnonsense')).status).toBe(400)
  expect((await at('/add-checkpoint', 'x'.repeat(20_000))).status).toBe(413)
})

test('says what it lacks', async () => {
  writeFileSync(join(folder, 'wrong.pub'), 'no key\n')

  expect(await castellan(['witness', '--log', 'log.pub'], { folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--name'),
  })
  expect(await castellan(['witness', '--name', 'w1'], { folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--log'),
  })
  expect(await castellan(['witness', '--name', 'w1', '--log', 'wrong.pub'], { folder })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('wrong.pub is no key of a log'),
  })
})
