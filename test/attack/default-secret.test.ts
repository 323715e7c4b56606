/** An installation that runs under a secret which everybody knows, or which is found out by trying: it does not start. */

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin.ts'
import { AdminError } from '../../src/errors.ts'
import { openTestDatabase } from '../engine.ts'

/** Of sample files, tutorials and the defaults of other admins; long ones as well, so that length alone saves nobody. */
const KNOWN: readonly string[] = [
  'weak',
  'secret',
  'changeme',
  'admin',
  '\x02\x01thisismyscretkey\x01\x02\\e\\y\\y\\h',
  'CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET',
  'thisISaSECRET_1234-thisISaSECRET_1234',
  'YOUR_OWN_RANDOM_GENERATED_SECRET_KEY',
  'TEST_NON_DEV_SECRET-replace-me-replace-me',
  'keyboard cat keyboard cat keyboard cat',
  'django-insecure-4x0(k2s!p@q9z%v7w^b3n&m1',
  'your-secret-key-goes-right-in-this-place',
  'example-example-example-example-example-1',
  'a'.repeat(64),
  'abababababababababababababababababababab',
  '0123456789abcdef0123456789abcdef',
  'password-password-password-password-pass',
]

async function starts(secretKeys: readonly string[]): Promise<readonly string[] | true> {
  const home = await openTestDatabase()
  try {
    await home.run('create table orders (id integer primary key)')
    const admin = createAdmin({ database: home.url, secretKeys, debug: true, log: 'silent' })
    await admin.initialize()
    await admin.close()
    return true
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    expect(JSON.stringify(error.mistakes)).not.toContain(
      secretKeys.find((one) => one.length > 8) ?? 'nothing',
    )
    return error.mistakes.map(({ id }) => id)
  } finally {
    await home.drop()
  }
}

test('no secret that is known, short or easy to guess starts an admin, not even beside a good one', async () => {
  const good = randomBytes(32).toString('base64url')
  for (const secret of KNOWN) {
    for (const secrets of [[secret], [good, secret], [secret, good]]) {
      const found = await starts(secrets)
      expect(found, `${secret} of ${secrets.length}`).toEqual([expect.stringMatching(/^C10[23]$/)])
    }
  }
  expect(await starts([])).toEqual(['C101'])
})

test('control: with a secret of its own the same admin starts', async () => {
  expect(await starts([randomBytes(32).toString('base64url')])).toBe(true)
})
