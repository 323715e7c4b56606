/** The network that an address belongs to, as throttles and known places count it. */

import ipaddr from 'ipaddr.js'

const IPV4_PREFIX = 24
/** What one subscriber gets of IPv6: anything narrower hands out 2^64 fresh counters. */
const IPV6_PREFIX = 64

/**
 * `192.0.2.0/24`, `2001:db8::/64`; the same for every spelling of an address:
 * IPv4 within IPv6, upper case, leading zeros and zones are folded.
 *
 * @returns The text itself where it is no address, so that it still counts as one place.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%')
  if (!ipaddr.isValid(bare)) return address
  const parsed = ipaddr.process(bare)
  const prefix = parsed.kind() === 'ipv4' ? IPV4_PREFIX : IPV6_PREFIX
  return `${ipaddr.fromByteArray([...networkBytes(parsed.toByteArray(), prefix)]).toString()}/${prefix}`
}

/** The first `prefix` bits of an address, the others zero. */
export function networkBytes(address: readonly number[], prefix: number): readonly number[] {
  return address.map((byte, index) => byte & maskByte(prefix, index))
}

function maskByte(prefix: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefix - index * 8))
  return (0xff00 >> bits) & 0xff
}
