import { expect, test } from 'vitest'
import { readJsonPath, writeJsonPath } from './json-path.ts'

test.each([
  ['$.size', ['size']],
  ['$.a.b_1', ['a', 'b_1']],
  ['$[0]', [0]],
  ['$.lines[12]."unit price"', ['lines', 12, 'unit price']],
  ['$."it\'s"', ["it's"]],
  ['$."größe"', ['größe']],
])('reads %s, and writes it the same', (text, path) => {
  expect(readJsonPath(text)).toEqual(path)
  expect(writeJsonPath(path)).toBe(text)
})

test.each([
  '',
  '$',
  'size',
  '$size',
  '$.',
  '$.*',
  '$[*]',
  '$..a',
  '$[-1]',
  '$[01]',
  '$[1000000]',
  '$.a[0 to 1]',
  '$."',
  '$.""',
  '$."a\\u0022"',
  '$."a\u0000"',
  '$."a\ud800"',
  "$.a' OR 1=1 --",
  '$.a ',
  `$.${'a'.repeat(101)}`,
  `$${'.a'.repeat(9)}`,
])('takes %s for no path', (text) => {
  expect(readJsonPath(text)).toBeNull()
})
