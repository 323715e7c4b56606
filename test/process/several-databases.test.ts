/** One admin over several databases, and which installation a command is about. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { castellan, type Running, SECRET, start, temporaryFolder } from './castellan.ts'

let folder = ''
let remove = (): void => undefined
let running: Running | null = null
const environment = { CASTELLAN_SECRET_KEY: SECRET }

beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
  for (const [name, table] of [
    ['shop', 'orders'],
    ['crm', 'accounts'],
  ]) {
    const database = new DatabaseSync(join(folder, `${name}.db`))
    database.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT)`)
    database.close()
  }
})
afterEach(async () => {
  await running?.stop()
  running = null
  remove()
})

function tables(name: string): readonly string[] {
  const database = new DatabaseSync(join(folder, name), { readOnly: true })
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  database.close()
  return rows.map((row) => String(row['name']))
}

test('calls the models of the second database after it, and keeps the store in the first', async () => {
  const line = ['serve', '--database', 'sqlite:shop.db', '--database', 'sqlite:crm.db']

  running = await start(line, { folder, environment })
  const { stderr } = running.printed()

  expect(stderr).toMatch(
    /^Found 1 model in shop \(.+shop\.db\), with about so many records:\n {2}orders 0\.$/m,
  )
  expect(stderr).toMatch(/^Found 1 model in crm \(.+\n {2}crm\.accounts 0\.$/m)
  expect(stderr).toMatch(/^Changes to crm and their audit events commit one after the other/m)
  expect(tables('crm.db')).toEqual(['accounts'])
  expect(tables('shop.db')).toContain('castellan_audit_event')
})

test('reads the log from the store alone', async () => {
  const where = { folder, environment }
  await castellan(['migrate', '--database', 'sqlite:shop.db', '--store', 'sqlite:own.db'], where)

  const verified = await castellan(['audit', 'verify', '--store', 'sqlite:own.db'], { folder })

  expect(verified.stdout).toMatch(/^verified /)
  expect(tables('shop.db')).toEqual(['orders'])
})

test('reads a configuration file where it is told to, and lets the command line outweigh it', async () => {
  const where = { folder, environment }
  writeFileSync(
    join(folder, 'admin.ts'),
    "const database: string = 'sqlite:shop.db'\nexport default { database, title: 'Shop' }\n",
  )

  const byFile = await castellan(['migrate', '--config', 'admin.ts'], where)
  const both = await castellan(['migrate', '--config', 'admin.ts', '--database', 'sqlite:crm.db'], where)

  expect(byFile.stderr).toContain(join(folder, 'shop.db'))
  expect(both.stderr).toContain(join(folder, 'crm.db'))
})

test('gives a configuration file the variables of .env', async () => {
  writeFileSync(join(folder, '.env'), `CASTELLAN_SECRET_KEY=${SECRET}\nSHOP_URL=sqlite:shop.db\n`)
  writeFileSync(join(folder, 'castellan.config.mjs'), 'export default { database: process.env.SHOP_URL }')

  const { code, stderr } = await castellan(['migrate'], { folder })

  expect(stderr).toContain('shop.db are up to date')
  expect(code).toBe(0)
})

test('serves a configuration file without debug, unless it says so', async () => {
  writeFileSync(join(folder, 'castellan.config.js'), "export default { database: 'sqlite:shop.db' }")

  running = await start(['serve'], { folder, environment })
  const { stderr } = running.printed()
  const answer = await fetch(`${running.url}/sign-in`, { redirect: 'manual' })

  expect(stderr).not.toMatch(/Debug|Warning/)
  expect(answer.headers.get('location')).toMatch(/^https:/)
})

test('prefers a named database over the configuration file of the folder', async () => {
  writeFileSync(join(folder, 'castellan.config.ts'), "export default { database: 'sqlite:missing.db' }")

  const { code, stderr } = await castellan(['migrate', '--database', 'sqlite:crm.db'], {
    folder,
    environment,
  })

  expect(stderr).toContain('crm.db are up to date')
  expect(code).toBe(0)
})
