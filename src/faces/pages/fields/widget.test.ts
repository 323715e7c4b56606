import { expect, test } from 'vitest'
import { field, model } from '../../../model/fixture.ts'
import type { Field, Relation } from '../../../model/model.ts'
import { inputText, submittedText, widgetOf } from './widget.ts'

function one(name: string, from: readonly string[]): Relation {
  return { name, label: name, kind: 'one', target: 'others', from, to: from, onDelete: 'restrict' }
}

const MODEL = model('orders', [], {
  relations: [one('customer', ['customer_id']), one('line', ['order_id', 'line_no'])],
})

function widget(name: string, only: Partial<Field> = {}, text = '') {
  return widgetOf(MODEL, field(name, only.type, only), text)
}

test('follows the type', () => {
  expect(widget('total', { type: 'decimal' })).toBe('number')
  expect(widget('gift', { type: 'bool' })).toBe('boolean')
  expect(widget('gift', { type: 'bool', nullable: true })).toBe('maybe-boolean')
  expect(widget('meta', { type: 'json' })).toBe('json')
  expect(widget('photo', { type: 'bytes' })).toBe('file')
  expect(widget('price', { type: 'opaque' })).toBe('fixed')
})

test('picks a record for a foreign key of one field only', () => {
  expect(widget('customer_id', { type: 'bigint' })).toBe('relation')
  expect(widget('order_id', { type: 'bigint' })).toBe('number')
})

test('offers up to five choices as radios, more as a list', () => {
  const choices = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ value: `${index}`, label: `${index}` }))

  expect(widget('status', { type: 'enum', choices: choices(5) })).toBe('radio')
  expect(widget('status', { type: 'enum', choices: choices(5), nullable: true })).toBe('select')
  expect(widget('status', { type: 'enum', choices: choices(6) })).toBe('select')
})

test('knows an e-mail, an address and prose by name', () => {
  expect(widget('email')).toBe('email')
  expect(widget('contact_email')).toBe('email')
  expect(widget('website')).toBe('url')
  expect(widget('internal_note')).toBe('long-text')
  expect(widget('subtitle')).toBe('text')
})

test('falls back to text for what a native input cannot hold', () => {
  expect(widget('born', { type: 'date' }, '2026-11-20')).toBe('date')
  expect(widget('born', { type: 'date' }, 'about 1920')).toBe('text')
  expect(widget('placed_at', { type: 'timestamptz' }, '2026-11-20T09:41:00')).toBe('timestamp')
  expect(widget('placed_at', { type: 'timestamptz' }, 'yesterday')).toBe('text')
})

test('types as text what a native input would send back as nothing', () => {
  expect(widget('born', { type: 'date' }, '0000-00-00')).toBe('text')
  expect(widget('born', { type: 'date' }, '2026-02-30')).toBe('text')
  expect(widget('opens', { type: 'time' }, '24:00:00')).toBe('text')
  expect(widget('placed_at', { type: 'timestamp' }, '2026-02-30T10:00:00')).toBe('text')
  expect(widget('gift', { type: 'bool' }, 'yes')).toBe('text')
})

test('gives several lines to whatever has them', () => {
  expect(widget('email', {}, 'a@b.example\nc@d.example')).toBe('long-text')
  expect(widget('total', { type: 'decimal' }, '1\n2')).toBe('long-text')
  expect(widget('subtitle', { widget: 'text' }, 'one\ntwo')).toBe('long-text')
  expect(widget('meta', { type: 'json' }, '{\n}')).toBe('json')
})

test('never shows a secret', () => {
  expect(widget('password_hash', { sensitivity: 'secret' })).toBe('secret')
})

test('takes the zone and the microseconds off an instant, and gives the zone back', () => {
  const placed = field('placed_at', 'timestamptz')

  expect(inputText(placed, '2026-11-20T09:41:07.123456Z')).toBe('2026-11-20T09:41:07.123')
  expect(inputText(placed, '2026-11-20T09:41:07Z')).toBe('2026-11-20T09:41:07')
  expect(submittedText(placed, '2026-11-20T09:41')).toBe('2026-11-20T09:41Z')
  expect(submittedText(placed, 'yesterday')).toBe('yesterday')
})

test('shows a bigint and a decimal digit by digit', () => {
  expect(inputText(field('id', 'bigint'), 9_007_199_254_740_993n)).toBe('9007199254740993')
  expect(inputText(field('total', 'decimal'), '12.50')).toBe('12.50')
})
