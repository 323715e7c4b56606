/**
 * Requests to addresses that a configuration names, such as a webhook.
 *
 * Where a request really goes is checked when it connects: the name is resolved
 * once, by the connection itself, and only public addresses are connected to, or
 * those of networks that are named as allowed. So neither another spelling of an
 * address, nor a name that resolves otherwise the second time, leads inside.
 * Redirects are not followed.
 */

import { type LookupAddress, lookup } from 'node:dns'
import { request as requestPlain } from 'node:http'
import { request as requestEncrypted } from 'node:https'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface OutboundRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface OutboundAnswer {
  readonly status: number
  /** Cut off after 64 KiB. */
  readonly body: string
}

export interface OutboundOptions {
  /** Networks (CIDR) and addresses that are not public and may be reached all the same. */
  readonly allowedNetworks?: readonly string[]
  /** Every address of a name; that of the system by default. */
  readonly resolve?: (name: string) => Promise<readonly LookupAddress[]>
  /** Certificates (PEM) to trust in place of the system's. */
  readonly ca?: string
  /** Gives the request up before its time limit. */
  readonly signal?: AbortSignal
}

/** Thrown where a request would have led to an address that it may not reach. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
  readonly code = 'forbidden-address'
}

const TIMEOUT_MS = 10_000
const MOST_BYTES = 64 * 1024

/**
 * Sends one request and reads its answer, whatever its status.
 * @throws ForbiddenAddress before anything is sent; Error with a code of Node when nobody answers in time.
 */
export async function requestOutside(
  { url, method, headers, body }: OutboundRequest,
  options: OutboundOptions = {},
): Promise<OutboundAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // an address is connected to as it stands, and is never looked up
  if (isIP(host) !== 0) mustBeAllowed(host, options)
  const send = url.protocol === 'https:' ? requestEncrypted : requestPlain
  return await new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method,
        headers: { ...headers, 'content-length': String(body.byteLength) },
        // a connection of its own: one that is kept was checked for another request
        agent: false,
        signal: AbortSignal.any([
          AbortSignal.timeout(TIMEOUT_MS),
          ...(options.signal ? [options.signal] : []),
        ]),
        lookup: (name, { all }, done) => {
          allowedAddresses(name, options).then(
            (found) => (all ? done(null, [...found]) : done(null, found[0]?.address ?? '', found[0]?.family)),
            (error: Error) => done(error, ''),
          )
        },
        ...(options.ca !== undefined && { ca: options.ca }),
      },
      (answer) => {
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          if (bytes < MOST_BYTES) chunks.push(chunk)
          bytes += chunk.byteLength
        })
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8')
          resolve({ status: answer.statusCode ?? 0, body: text })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** Whether an address may be reached: it is public, or in a network that is named. */
export function mayReach(address: string, allowedNetworks: readonly string[] = []): boolean {
  if (!ipaddr.isValid(address)) return false
  // an IPv4 address that is mapped into IPv6 is the IPv4 address
  const parsed = ipaddr.process(address)
  const isNamed = allowedNetworks.some((network) => {
    const [range, bits] = ipaddr.isValidCIDR(network)
      ? ipaddr.parseCIDR(network)
      : [ipaddr.parse(network), ipaddr.parse(network).kind() === 'ipv4' ? 32 : 128]
    return range.kind() === parsed.kind() && parsed.match(range, bits)
  })
  return isNamed || (parsed.range() === 'unicast' && !isCompatible(parsed))
}

/** `::127.0.0.1`: the old form of an IPv4 address within IPv6, which some systems still connect to. */
function isCompatible(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return (
    address.kind() === 'ipv6' &&
    address
      .toByteArray()
      .slice(0, 12)
      .every((byte) => byte === 0)
  )
}

function mustBeAllowed(address: string, { allowedNetworks }: OutboundOptions): void {
  if (mayReach(address, allowedNetworks)) return
  throw new ForbiddenAddress('The address is not a public one, and in no network that is allowed.')
}

async function allowedAddresses(name: string, options: OutboundOptions): Promise<readonly LookupAddress[]> {
  const found = await (options.resolve ?? everyAddress)(name)
  // one that is forbidden among them is no mistake that a public site makes
  for (const { address } of found) mustBeAllowed(address, options)
  if (found.length === 0) throw new ForbiddenAddress('The name has no address.')
  return found
}

function everyAddress(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })
}
