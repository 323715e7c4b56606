/** `init` in folders as people have them, and the configuration file that it writes. */

import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { castellan, filesIn, type Running, start, temporaryFolder } from './castellan.ts'

let folder = ''
let remove = (): void => undefined
let running: Running | null = null

beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(async () => {
  await running?.stop()
  running = null
  remove()
})

function shop(name = 'shop.db'): void {
  const made = new DatabaseSync(join(folder, name))
  made.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  made.close()
}

/** As `npm install castellan` does, from this checkout. */
function install(): void {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(resolve('.'), join(folder, 'node_modules', 'castellan'))
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

test('makes a configuration that starts as it stands', async () => {
  shop()
  install()

  const { code, stdout, stderr } = await castellan(['init'], { folder })
  running = await start(['serve'], { folder })

  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('Next:\n  npx castellan serve\n  npx castellan doctor\n')
  expect(read('castellan.config.ts')).toContain("database: 'sqlite:shop.db'")
  expect(read('.env')).toMatch(/^CASTELLAN_SECRET_KEY=[\w-]{43}$/m)
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
  expect(read('.gitignore')).toBe('.env\n.castellan/\n')
  expect(running.printed().stderr).toContain('Found 1 model')
  expect(filesIn(folder)).not.toContain('.castellan')
})

test('is found by every command, and names what is not installed', async () => {
  shop()
  await castellan(['init'], { folder })

  const without = await castellan(['user', 'list'], { folder })
  install()
  const migrated = await castellan(['migrate'], { folder })
  const listed = await castellan(['user', 'list', '--json'], { folder })
  const verified = await castellan(['audit', 'verify'], { folder })

  expect(without.code).toBe(78)
  expect(without.stderr).toMatch(
    /^C403 .*castellan\.config\.ts: it imports "castellan".*npm install castellan/,
  )
  expect(migrated.code).toBe(0)
  expect(listed).toMatchObject({ code: 0, stdout: '[]\n' })
  expect(verified.stdout).toMatch(/^verified /)
})

test('makes a module also where npm init wrote "commonjs"', async () => {
  shop()
  install()
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "type": "commonjs" }')

  await castellan(['init'], { folder })
  const listed = await castellan(['user', 'list', '--json'], { folder })
  const again = await castellan(['init'], { folder })

  expect(filesIn(folder)).toContain('castellan.config.mts')
  expect(filesIn(folder)).not.toContain('castellan.config.ts')
  expect(listed).toMatchObject({ code: 0, stdout: '[]\n' })
  expect(again.stderr).toContain('castellan.config.mts is there already')
})

test('says how a configuration becomes a module where package.json says "commonjs"', async () => {
  shop()
  install()
  await castellan(['init'], { folder })
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "type": "commonjs" }')

  const { code, stderr } = await castellan(['user', 'list'], { folder })

  expect(code).toBe(78)
  expect(stderr).toMatch(/C402 .+ call the file castellan\.config\.mts \(or \.mjs\), or write .+ there\.\n$/)
})

test('adds to the files of a project, and keeps what is there', async () => {
  shop('dev.sqlite')
  writeFileSync(join(folder, '.env'), 'PORT=3000')
  writeFileSync(join(folder, '.gitignore'), 'node_modules/\n.env\n')
  const original = { name: '@acme/web-shop', scripts: { dev: 'node app.js' }, private: true }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(original, null, 4)}\n`)

  const { code, stderr } = await castellan(['init'], { folder })

  expect(code).toBe(0)
  expect(stderr).toContain('npm install castellan')
  expect(read('castellan.config.ts')).toContain("title: 'Web shop'")
  expect(read('.env')).toMatch(/^PORT=3000\n# .+\nCASTELLAN_SECRET_KEY=/)
  expect(read('.gitignore')).toBe('node_modules/\n.env\n.castellan/\n')
  const scripts = { dev: 'node app.js', admin: 'castellan serve' }
  expect(read('package.json')).toBe(`${JSON.stringify({ ...original, scripts }, null, 4)}\n`)
})

test('keeps an address with its password out of the configuration file', async () => {
  const url = "postgres://ana:hunt'er2%23@db.example.com/shop"
  writeFileSync(join(folder, '.env'), `DATABASE_URL="${url}"\n`)

  const { code, stdout, stderr } = await castellan(['init'], { folder })

  expect(code).toBe(0)
  expect(`${stdout}${stderr}${read('castellan.config.ts')}`).not.toContain("hunt'er2")
  expect(read('.env')).toContain(`CASTELLAN_DATABASE_URL=${url}\n`)
})

test('names several databases by their own names', async () => {
  shop()

  const line = 'init --database sqlite:shop.db --database mysql://ana:hunter2@db/crm-2'
  const { code } = await castellan(line.split(' '), { folder })

  expect(code).toBe(0)
  expect(read('castellan.config.ts')).toContain("    shop: 'sqlite:shop.db',\n")
  expect(read('castellan.config.ts')).toContain("    'crm-2': env['CRM_2_DATABASE_URL'] ?? '',\n")
  expect(read('.env')).toContain('CRM_2_DATABASE_URL=mysql://ana:hunter2@db/crm-2\n')
})

test('changes nothing when there is a configuration already', async () => {
  shop()
  writeFileSync(join(folder, 'castellan.config.mjs'), 'export default {}')

  const { code, stderr } = await castellan(['init'], { folder })

  expect(code).toBe(1)
  expect(stderr).toBe(
    'castellan.config.mjs is there already; nothing was changed. Edit it, or remove it first.\n',
  )
  expect(filesIn(folder)).toEqual(['castellan.config.mjs', 'shop.db'])
})

test('makes nothing for a database that is not there', async () => {
  const { code, stderr } = await castellan(['init', '--database', 'sqlite:shop.db'], { folder })

  expect(code).toBe(78)
  expect(stderr).toMatch(/^D101 /)
  expect(filesIn(folder)).toEqual([])
})
