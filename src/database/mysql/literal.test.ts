import { expect, test } from 'vitest'
import { literal, withLiterals } from './literal.ts'

test.each<readonly [unknown, string]>([
  [null, 'NULL'],
  [true, '1'],
  [false, '0'],
  [10, '10'],
  [-1, '-1'],
  [1.5, '1.5e0'],
  [1e300, '1e+300'],
  [2 ** 60, '1152921504606847000e0'],
  [2n ** 64n, '18446744073709551616'],
  ['', "''"],
  ["o'x", "'o''x'"],
  ["a\nb '", "'a\nb '''"],
  ["\\' OR 1 = 1 --", "_utf8mb4 X'5c27204f522031203d2031202d2d'"],
  ['a\0', "_utf8mb4 X'6100'"],
  [new Uint8Array([]), "X''"],
  [new Uint8Array([0, 255]), "X'00ff'"],
])('prints %s as %s', (value, text) => {
  expect(literal(value)).toBe(text)
})

test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY, {}, [], new Date(0)])(
  'refuses %s, which has no form in SQL',
  (value) => {
    expect(() => literal(value)).toThrow(TypeError)
  },
)

test('puts values where placeholders are, and nowhere else', () => {
  const text = "SELECT `a?``?`, '?', 'it''s ?', \"?\", ? WHERE x = ?"

  expect(withLiterals(text, [1n, '?'])).toBe("SELECT `a?``?`, '?', 'it''s ?', \"?\", 1 WHERE x = '?'")
})

test('refuses values that are more or fewer than the placeholders', () => {
  expect(() => withLiterals('SELECT ?', [])).toThrow(TypeError)
  expect(() => withLiterals('SELECT ?', [1, 2])).toThrow(TypeError)
  expect(withLiterals('SELECT ?', [1])).toBe('SELECT 1')
})

test('refuses a backslash in a quoted text, which a setting gives its meaning; in a name it is a character', () => {
  expect(() => withLiterals("SELECT 'a\\'", [])).toThrow(TypeError)
  expect(withLiterals('SELECT `a\\` = ?', [1])).toBe('SELECT `a\\` = 1')
})
