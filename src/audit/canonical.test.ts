import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, parseCanonical } from './canonical.ts'

test('serialises the sample of RFC 8785, section 3.2.2', () => {
  const sample: unknown = JSON.parse(`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`)

  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('sorts names by UTF-16 code units, as RFC 8785, section 3.2.3', () => {
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }

  const names = [...canonicalJson(sample).matchAll(/:"([^"]*)"/g)].map(([, name]) => name)

  expect(names).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
])('serialises the number %s of RFC 8785, appendix B', (bits, expected) => {
  expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(expected)
})

test.each([
  ['undefined', undefined],
  ['undefined in an object', { a: undefined }],
  ['a bigint', 1n],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a lone surrogate', '\ud800'],
  ['a lone surrogate as a name', { '\udc00': 1 }],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a function', () => 1],
])('refuses %s', (_name, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError)
})

test('escapes what could end a line or drive a terminal', () => {
  expect(canonicalJson('a\r\nb\u001b[31m\u0000')).toBe('"a\\r\\nb\\u001b[31m\\u0000"')
})

test('reads back exactly the canonical texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(JSON.parse(JSON.stringify(value).toWellFormed()))

      expect(canonicalJson(parseCanonical(text))).toBe(text)
    }),
  )
})

test.each([
  ['a space', '{"a": 1}'],
  ['another order', '{"b":1,"a":2}'],
  ['a name given twice', '{"a":1,"a":1}'],
  ['a needless escape', '"\\u0041"'],
  ['another form of a number', '1.0'],
  ['an escaped lone surrogate', '"\\ud800"'],
  ['no JSON', '{"a":'],
])('reads nothing from %s', (_name, text) => {
  expect(parseCanonical(text)).toBeUndefined()
})

test('reads names that look like numbers in their canonical order', () => {
  expect(parseCanonical('{"10":1,"9":2}')).toEqual({ '10': 1, '9': 2 })
  expect(parseCanonical('{"9":2,"10":1}')).toBeUndefined()
})
