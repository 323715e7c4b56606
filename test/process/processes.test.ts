/** `castellan serve --processes`: one port, several processes, none of which is missed. */

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

const { folder, remove } = temporaryFolder()
const environment = { CASTELLAN_SECRET_KEY: SECRET, CASTELLAN_DATABASE_URL: 'sqlite:shop.db' }

beforeAll(() => {
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  shop.close()
})
afterAll(remove)

/** The processes that a process has begun. */
function begunBy(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number)
}

function parentOf(pid: string): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !isSo(); n += 1) await new Promise((settle) => setTimeout(settle, 20))
  expect(isSo()).toBe(true)
}

async function statuses(server: Running, count: number): Promise<readonly number[]> {
  const answers = Array.from({ length: count }, () =>
    fetch(`${server.url}/sign-in`, { headers: { connection: 'close' } }),
  )
  return (await Promise.all(answers)).map(({ status }) => status)
}

test('serves from all of them, goes on when one is killed, and stops them together', async () => {
  const server = await start(['serve', '--processes', '3'], { folder, environment })
  const pid = server.process.pid ?? 0
  await until(() => server.printed().stderr.includes('3 processes serve.'))
  expect(begunBy(pid)).toHaveLength(3)
  // the link that was printed is not replaced by those that began later, nor by a command beside them
  await castellan(['user', 'list'], { folder, environment })
  expect((await fetch(server.setUpUrl ?? '')).status).toBe(200)
  expect(new Set(await statuses(server, 30))).toEqual(new Set([200]))

  const [killed = 0] = begunBy(pid)
  process.kill(killed, 'SIGKILL')
  await until(() => begunBy(pid).length === 3 && !begunBy(pid).includes(killed))
  expect(new Set(await statuses(server, 30))).toEqual(new Set([200]))

  const workers = begunBy(pid)
  const { code, stdout, stderr } = await server.stop()
  expect(code).toBe(0)
  expect(stdout.match(/Castellan is ready/g)).toHaveLength(1)
  expect(stderr).toContain('A process was ended by SIGKILL.\nA process has ended; another takes its place.\n')
  await until(() => workers.every((worker) => parentOf(String(worker)) === null))
})

test('those that were begun end with the one that began them', async () => {
  const server = await start(['serve', '--processes', '2'], { folder, environment })
  const pid = server.process.pid ?? 0
  await until(() => begunBy(pid).length === 2)
  const workers = begunBy(pid)

  await server.stop('SIGKILL')

  await until(() => workers.every((worker) => parentOf(String(worker)) === null))
})

test('stops when it is told so while it still begins', async () => {
  const line = [resolve('bin/castellan.js'), 'serve', '--processes', '3', '--port', '0']
  const env = { ...process.env, ...environment }
  const child = spawn(process.execPath, line, { cwd: folder, env, stdio: 'ignore' })
  const ended = new Promise((settle) => child.once('exit', settle))
  await until(() => begunBy(child.pid ?? 0).length === 1)
  child.kill('SIGTERM')

  expect(await ended).toBe(0)
})

test('what each process would have of its own is refused', async () => {
  for (const [more, message] of [
    [['--tls', 'adhoc'], 'a certificate of its own'],
    [['--store', 'sqlite::memory:'], 'in one process alone'],
  ] as const) {
    const line = ['serve', '--processes', '2', '--port', '0', ...more]
    const { code, stderr } = await castellan(line, { folder, environment })
    expect(code, stderr).toBe(2)
    expect(stderr).toContain(message)
  }
})

test('what is wrong is said once, with its exit code', async () => {
  const wrong = { ...environment, CASTELLAN_DATABASE_URL: 'sqlite:none.db' }
  const failed = await castellan(['serve', '--processes', '2', '--port', '0'], { folder, environment: wrong })
  expect(failed.code).toBe(78)
  expect(failed.stderr.match(/none\.db/g)).toHaveLength(1)

  for (const count of ['0', '-1', 'many', '100']) {
    const { code, stderr } = await castellan(['serve', '--processes', count], { folder, environment })
    expect(code).toBe(2)
    expect(stderr).toContain('--processes takes a number from 1 to 99, or auto')
  }
})
