import { expect, test } from 'vitest'
import { canonicalAddress, clientOf, networksFrom } from './address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:C000:0207', '192.0.2.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::1', '::1'],
])('writes %s as %s', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical)
})

test.each([
  '',
  'localhost',
  '127.1',
  '0177.0.0.1',
  '2130706433',
  '0x7f.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  'unknown',
])('takes %j for no address', (text) => {
  expect(canonicalAddress(text)).toBe('')
})

test('finds an address in networks whatever form it has', () => {
  const office = networksFrom(
    ['192.0.2.0/24', '2001:db8::/32', '203.0.113.9', '::ffff:198.51.100.0/120'],
    'x',
  )

  for (const address of ['192.0.2.255', '::ffff:192.0.2.1', '2001:db8::5', '203.0.113.9', '198.51.100.77']) {
    expect([address, office(address)]).toEqual([address, true])
  }
  for (const address of ['192.0.3.1', '2001:db9::1', '203.0.113.8', '198.51.101.1', '', 'x', '::c000:201']) {
    expect([address, office(address)]).toEqual([address, false])
  }
})

test('holds no address when it is empty, and every one of a family under /0', () => {
  expect(networksFrom([], 'x')('192.0.2.1')).toBe(false)
  expect(networksFrom(['0.0.0.0/0'], 'x')('192.0.2.1')).toBe(true)
  expect(networksFrom(['0.0.0.0/0'], 'x')('2001:db8::1')).toBe(false)
})

test('names every entry that is neither an address nor a network', () => {
  expect(() =>
    networksFrom(['192.0.2.0/33', 'office', '192.0.2.1/', '192.0.2.1', 'fe80::1%eth0'], 'allowedIps'),
  ).toThrow(
    expect.objectContaining({
      code: 'misconfigured',
      mistakes: ['192.0.2.0/33', 'office', '192.0.2.1/', 'fe80::1%eth0'].map((entry) =>
        expect.objectContaining({ place: 'allowedIps', problem: expect.stringContaining(entry) }),
      ),
    }),
  )
})

const PROXIES = networksFrom(['10.0.0.0/8', '2001:db8:ff::/48'], 'x')

/** What is established of a request from that socket, with these headers. */
function client(address: string, forwardedFor?: string, forwardedProto?: string) {
  return clientOf({ address }, { forwardedFor, forwardedProto }, PROXIES)
}

test('believes nobody who is not a trusted proxy', () => {
  expect(client('203.0.113.5', '127.0.0.1, 10.0.0.1', 'https')).toEqual({
    address: '203.0.113.5',
    chain: ['203.0.113.5'],
    isSecure: false,
  })
})

test('takes the last address that no trusted proxy stands behind', () => {
  expect(client('10.0.0.1', '198.51.100.7').address).toBe('198.51.100.7')
  expect(client('::ffff:10.0.0.1', '1.1.1.1, 198.51.100.7, 10.2.2.2')).toMatchObject({
    address: '198.51.100.7',
    chain: ['198.51.100.7', '10.2.2.2', '10.0.0.1'],
  })
  expect(client('10.0.0.1', ' 198.51.100.7:4711 ').address).toBe('198.51.100.7')
  expect(client('10.0.0.1', '[2001:db8::7]:4711').address).toBe('2001:db8::7')
})

test('is nobody where a proxy passes on what is no address', () => {
  expect(client('10.0.0.1', '198.51.100.7, unknown').address).toBe('')
  expect(client('10.0.0.1', '127.1').address).toBe('')
})

test('takes a request for secure only when every proxy says so, or the socket is', () => {
  expect(client('10.0.0.1', '1.1.1.1', 'https').isSecure).toBe(true)
  expect(client('10.0.0.1', '1.1.1.1', 'HTTPS, https').isSecure).toBe(true)
  for (const proto of ['http', 'https, http', 'http, https', 'ftp', undefined]) {
    expect(client('10.0.0.1', '1.1.1.1', proto).isSecure).toBe(false)
  }
  expect(
    clientOf(
      { address: '203.0.113.5', isEncrypted: true },
      { forwardedFor: undefined, forwardedProto: 'http' },
      PROXIES,
    ),
  ).toMatchObject({
    isSecure: true,
  })
})

test('knows no address where there is no socket', () => {
  expect(clientOf({}, { forwardedFor: '10.0.0.1', forwardedProto: 'https' }, PROXIES)).toEqual({
    address: '',
    chain: [],
    isSecure: false,
  })
})
