/** The log proved, exported and tampered with, from the terminal and with the database's own client. */

import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { castellan, type Finished, SECRET, temporaryFolder } from './castellan.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const environment = { CASTELLAN_SECRET_KEY: SECRET }
const run = (line: string, input = ''): Promise<Finished> =>
  castellan(line.split(' '), { folder, environment, input })

beforeAll(async () => {
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  shop.close()
  for (const name of ['one', 'two', 'three']) {
    await run(`token create --database sqlite:shop.db --name ${name} --role auditor`)
  }
  await run('audit export --database sqlite:shop.db --to evidence')
})

/** The shop again, under a name of its own. */
function copyOfShop(name: string): string {
  const file = join(folder, `${name}.db`)
  cpSync(join(folder, 'shop.db'), file)
  return file
}

/** What `sqlite3` does with a file, triggers dropped. */
function tamper(file: string, sql: string): void {
  const triggers = execFileSync('/usr/bin/sqlite3', [
    file,
    "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'",
  ]).toString()
  execFileSync('/usr/bin/sqlite3', [file, `${triggers}${sql}`])
}

test('verifies, names the root, and says that no key was pinned', async () => {
  const { code, stdout } = await run('audit verify --database sqlite:shop.db')

  expect(stdout).toMatch(/^verified \d+ events, \d+ checkpoints, root [0-9a-f]{64}\n/)
  expect(stdout).toContain('not pinned')
  expect(code).toBe(0)
})

test('needs neither the secret nor the right to write', async () => {
  const { code } = await castellan(['audit', 'verify', '--database', 'sqlite:shop.db'], { folder })

  expect(code).toBe(0)
})

test('verifies an export with a pinned key, away from the database', async () => {
  const { code, stdout } = await run('audit verify --from evidence --key evidence/key.pub')

  expect(stdout).toMatch(/^verified \d+ events/)
  expect(stdout).not.toContain('not pinned')
  expect(code).toBe(0)
})

test('writes the events for another program, and names the formats there are', async () => {
  const { code } = await run('audit export --database sqlite:shop.db --format cef --to audit.cef')
  const unknown = await run('audit export --database sqlite:shop.db --format xml --to audit.xml')

  expect(readFileSync(join(folder, 'audit.cef'), 'utf8')).toMatch(/^(?:CEF:0\|Castellan\|.+\n){5,}$/)
  expect(code).toBe(0)
  expect(unknown.stderr).toContain('jsonl, csv, ocsf, ecs, cef, otel')
  expect(unknown.code).toBe(2)
})

test('proves one event as a file that is checked with the key alone', async () => {
  const proved = await run('audit prove 2 --database sqlite:shop.db --to two.tlog-proof')
  expect(proved).toMatchObject({ code: 0, stdout: '' })
  const again = await run('audit prove 2 --from evidence')

  const checked = await run('audit verify --proof two.tlog-proof --key evidence/key.pub')
  expect(checked.stdout).toMatch(
    /^verified event 2 of \d+ in castellan\/[0-9a-f]{32}, signed at .+\nkey .+ pinned\n\{/,
  )
  expect(checked.code).toBe(0)
  expect(again.stdout).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  const reads = execFileSync('/usr/bin/sqlite3', [
    join(folder, 'shop.db'),
    'SELECT reason FROM castellan_audit_event WHERE event LIKE \'%"details":{"event":%\'',
  ])
  expect(reads.toString()).toMatch(/^castellan audit prove, typed by /)

  const forged = readFileSync(join(folder, 'two.tlog-proof'), 'utf8').replace('index 1', 'index 2')
  writeFileSync(join(folder, 'forged.tlog-proof'), forged)
  const refused = await run('audit verify --proof forged.tlog-proof --key evidence/key.pub --json')
  expect(JSON.parse(refused.stdout)).toMatchObject({ kind: 'tampered', sequence: 3 })
  expect(refused.code).toBe(1)
})

test('never writes over an export', async () => {
  const before = readFileSync(join(folder, 'evidence', 'events.jsonl'))

  const again = await run('audit export --database sqlite:shop.db --to evidence')

  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(readFileSync(join(folder, 'evidence', 'events.jsonl'))).toEqual(before)
})

test('lets nobody change an event while the triggers stand', () => {
  const file = copyOfShop('guarded')

  expect(() =>
    execFileSync('/usr/bin/sqlite3', [file, 'DELETE FROM castellan_audit_event'], { stdio: 'pipe' }),
  ).toThrow(/append-only|refused|castellan/i)
})

test('names the sequence of one byte that was changed in one event', async () => {
  const file = copyOfShop('changed')
  tamper(
    file,
    'UPDATE castellan_audit_event SET event = replace(event, \'"two"\', \'"TWO"\') WHERE event LIKE \'%"two"%\'',
  )

  const { code, stdout } = await run('audit verify --database sqlite:changed.db')

  expect(stdout).toMatch(/^TAMPERED at sequence \d+: /)
  expect(code).toBe(1)
})

test('names the sequence of an event that was removed', async () => {
  const file = copyOfShop('removed')
  tamper(file, 'DELETE FROM castellan_audit_event WHERE sequence = 2')

  const { code, stdout } = await run('audit verify --database sqlite:removed.db')

  expect(stdout).toMatch(/^TAMPERED at sequence 2: /)
  expect(code).toBe(1)
})

test('finds a line that was added to an export', async () => {
  cpSync(join(folder, 'evidence'), join(folder, 'forged'), { recursive: true })
  const [line = ''] = readFileSync(join(folder, 'evidence', 'events.jsonl'), 'utf8').split('\n')
  appendFileSync(join(folder, 'forged', 'events.jsonl'), `${line}\n`)

  const { code, stdout } = await run('audit verify --from forged')

  expect(stdout).toMatch(/^TAMPERED at sequence \d+: /)
  expect(code).toBe(1)
})

test.each([
  ['an option that does not exist', 'audit verify --form evidence', 3, /Did you mean "--from"\?/],
  [
    'a folder and a database at once',
    'audit verify --from evidence --database sqlite:shop.db',
    3,
    /not both/,
  ],
  ['a proof without a key', 'audit verify --proof two.tlog-proof', 3, /Write --key FILE/],
  ['a proof that is none', 'audit verify --proof notes.txt --key evidence/key.pub', 3, /no proof/],
  ['an event that is neither number nor id', 'audit prove two --from evidence', 2, /by its number/],
  ['an event that is not there', 'audit prove 9999 --from evidence', 1, /No event of sequence 9999/],
  ['a key that is none', 'audit verify --from evidence --key notes.txt', 3, /notes\.txt/],
  ['a folder without an export', 'audit verify --from .', 2, /no export/],
  ['a database without a log', 'audit verify --database sqlite:plain.db', 2, /no audit log/],
  ['a database that is missing', 'audit verify --database sqlite:missing.db', 78, /does not exist/],
])('refuses %s', async (_, line, code, says) => {
  writeFileSync(join(folder, 'notes.txt'), 'Remember the milk.')
  new DatabaseSync(join(folder, 'plain.db')).exec(
    'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY)',
  )

  const finished = await run(line)

  expect(finished.stderr).toMatch(says)
  expect(finished).toMatchObject({ code, stdout: '' })
})
