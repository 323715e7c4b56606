import { expect, test } from 'vitest'
import { canonicalEmail, isEmail } from './email.ts'
import { networkOf } from './network.ts'

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['::FFFF:C000:024D', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['', ''],
  ['unknown', 'unknown'],
])('counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  [' Ana@Example.COM ', 'ana@example.com'],
  ['zoe\u0308@example.com', 'zoë@example.com'],
  ['mi\u212ae@example.com', 'mike@example.com'],
])('reads %j as %j', (typed, canonical) => {
  expect(canonicalEmail(typed)).toBe(canonical)
})

test('tells apart what only looks alike', () => {
  const lookAlikes = ['victim@example.com', 'victim@exämple.com', 'vıctim@example.com', 'victіm@example.com']

  expect(new Set(lookAlikes.map(canonicalEmail)).size).toBe(lookAlikes.length)
})

test.each(['ana@example.com', "o'neil+x@sub.example.co", 'zoë@bücher.example'])('accepts %s', (email) => {
  expect(isEmail(email)).toBe(true)
})

test.each([
  'ana',
  'ana@',
  '@example.com',
  'ana@example',
  'ana@@example.com',
  'a b@example.com',
  'a@b@example.com',
  'ana@example.com,eve@example.com',
  '"Ana" <ana@example.com>',
  'ana@example.com\n',
  `${'a'.repeat(65)}@example.com`,
  `ana@${'a'.repeat(250)}.com`,
])('refuses %j', (email) => {
  expect(isEmail(email)).toBe(false)
})
