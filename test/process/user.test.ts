/** What the command line does to people, found by their e-mail: each says what became of it, and the list shows it. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { castellan, SECRET, temporaryFolder } from './castellan.ts'

let folder = ''
let remove = (): void => undefined
beforeEach(() => {
  const made = temporaryFolder()
  folder = made.folder
  remove = made.remove
  const shop = new DatabaseSync(join(folder, 'shop.db'))
  shop.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT)')
  shop.close()
})
afterEach(() => remove())

const environment = {
  CASTELLAN_SECRET_KEY: SECRET,
  CASTELLAN_DATABASE_URL: 'sqlite:shop.db',
  CASTELLAN_PUBLIC_URL: 'https://admin.example.com',
}

const run = (...line: readonly string[]) => castellan(['user', ...line], { folder, environment })

async function listed(): Promise<Readonly<Record<string, unknown>>> {
  const [person] = JSON.parse((await run('list', '--json')).stdout)
  return person
}

test('invites somebody, and keeps out, lets in, gives, takes and resets', async () => {
  const dee = ['--email', 'dee@example.com']
  const invited = await run(
    'invite',
    ...dee,
    '--name',
    'Dee',
    '--role',
    'support',
    '--attribute',
    'region=emea',
  )
  expect(invited.code).toBe(0)
  expect(invited.stdout.trim()).toMatch(/^https:\/\/admin\.example\.com\/admin\/invitation\?token=[\w-]{43}$/)
  expect(await listed()).toMatchObject({
    name: 'Dee',
    roles: ['support'],
    isActive: true,
    hasSecondFactor: false,
  })

  expect((await run('deactivate', ...dee)).stderr).toContain('Dee is kept out')
  expect(await listed()).toMatchObject({ isActive: false })
  expect((await run('activate', ...dee)).stderr).toContain('Dee may sign in.')
  expect((await run('grant', ...dee, '--role', 'admin', '--expires', '30d')).stderr).toMatch(
    /role admin until/,
  )
  expect(await listed()).toMatchObject({ isActive: true, roles: ['admin', 'support'] })
  expect((await run('revoke', ...dee, '--role', 'support')).code).toBe(0)
  expect(await listed()).toMatchObject({ roles: ['admin'] })
  const reset = await run('reset', ...dee, '--second-factor')
  expect(reset.stdout).toMatch(/\/admin\/invitation\?token=[\w-]{43}/)
  expect(reset.stdout).not.toBe(invited.stdout)

  const nobody = await run('deactivate', '--email', 'eve@example.com')
  expect([nobody.code === 0, nobody.stdout]).toEqual([false, ''])
  expect((await run('revoke', ...dee, '--role', 'support')).code).not.toBe(0)
})
