import fc from 'fast-check'
import { expect, test } from 'vitest'
import { field, model } from './fixture.ts'
import { decodeKey, encodeKey, RESERVED_WORDS } from './key.ts'
import type { FieldType, Value } from './model.ts'

const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())

const VALUES: Partial<Record<FieldType, fc.Arbitrary<Value>>> = {
  int: fc.maxSafeInteger(),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  text: fc.oneof(wellFormed, fc.constantFrom(...RESERVED_WORDS, '~', '~~new', '.', '..', '', 'a/b', '[“"]')),
  bool: fc.boolean(),
  float: fc.double({ noNaN: true }),
  uuid: fc.uuid(),
  date: fc.constant('2026-11-21'),
  bytes: fc.uint8Array({ maxLength: 20 }),
}

const part = fc
  .constantFrom(...(Object.keys(VALUES) as FieldType[]))
  .chain((type) => (VALUES[type] ?? fc.constant(null)).map((value) => ({ type, value })))

function keyed(types: readonly FieldType[]) {
  const fields = types.map((type, index) => field(`k${index}`, type))
  return model('things', fields, { key: fields.map((one) => one.name) })
}

test('every key reads back from its address, single or composite', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const things = keyed(parts.map(({ type }) => type))
      const key = parts.map(({ value }) => value)

      const text = encodeKey(things, key)

      expect(decodeKey(things, text)).toEqual(key)
      expect(RESERVED_WORDS.has(text)).toBe(false)
      expect(['', '.', '..']).not.toContain(text)
    }),
    { numRuns: 1000 },
  )
})

test('one record has one address: what reads back differently leads nowhere', () => {
  fc.assert(
    fc.property(
      wellFormed,
      fc.constantFrom<FieldType>('int', 'bigint', 'float', 'text', 'bytes'),
      (text, type) => {
        const things = keyed([type])
        const key = decodeKey(things, text)

        expect(key === null || encodeKey(things, key) === text).toBe(true)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a reserved word or a tilde gets a tilde before it', () => {
  const things = keyed(['text'])

  expect(encodeKey(things, ['new'])).toBe('~new')
  expect(encodeKey(things, ['~new'])).toBe('~~new')
  expect(encodeKey(things, ['newer'])).toBe('newer')
  expect(decodeKey(things, '~new')).toEqual(['new'])
  expect(decodeKey(things, '~newer')).toBeNull()
})

test('a composite key is a JSON array of texts', () => {
  const things = keyed(['bigint', 'int'])

  expect(encodeKey(things, [10482n, 1])).toBe('["10482","1"]')
  expect(decodeKey(things, '["10482","1"]')).toEqual([10482n, 1])
  for (const wrong of ['["10482"]', '["10482",1]', '["10482", "1"]', '["010482","1"]', '{}', '10482', '[']) {
    expect(decodeKey(things, wrong)).toBeNull()
  }
})

test('numbers have one spelling', () => {
  for (const wrong of ['007', '+7', ' 7', '7.0', '0x7', '7e0', '-0', '']) {
    expect(decodeKey(keyed(['int']), wrong)).toBeNull()
    expect(decodeKey(keyed(['bigint']), wrong)).toBeNull()
  }
  expect(decodeKey(keyed(['bigint']), '9223372036854775807')).toEqual([9223372036854775807n])
})

test('a key that holds NULL has an address that leads nowhere', () => {
  expect(decodeKey(keyed(['text']), encodeKey(keyed(['text']), [null]))).toBeNull()
  expect(decodeKey(keyed(['text', 'int']), encodeKey(keyed(['text', 'int']), ['a', null]))).toBeNull()
  expect(encodeKey(keyed(['text']), ['null'])).toBe('null')
})
