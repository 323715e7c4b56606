import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { bindable, executeOn } from './statement.ts'

/** The rows that one statement gives on an empty database. */
function rowsOf(text: string, ...parameters: readonly unknown[]): readonly object[] {
  return executeOn(new DatabaseSync(':memory:'))(text, parameters).rows
}

test.each([undefined, Number.NaN, {}, [1], new Date(0), Symbol('a'), () => 1])(
  'refuses to bind %s',
  (value) => {
    expect(() => bindable(value)).toThrow(TypeError)
  },
)

test('refuses a bigint over 64 bits, and binds the extremes', () => {
  expect(() => bindable(2n ** 63n)).toThrow(RangeError)
  expect(() => bindable(-(2n ** 63n) - 1n)).toThrow(RangeError)
  expect(rowsOf('SELECT ? AS a, ? AS b', 2n ** 63n - 1n, -(2n ** 63n))).toEqual([
    { a: 2n ** 63n - 1n, b: -(2n ** 63n) },
  ])
})

test('binds whole numbers and booleans as integers, fractions as real', () => {
  expect(
    rowsOf('SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d', 1, true, 1.5, null),
  ).toEqual([{ a: 'integer', b: 'integer', c: 'real', d: 'null' }])
})

test('binds text with any character, and bytes', () => {
  const text = '\'";--\0\u{1F600}'

  expect(rowsOf('SELECT ? AS text, ? AS bytes', text, new Uint8Array([0, 255]))).toEqual([
    { text, bytes: new Uint8Array([0, 255]) },
  ])
})

test('refuses a second statement in one text', () => {
  expect(() => rowsOf('SELECT 1; DROP TABLE a')).toThrow('One statement at a time')
  expect(rowsOf(' SELECT 1 AS one ; \n')).toEqual([{ one: 1n }])
})

test('counts what a change did, and knows the new row', () => {
  const execute = executeOn(new DatabaseSync(':memory:'))
  execute('CREATE TABLE a (id INTEGER PRIMARY KEY, x)', [])

  const inserted = execute('INSERT INTO a (x) VALUES (?), (?)', [1, 2])

  expect(inserted).toMatchObject({ changes: 2n, lastRowId: 2n })
  expect(execute('UPDATE a SET x = 0 WHERE x > ?', [1]).changes).toBe(1n)
})

test('runs a kept statement again with other parameters, more statements than it keeps', () => {
  const execute = executeOn(new DatabaseSync(':memory:'))
  const numbers = Array.from({ length: 500 }, (_, index) => index)

  const twice = [...numbers, ...numbers].map((n) => execute(`SELECT ? + ${n} AS sum`, [n]).rows[0]?.['sum'])

  expect(twice).toEqual([...numbers, ...numbers].map((n) => BigInt(2 * n)))
})
