import { expect, test } from 'vitest'
import { AdminError } from '../errors.ts'
import { field, model } from './fixture.ts'
import type { Field, FieldType, Value } from './model.ts'
import { NOT_WRITABLE, parseValue, parseValues } from './parse.ts'

const UUID = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'

const ACCEPTED: readonly [FieldType, unknown, Value, Partial<Field>?][] = [
  ['int', '42', 42],
  ['int', -7, -7],
  ['int', '32767', 32767, { dbType: 'smallint' }],
  ['int', '65535', 65_535, { dbType: 'smallint(5) unsigned' }],
  ['int', '255', 255, { dbType: 'tinyint(3) unsigned' }],
  ['int', '4294967295', 4_294_967_295, { dbType: 'int(10) unsigned' }],
  ['bigint', '18446744073709551615', 18_446_744_073_709_551_615n, { dbType: 'bigint(20) unsigned' }],
  ['bigint', '9223372036854775807', 9223372036854775807n],
  ['bigint', ' -9223372036854775808 ', -9223372036854775808n],
  ['bigint', 5, 5n],
  ['decimal', '12', '12.00', { scale: 2 }],
  ['decimal', '-00.5', '-0.5'],
  ['decimal', '99999999.99', '99999999.99', { scale: 2, dbType: 'decimal(10, 2)' }],
  ['float', '2.5e3', 2500],
  ['float', 0.1, 0.1],
  ['bool', 'on', true],
  ['bool', false, false],
  ['text', '', ''],
  ['text', '  kept  ', '  kept  '],
  ['text', '👩‍🚀', '👩‍🚀', { maxLength: 3 }],
  ['enum', 'paid', 'paid', { choices: [{ value: 'paid', label: 'Paid' }] }],
  ['enum', '', '', { choices: [{ value: '', label: '' }], nullable: true }],
  ['enum', '', null, { choices: [{ value: 'paid', label: 'Paid' }], nullable: true }],
  ['uuid', UUID.toUpperCase(), UUID],
  ['date', '2024-02-29', '2024-02-29'],
  ['time', '14:30', '14:30:00'],
  ['time', '14:30:05.5', '14:30:05.500000'],
  ['timestamp', '2026-11-21 10:00', '2026-11-21T10:00:00'],
  ['timestamptz', '2026-11-21T00:30:00.25+02:00', '2026-11-20T22:30:00.250000Z'],
  ['timestamptz', '2026-11-21T10:00', '2026-11-21T10:00:00Z'],
  ['json', '{ "a": 1 }', '{ "a": 1 }'],
  ['json', { a: [1] }, '{"a":[1]}'],
  ['json', false, 'false'],
  ['bytes', 'AAH/', new Uint8Array([0, 1, 255])],
  ['bytes', new Uint8Array([1]), new Uint8Array([1])],
]

test.each(ACCEPTED)('%s takes %j', (type, raw, value, differing) => {
  expect(parseValue(field('a', type, differing), raw)).toEqual({ ok: true, value })
})

const REFUSED: readonly [FieldType, unknown, string, Partial<Field>?][] = [
  ['int', '4.2', 'must be a whole number such as 42'],
  ['int', 4.2, 'must be a whole number such as 42'],
  ['int', true, 'must be a whole number such as 42'],
  ['int', '32768', 'must be at most 32767', { dbType: 'SMALLINT' }],
  ['int', '-32769', 'must be at least -32768', { dbType: 'SMALLINT' }],
  ['int', '65536', 'must be at most 65535', { dbType: 'smallint(5) unsigned' }],
  ['int', '-1', 'must be at least 0', { dbType: 'int(10) unsigned' }],
  ['bigint', '-1', 'must be at least 0', { dbType: 'BIGINT UNSIGNED' }],
  ['int', '9007199254740992', 'must be at most 9007199254740991'],
  ['bigint', '9223372036854775808', 'must be at most 9223372036854775807'],
  ['bigint', 2 ** 60, 'must be a whole number such as 42'],
  ['decimal', 12.5, 'must be a decimal number such as 12.00, as text', { scale: 2 }],
  ['decimal', '1e3', 'must be a decimal number such as 12, as text'],
  ['decimal', '1.005', 'must have at most 2 digits after the point', { scale: 2 }],
  ['decimal', '100', 'must be at most 99.99', { scale: 2, dbType: 'NUMERIC(4,2)' }],
  ['decimal', '-100', 'must be at least -99.99', { scale: 2, dbType: 'NUMERIC(4,2)' }],
  ['float', '0x10', 'must be a number such as 2.5'],
  ['float', '1e999', 'must be a finite number'],
  ['bool', 'yes', 'must be true or false'],
  ['bool', 1, 'must be true or false'],
  ['text', 5, 'must be text'],
  ['text', { toString: 'x' }, 'must be text'],
  ['text', 'abcd', 'must be at most 3 characters long, not 4', { maxLength: 3 }],
  ['text', 'a\0b', 'must not contain a NUL character'],
  ['text', '\ud800', 'must be text without broken characters'],
  ['enum', 'gone', 'must be one of "paid"', { choices: [{ value: 'paid', label: 'Paid' }] }],
  ['uuid', `${UUID}0`, 'must be a UUID such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427'],
  ['date', '2026-02-29', 'must be a date such as 2026-11-21'],
  ['date', '21.11.2026', 'must be a date such as 2026-11-21'],
  ['date', '0000-01-01', 'must be a date such as 2026-11-21'],
  ['time', '24:00', 'must be a time such as 14:30 or 14:30:05'],
  ['timestamp', '2026-11-21T10:00:00Z', 'must be a date and time without a zone, such as 2026-11-21T14:30'],
  ['timestamptz', '2026-11-31T10:00:00Z', 'must be a date and time such as 2026-11-21T14:30:00Z'],
  ['timestamptz', '0001-01-01T00:00:00+01:00', 'must be a date and time such as 2026-11-21T14:30:00Z'],
  ['json', '{a: 1}', 'must be JSON such as {"key": "value"}'],
  ['bytes', '###', 'must be a file, or its bytes as base64'],
  ['bytes', 'AAAA', 'must be at most 2 bytes long, not 3', { maxLength: 2 }],
  ['opaque', 'x', NOT_WRITABLE],
]

test.each(REFUSED)('%s refuses %j', (type, raw, problem, differing) => {
  expect(parseValue(field('a', type, differing), raw)).toEqual({ ok: false, problem })
})

test('an empty entry is null where that is possible, and text where it is text', () => {
  expect(parseValue(field('a', 'int', { nullable: true }), '')).toEqual({ ok: true, value: null })
  expect(parseValue(field('a', 'int'), '')).toEqual({ ok: false, problem: 'must have a value' })
  expect(parseValue(field('a', 'text', { nullable: true }), '')).toEqual({ ok: true, value: '' })
  expect(parseValue(field('a', 'text', { nullable: true }), null)).toEqual({ ok: true, value: null })
  expect(parseValue(field('a', 'text'), null)).toEqual({ ok: false, problem: 'must have a value' })
})

const orders = model('orders', [
  field('id', 'bigint', { hasDefault: true }),
  field('number'),
  field('total', 'decimal', { scale: 2 }),
  field('status', 'text', { hasDefault: true }),
  field('note', 'text', { nullable: true }),
  field('total_with_tax', 'decimal', { generated: true }),
  field('made_at', 'timestamp', { readonly: true, nullable: true }),
  field('margin', 'decimal', { hidden: true, nullable: true }),
  field('token', 'text', { sensitivity: 'secret', nullable: true }),
])
const every = new Set(orders.fields.map((one) => one.name))

function problemsOf(
  input: unknown,
  writable: ReadonlySet<string> = every,
  mode: 'create' | 'update' = 'update',
) {
  try {
    parseValues(orders, input, writable, mode)
  } catch (error) {
    if (error instanceof AdminError && error.code === 'invalid-input') return error.fields
    throw error
  }
  return {}
}

test('gives back what was given, in the types of the fields', () => {
  const values = parseValues(orders, { total: '5', note: null, status: undefined }, every, 'update')

  expect(values).toEqual({ total: '5.00', note: null })
})

test('names every wrong field at once', () => {
  const wrong = () => parseValues(orders, { total: 'x', number: null }, every, 'update')

  expect(wrong).toThrow('orders.update: check total, number.')
  expect(problemsOf({ total: 'x', number: null })).toEqual({
    total: ['must be a decimal number such as 12.00, as text'],
    number: ['must have a value'],
  })
})

test('says the same of a field that does not exist and of one that may not be written', () => {
  const writable = new Set(['number', 'total_with_tax', 'made_at', 'margin'])

  for (const name of ['nonsense', 'status', 'token', 'total_with_tax', 'made_at', 'margin', '__proto__']) {
    expect(problemsOf(JSON.parse(`{"${name}": "1"}`), writable)).toEqual(
      Object.fromEntries([[name, [NOT_WRITABLE]]]),
    )
  }
  expect(problemsOf({ number: '1' }, writable)).toEqual({})
})

test('a secret field is written where the policy grants it by name', () => {
  expect(parseValues(orders, { token: 'x' }, new Set(['token']), 'update')).toEqual({ token: 'x' })
})

test('what the source does not fill must be there on create, and only there', () => {
  expect(problemsOf({ number: '1' }, every, 'create')).toEqual({ total: ['must have a value'] })
  expect(problemsOf({ number: '1' }, new Set(['number']), 'create')).toEqual({})
  expect(problemsOf({ number: '1' })).toEqual({})
})

test.each([null, 'text', 5, [1]])('takes fields by name, not %j', (input) => {
  expect(() => parseValues(orders, input, every, 'create')).toThrow('orders.create takes fields by name.')
})
