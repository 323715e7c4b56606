/**
 * The applications of `examples/`, as somebody would try them: the packed
 * package is installed, the steps of their README are done one by one, and at
 * the end a record is changed and the page tells who did it.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { totpCode } from '../client.ts'
import { temporaryFolder } from '../process/castellan.ts'
import { createTestDatabase, type ServerEngine } from '../servers.ts'
import { enrolledUri, openVisitors, type Visitors } from './site.ts'

const run = promisify(execFile)
const MOST_INTERACTIONS = 15
const MINUTES = 60_000
const closing: (() => Promise<unknown>)[] = []
const { folder, remove } = temporaryFolder()
let visitors: Visitors
let tarball: string

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder])
  tarball = join(folder, JSON.parse(stdout)[0].filename)
  visitors = await openVisitors()
}, 2 * MINUTES)
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await visitors?.close()
  remove()
})

test('the library: Express, Drizzle and PostgreSQL, with its own people', {
  timeout: 3 * MINUTES,
}, async () => {
  const library = await install('express', 'postgres')
  const { origin, setUpUrl } = await library.start()
  const { page, act, count } = await newcomer()

  await act(() => page.goto(setUpUrl))
  await act(() => page.getByLabel('Email').fill('ada@library.example'))
  await act(() => page.getByLabel('Password', { exact: true }).fill('read more books today'))
  await act(() => page.getByRole('button', { name: 'Continue' }).click())
  await enrol(page, act)
  await change(page, act, {
    list: 'Books',
    record: 'Invisible Cities',
    field: 'condition',
    value: 'good',
  })

  expect(await page.locator('main').innerText()).toContain('Ada Keeper')
  expect(await (await fetch(origin)).text()).toContain('Invisible Cities')
  expect(count()).toBeLessThanOrEqual(MOST_INTERACTIONS)
})

test('the workshop: Hono, Kysely and MariaDB', { timeout: 3 * MINUTES }, async () => {
  const workshop = await install('hono', 'mariadb')
  const { origin, setUpUrl } = await workshop.start()
  const { page, act, count } = await newcomer()

  await act(() => page.goto(setUpUrl))
  await act(() => page.getByLabel('Name', { exact: true }).fill('Ana Ferreira'))
  await act(() => page.getByLabel('Work e-mail').fill('ana@example.com'))
  await act(() => page.getByLabel('Password', { exact: true }).fill('a quiet harbour at dawn'))
  await act(() => page.getByRole('button', { name: 'Continue' }).click())
  await enrol(page, act)
  await change(page, act, { list: 'Jobs', record: 'New brake pads', field: 'status', value: 'done' })

  expect(await page.locator('main').innerText()).toContain('Ana Ferreira')
  expect(await (await fetch(origin)).text()).toContain('New brake pads: done')
  expect(count()).toBeLessThanOrEqual(MOST_INTERACTIONS)
})

/** Everything that somebody does with mouse or keyboard. */
type Act = (what: () => Promise<unknown>) => Promise<void>

async function newcomer(): Promise<{ page: Page; act: Act; count(): number }> {
  const context: BrowserContext = await visitors.visitor()
  closing.push(() => context.close())
  let interactions = 0
  return {
    page: await context.newPage(),
    async act(what) {
      interactions += 1
      await what()
    },
    count: () => interactions,
  }
}

async function enrol(page: Page, act: Act): Promise<void> {
  await page.waitForURL('**/sign-in/enrol')
  const uri = await enrolledUri(page)
  await act(() => page.getByLabel('Enter the code it shows now').fill(totpCode(uri, Date.now())))
  await act(() => page.getByRole('button', { name: 'Add and sign in' }).click())
  await act(() => page.getByLabel('I saved these codes').check())
  await act(() => page.getByRole('button', { name: 'Continue' }).click())
}

async function change(
  page: Page,
  act: Act,
  what: { readonly list: string; readonly record: string; readonly field: string; readonly value: string },
): Promise<void> {
  await act(() => page.locator('#navigation').getByRole('link', { name: what.list }).click())
  await act(() => page.locator('#list').getByRole('link', { name: what.record }).click())
  await act(() => page.getByRole('link', { name: 'Edit', exact: true }).click())
  await act(() => page.locator(`[name=${what.field}][value=${what.value}]`).check())
  await act(() => page.getByRole('button', { name: 'Save', exact: true }).click())
  await page.locator('[data-toast]').waitFor()
}

interface Installed {
  start(): Promise<{ readonly origin: string; readonly setUpUrl: string }>
}

/** Steps 1 and 2 of the README: what is installed, and what stands in `.env`. */
async function install(name: 'express' | 'hono', engine: ServerEngine): Promise<Installed> {
  const home = join(folder, name)
  cpSync(resolve('examples', name), home, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: home })
  const database = await createTestDatabase(engine)
  closing.push(() => database.drop())
  const { stdout: secret } = await run('npx', ['castellan', 'secret'], { cwd: home })
  const example = readFileSync(join(home, '.env.example'), 'utf8')
  const given: Readonly<Record<string, string>> = {
    DATABASE_URL: database.url.replace(/^mariadb:/, 'mysql:'),
    SESSION_SECRET: randomBytes(32).toString('hex'),
    CASTELLAN_SECRET_KEY: secret.trim(),
  }
  const filled = example.replaceAll(/^([A-Z_]+)=.*$/gm, (line, key: string) =>
    given[key] === undefined ? line : `${key}=${given[key]}`,
  )
  writeFileSync(join(home, '.env'), filled)
  expect(existsSync(join(home, 'node_modules', 'castellan', 'dist'))).toBe(true)
  return { start: () => start(home) }
}

/** Step 3: `npm start`, until it has said both of its lines. */
async function start(home: string): Promise<{ readonly origin: string; readonly setUpUrl: string }> {
  const child: ChildProcess = spawn('npm', ['start'], {
    cwd: home,
    env: { ...process.env, PORT: String(await freePort()) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((settle) => child.once('exit', () => settle()))
  closing.push(async () => {
    // npm starts the server as a process of its own: both are in the group
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await exited
  })
  let printed = ''
  return await new Promise((settle, fail) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString()
      const [, setUpUrl] = /^Set up the first administrator at (.+)$/m.exec(printed) ?? []
      const [, origin] = / is open at (.+)$/m.exec(printed) ?? []
      if (setUpUrl && origin) settle({ origin, setUpUrl })
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', () => fail(new Error(`It did not start:\n${printed}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
      server.close(() => settle(port))
    })
  })
}
