import { expect, test } from 'vitest'
import { field, model } from '../../../model/fixture.ts'
import {
  changedValues,
  conflictOf,
  formFields,
  newValues,
  originalTexts,
  startingTexts,
  textsOf,
  typedTexts,
} from './form.ts'

const FIELDS = [
  field('id', 'bigint', { generated: true }),
  field('status'),
  field('note', 'text', { nullable: true }),
  field('placed_at', 'timestamptz'),
  field('gift', 'bool'),
  field('tax_number', 'text', { sensitivity: 'personal', nullable: true }),
  field('_version'),
  field('photo', 'bytes'),
  field('price', 'opaque'),
]

const MODEL = model('orders', FIELDS)

const OFFERED = formFields(
  MODEL,
  FIELDS.map((one) => one.name),
  'update',
)

test('offers only fields a form can write', () => {
  expect(OFFERED.map((one) => one.name)).toEqual([
    'status',
    'note',
    'placed_at',
    'gift',
    'tax_number',
    'photo',
  ])
  expect(formFields(MODEL, ['status'], 'update').map((one) => one.name)).toEqual(['status'])
})

test('keeps a key as it is, and asks for a new one only where the source makes none', () => {
  const keyed = (hasDefault: boolean) => model('codes', [field('id', 'text', { hasDefault }), field('label')])
  const offered = (hasDefault: boolean, mode: 'create' | 'update') =>
    formFields(keyed(hasDefault), ['id', 'label'], mode).map((one) => one.name)

  expect(offered(false, 'create')).toEqual(['id', 'label'])
  expect(offered(true, 'create')).toEqual(['label'])
  expect(offered(false, 'update')).toEqual(['label'])
})

test('submits only what differs from what was shown', () => {
  const original = textsOf(OFFERED, {
    status: 'unpaid',
    note: 'two\nlines',
    placed_at: '2026-11-20T09:41:07.123456Z',
    gift: false,
  })

  const typed = typedTexts(OFFERED, {
    status: 'paid',
    note: 'two\r\nlines',
    placed_at: original['placed_at'] ?? '',
    gift: 'false',
  })

  expect(changedValues(MODEL, typed, original)).toEqual({ status: 'paid' })
})

test('sees no change in what only the browser writes another way', () => {
  const shown = { placed_at: '2026-11-20T09:41:00', note: 'a\r\nb' }

  expect(changedValues(MODEL, { placed_at: '2026-11-20T09:41', note: 'a\nb' }, shown)).toEqual({})
  expect(changedValues(MODEL, { placed_at: '2026-11-20T09:42', note: 'a\nb ' }, shown)).toEqual({
    placed_at: '2026-11-20T09:42Z',
    note: 'a\nb ',
  })
})

test('gives an instant its zone back', () => {
  const typed = typedTexts(OFFERED, { placed_at: '2026-11-21T10:00' })

  expect(changedValues(MODEL, typed, { placed_at: '2026-11-20T09:41' })).toEqual({
    placed_at: '2026-11-21T10:00Z',
  })
})

test('empties a nullable field to nothing and another to an empty text', () => {
  const typed = typedTexts(OFFERED, { note: '', status: '' })

  expect(changedValues(MODEL, typed, { note: 'x', status: 'paid' })).toEqual({ note: null, status: '' })
})

test('keeps a masked value that nobody typed over, and takes what somebody did', () => {
  expect(changedValues(MODEL, { tax_number: '' }, {})).toEqual({})
  expect(changedValues(MODEL, { tax_number: 'DE1' }, {})).toEqual({ tax_number: 'DE1' })
})

test('takes only what the form offered', () => {
  expect(typedTexts(OFFERED, { gift: 'true', role: 'admin' })).toEqual({ gift: 'true' })
})

test('reads what was shown back from the form, and nothing from a broken one', () => {
  expect(originalTexts('{"status":"paid","n":1}')).toEqual({ status: 'paid' })
  expect(originalTexts('{')).toEqual({})
  expect(originalTexts(null)).toEqual({})
})

test('leaves an empty input of a new record to the source', () => {
  expect(newValues(MODEL, { status: '', note: 'x', gift: 'false' })).toEqual({ note: 'x', gift: 'false' })
})

test('starts a new record from literal defaults and what the address asks for', () => {
  const fields = [field('status', 'text', { defaultValue: 'draft' }), field('note'), field('customer_id')]

  expect(startingTexts(fields, new URLSearchParams('customer_id=7&other=1'))).toEqual({
    status: 'draft',
    customer_id: '7',
  })
})

test('tells what you, they and both changed', () => {
  const original = { status: 'unpaid', note: 'a', gift: 'false' }
  const typed = { status: 'paid', note: 'a', gift: 'true' }
  const current = { status: 'refunded', note: 'b', gift: 'false' }

  const conflict = conflictOf(OFFERED, typed, original, current)

  expect(conflict.clashes.map((one) => [one.field.name, one.original, one.yours, one.theirs])).toEqual([
    ['status', 'unpaid', 'paid', 'refunded'],
  ])
  expect(conflict.yours.map((one) => one.field.name)).toEqual(['gift'])
  expect(conflict.theirs.map((one) => one.field.name)).toEqual(['note'])
})

test('sees no clash where both changed it to the same', () => {
  expect(conflictOf(OFFERED, { status: 'paid' }, { status: 'unpaid' }, { status: 'paid' }).clashes).toEqual(
    [],
  )
})
