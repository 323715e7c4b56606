import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openIdentity } from '../../test/identity.ts'
import type { PasswordRanges } from './parts.ts'

const LEAKED = 'four lanterns on a pier'
const ANA = { name: 'Ana', email: 'ana@example.com' }

/** What is wrong with a password where leaked ones are looked up so, and what was asked. */
async function asked(
  password: string,
  answer: (suffix: string) => string | Promise<string>,
): Promise<{ readonly problems: readonly string[]; readonly prefixes: readonly string[] }> {
  const prefixes: string[] = []
  const digest = createHash('sha1').update(LEAKED).digest('hex').toUpperCase()
  const passwordRanges: PasswordRanges = async (prefix) => {
    prefixes.push(prefix)
    return await answer(digest.slice(5))
  }
  await using world = await openIdentity({ passwordRanges })
  return { problems: await world.identity.passwordProblems(password, ANA), prefixes }
}

test('refuses a password that has leaked, and tells no more of it than five digits', async () => {
  const { problems, prefixes } = await asked(
    LEAKED,
    (suffix) => `0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n${suffix}:42`,
  )

  expect(problems).toEqual([expect.stringMatching(/^has leaked/)])
  expect(prefixes).toEqual([createHash('sha1').update(LEAKED).digest('hex').slice(0, 5).toUpperCase()])
})

test.each([
  ['is not in the range', () => '0018A45C4D1DEF81644B54AB7F969B88D65:1'],
  ['is there as padding alone', (suffix: string) => `${suffix}:0`],
  ['can not be looked up', () => Promise.reject(new Error('down'))],
  ['is answered by far too much', () => 'x'.repeat(3_000_000)],
])('takes one that %s', async (_, answer) => {
  expect((await asked(LEAKED, answer)).problems).toEqual([])
})

test('asks nobody about a password that is refused anyway', async () => {
  expect((await asked('passwordpassword', (suffix) => suffix)).prefixes).toEqual([])
})
