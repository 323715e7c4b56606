/** The list of leaked passwords is what its script makes, and nobody has written in it. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commonPasswords } from '../scripts/common-passwords.ts'

test('the leaked passwords are those of the list', () => {
  expect(readFileSync('src/identity/common-passwords.ts', 'utf8')).toBe(commonPasswords())
})
