/**
 * Where addresses are, roughly, as far as the operator has written it down: a
 * file of networks and names. Nothing is looked up anywhere else, so that nobody
 * learns who signs in here.
 */

import { networkBytes } from '../identity/network.ts'
import { type Address, parseAddress, parseRange } from './address.ts'

export interface Places {
  /** The name of the narrowest network that holds the address; null: of none. */
  of(address: string | null): string | null
}

export const NO_PLACES: Places = { of: () => null }

/** A line that is none, by its number from 1. */
export class PlaceMistake extends Error {
  readonly line: number

  constructor(line: number) {
    super(`Line ${line} is no network with a place.`)
    this.line = line
  }
}

const MOST_CHARACTERS = 100

/**
 * Reads lines of the form `192.0.2.0/24,Lisbon office`, or of a single address; empty ones and those that begin with `#` are left out.
 * @throws PlaceMistake at the first line of another form.
 */
export function readPlaces(text: string): Places {
  /** By kind and length of the prefix, the names by the bytes of the network. */
  const networks = new Map<string, Map<string, string>>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const [, network = '', quoted, bare] = /^\s*([^,\s]+)\s*,\s*(?:"([^"]+)"|([^"]*?))\s*$/.exec(line) ?? []
    const place = (quoted ?? bare ?? '').trim().slice(0, MOST_CHARACTERS)
    const range = parseRange(network)
    if (place === '' || !range) throw new PlaceMistake(index + 1)
    const [address, prefix] = range
    const names = networks.get(lengthOf(address, prefix)) ?? new Map<string, string>()
    names.set(networkOf(address, prefix), place)
    networks.set(lengthOf(address, prefix), names)
  }
  return { of: (address) => placeIn(networks, address) }
}

function placeIn(
  networks: ReadonlyMap<string, ReadonlyMap<string, string>>,
  text: string | null,
): string | null {
  const address = networks.size === 0 ? null : parseAddress(text ?? '')
  if (!address) return null
  for (let prefix = address.toByteArray().length * 8; prefix >= 0; prefix -= 1) {
    const place = networks.get(lengthOf(address, prefix))?.get(networkOf(address, prefix))
    if (place !== undefined) return place
  }
  return null
}

function lengthOf(address: Address, prefix: number): string {
  return `${address.kind()}/${prefix}`
}

function networkOf(address: Address, prefix: number): string {
  return Buffer.from(networkBytes(address.toByteArray(), prefix)).toString('hex')
}
