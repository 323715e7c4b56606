import { expect, test } from 'vitest'
import { NO_PLACES, PlaceMistake, readPlaces } from './places.ts'

const FILE = `
# offices
192.0.2.0/24,Lisbon office
192.0.2.128/25, "Lisbon, second floor"
10.0.0.0/8,Inside
203.0.113.9,Home of Ana
2001:db8::/32,Porto
2001:db8:1::/48,Porto guests
`

test.each([
  ['192.0.2.7', 'Lisbon office'],
  ['192.0.2.200', 'Lisbon, second floor'],
  ['::ffff:10.1.2.3', 'Inside'],
  ['2001:DB8::1', 'Porto'],
  ['2001:db8:1::1%eth0', 'Porto guests'],
  ['203.0.113.9', 'Home of Ana'],
  ['203.0.113.1', null],
  ['unknown', null],
  [null, null],
])('finds the narrowest network of %s', (address, place) => {
  expect(readPlaces(FILE).of(address)).toBe(place)
})

test('knows nothing without a file', () => {
  expect(NO_PLACES.of('192.0.2.7')).toBeNull()
})

test.each([
  ['an address that is none', '192.0.2.0/24,Lisbon\n300.0.0.0/8,Nowhere', 2],
  ['a short one', '192.0/16,Lisbon', 1],
  ['no place', '192.0.2.0/24,', 1],
  ['no comma', '192.0.2.0/24 Lisbon', 1],
])('refuses %s, with its line', (_, text, line) => {
  expect(() => readPlaces(text)).toThrow(new PlaceMistake(line))
})
