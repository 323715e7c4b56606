import { expect, test } from 'vitest'
import type { FieldType, Value } from '../../model/model.ts'
import { valueOfLiteral } from './literal.ts'

test.each<[FieldType, string, Value]>([
  ['int', '5', 5],
  ['int', '-5', -5],
  ['int', '5.5', null],
  ['bigint', '18446744073709551615', 18446744073709551615n],
  ['bigint', 'x', null],
  ['decimal', '4.5', '4.5'],
  ['float', '1e3', 1000],
  ['float', 'Infinity', null],
  ['bool', 'TRUE', true],
  ['bool', '0', false],
  ['bool', 'maybe', null],
  ['text', '', ''],
  ['json', '{"a": 1}', '{"a": 1}'],
  ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['date', '2020-02-29', '2020-02-29'],
  ['date', 'now', null],
  ['time', '10:30', '10:30:00'],
  ['timestamp', '2020-02-29 10:30:00', '2020-02-29T10:30:00'],
  ['timestamptz', '2020-02-29 10:30:00+02', '2020-02-29T08:30:00Z'],
  ['timestamptz', 'infinity', null],
  ['bytes', 'x', null],
  ['opaque', 'x', null],
])('reads a default of the type %s from %s', (type, text, value) => {
  expect(valueOfLiteral({ type, scale: null, choices: null }, text)).toBe(value)
})

test('keeps the scale of a decimal, and to the labels of an enum', () => {
  expect(valueOfLiteral({ type: 'decimal', scale: 2, choices: null }, '4.5')).toBe('4.50')
  expect(valueOfLiteral({ type: 'enum', scale: null, choices: ['a'] }, 'a')).toBe('a')
  expect(valueOfLiteral({ type: 'enum', scale: null, choices: ['a'] }, 'b')).toBeNull()
})
