import fc from 'fast-check'
import { expect, test } from 'vitest'
import { field } from './fixture.ts'
import { textOf, valueOfText } from './text.ts'

test('null has no text', () => {
  expect(textOf(field('a'), null)).toBeNull()
})

test('texts are exact', () => {
  expect(textOf(field('a', 'bigint'), 9223372036854775807n)).toBe('9223372036854775807')
  expect(textOf(field('a', 'decimal'), '12.00')).toBe('12.00')
  expect(textOf(field('a', 'bool'), false)).toBe('false')
  expect(textOf(field('a', 'float'), 0.1)).toBe('0.1')
  expect(textOf(field('a'), ' ß ')).toBe(' ß ')
})

test('bytes are described, not shown whole', () => {
  const bytes = field('a', 'bytes')

  // the digest of "abc" in FIPS 180-4
  expect(textOf(bytes, new TextEncoder().encode('abc'))).toBe(
    '<3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad>',
  )
  expect(textOf(bytes, new Uint8Array([10]))).toMatch(/^<1 byte, SHA-256 [0-9a-f]{64}>$/)
})

test('numbers keep every bit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (number) => {
      const text = textOf(field('a', 'float'), number) ?? ''

      expect(valueOfText(field('a', 'float'), text)).toBe(number)
    }),
  )
})

test('a decimal reads back in its canonical form only', () => {
  expect(valueOfText(field('a', 'decimal', { scale: 2 }), '12.00')).toBe('12.00')
  expect(valueOfText(field('a', 'decimal', { scale: 2 }), '12')).toBe('12')
  expect(valueOfText(field('a', 'decimal'), '012')).toBeUndefined()
  expect(valueOfText(field('a', 'decimal'), 'x')).toBeUndefined()
})
