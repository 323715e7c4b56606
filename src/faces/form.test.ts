import { expect, test } from 'vitest'
import { readForm } from './form.ts'

const read = (text: string) => readForm(new URLSearchParams(text))

test('splits what is said of the record from what comes along', () => {
  const form = read('_csrf=x&status=paid&_version=v1&_reason=+wire+&_ticket=OPS-1&_confirmation=c&_code=123')

  expect({ ...form.fields }).toEqual({ status: 'paid' })
  expect(form.evidence).toEqual({
    version: 'v1',
    reason: 'wire',
    ticket: 'OPS-1',
    confirmation: 'c',
    code: '123',
  })
})

test('keeps what was typed as it was typed', () => {
  expect(read('name=+Ana%0D%0A+&note=').fields).toEqual(
    Object.assign(Object.create(null), { name: ' Ana\r\n ', note: '' }),
  )
})

test('leaves empty evidence out', () => {
  expect(read('_reason=+&_code=').evidence).toEqual({})
})

test('takes a checkbox with its unchecked companion', () => {
  expect(read('is_active=false&is_active=true').fields['is_active']).toBe('true')
  expect(read('is_active=false').fields['is_active']).toBe('false')
})

test('refuses a name that stands more than once', () => {
  expect(() => read('email=a&email=b&name=c')).toThrow(
    expect.objectContaining({ code: 'invalid-input', fields: { email: ['must be sent once'] } }),
  )
  expect(() => read('_csrf=a&_csrf=b')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})

test('takes names of the prototype, and others that begin with an underscore, as plain names', () => {
  expect(Object.keys(read('__proto__=1&constructor=2&_id=3').fields)).toEqual([
    '__proto__',
    'constructor',
    '_id',
  ])
})
