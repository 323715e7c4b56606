/**
 * Whose request it is: canonical addresses, networks, and what a proxy may say.
 *
 * Headers about the client are believed only as far as trusted proxies reach
 * back from the socket; the first address that is not one of theirs is the client.
 */

import ipaddr from 'ipaddr.js'
import { type Mistake, misconfigured } from '../errors.ts'

/** Whether an address, in canonical form, belongs to any of some networks. */
export type Networks = (address: string) => boolean

/** The canonical text of an address: IPv4-mapped folded, zone and port stripped, RFC 5952. Empty when it is none. */
export function canonicalAddress(text: string | undefined): string {
  const address = parseAddress(text ?? '')
  return address ? textOf(address) : ''
}

/**
 * Networks from single addresses and CIDR ranges. An empty list holds no address.
 * @throws AdminError `misconfigured` with one mistake for each entry that is neither.
 */
export function networksFrom(entries: readonly string[], place: string): Networks {
  const ranges = entries.map((entry) => ({ entry, range: parseRange(entry) }))
  const mistakes = ranges.flatMap(({ entry, range }): Mistake[] =>
    range
      ? []
      : [
          {
            id: 'H101',
            place,
            problem: `"${entry}" is neither an address nor a network.`,
            remedy: 'Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.',
          },
        ],
  )
  if (mistakes.length > 0) throw misconfigured(mistakes)
  return (text) => {
    const address = parseAddress(text)
    return address !== null && ranges.some(({ range }) => range !== null && matches(address, range))
  }
}

export interface Client {
  /** Canonical; empty where there is no socket or a proxy's word can't be read. */
  readonly address: string
  /** From the client to the socket, canonical, as far as it was believed. */
  readonly chain: readonly string[]
  readonly isSecure: boolean
}

/** Establishes the client from the socket and from what trusted proxies add. */
export function clientOf(
  peer: { readonly address?: string; readonly isEncrypted?: boolean },
  headers: { readonly forwardedFor: string | undefined; readonly forwardedProto: string | undefined },
  isTrusted: Networks,
): Client {
  const socket = canonicalAddress(peer.address)
  if (socket === '' || !isTrusted(socket)) {
    return { address: socket, chain: socket === '' ? [] : [socket], isSecure: peer.isEncrypted ?? false }
  }
  const chain = [socket]
  for (const entry of entriesOf(headers.forwardedFor).reverse()) {
    const address = canonicalAddress(withoutPort(entry))
    chain.unshift(address)
    if (address === '' || !isTrusted(address)) break
  }
  const protocols = entriesOf(headers.forwardedProto).map((one) => one.toLowerCase())
  return {
    address: chain[0] ?? '',
    chain,
    isSecure:
      protocols.length === 0 ? (peer.isEncrypted ?? false) : protocols.every((one) => one === 'https'),
  }
}

export type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Range = readonly [Address, number]

/** Null for what no socket writes. */
export function parseAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/, '')
  // The library also reads `127.1` and `0177.0.0.1`; no socket and no proxy writes those.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare)
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : null
}

/** Of a network, or of a single address; null for what is neither. */
export function parseRange(entry: string): Range | null {
  const [text = '', bits] = entry.trim().split('/', 2)
  const isMapped = ipaddr.IPv6.isValid(text) && ipaddr.IPv6.parse(text).isIPv4MappedAddress()
  const address = parseAddress(text)
  if (!address || text.includes('%')) return null
  const width = address.kind() === 'ipv4' ? 32 : 128
  if (bits === undefined) return entry.includes('/') ? null : [address, width]
  if (!/^\d{1,3}$/.test(bits)) return null
  const length = Number(bits) - (isMapped ? 96 : 0)
  return length >= 0 && length <= width ? [address, length] : null
}

function matches(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

function textOf(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()
}

function entriesOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** `192.0.2.7:443` and `[2001:db8::1]:443` as some proxies write them. */
function withoutPort(entry: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
}
