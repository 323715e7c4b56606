import { expect, test } from 'vitest'
import { safeNext } from './return-address.ts'

const LOCAL = [
  '/admin',
  '/admin/',
  '/admin/m/orders',
  '/admin/m/orders?q=ana%20b&f=status:eq:unpaid&sort=-placed_at',
  '/admin/m/order_items/%5B%221%22,%222%22%5D',
  '/admin/m/files/a%2Fb',
  '/admin/m/notes?q=https://evil.example',
]

const FOREIGN = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  'https:evil.example',
  'https://evil.example/admin',
  'http:/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '%2f%2fevil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '/%252f%252fevil.example',
  '/\t/evil.example',
  '/admin\t/../../evil.example',
  '\t//evil.example',
  '/admin\r\nLocation: https://evil.example',
  '/\n/evil.example',
  ' //evil.example',
  '/admin/../..//evil.example',
  '/admin/..//evil.example',
  '/admin/%2e%2e//evil.example',
  '/administrator',
  '/other',
  'evil.example',
  'admin/m/orders',
  '@evil.example',
  '/admin/%',
  '',
]

test.each(LOCAL)('goes on to %j', (next) => {
  expect(safeNext('/admin', next)).toBe(next)
})

test.each(FOREIGN)('goes to the front page instead of %j', (next) => {
  expect(safeNext('/admin', next)).toBe('/admin')
})

test.each(FOREIGN.filter((next) => !['/administrator', '/other'].includes(next)))(
  'stays on the host at the root instead of %j',
  (next) => {
    expect(safeNext('', next)).toMatch(/^\/(?![/\\]|%2f|%5c|%25)/i)
    expect(new URL(safeNext('', next), 'https://own.example').origin).toBe('https://own.example')
  },
)

test('goes to the front page without a return address, or with one of more than 2,048 characters', () => {
  expect(safeNext('/admin', null)).toBe('/admin')
  expect(safeNext('', undefined)).toBe('/')
  expect(safeNext('/admin', `/admin?q=${'a'.repeat(2048)}`)).toBe('/admin')
})

test('drops the fragment', () => {
  expect(safeNext('/admin', '/admin/m/orders#top')).toBe('/admin/m/orders')
})
