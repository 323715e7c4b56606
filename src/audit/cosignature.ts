/**
 * What a witness says of a checkpoint: that it has seen it, and that it continues
 * every checkpoint of that log it has seen before (https://c2sp.org/tlog-cosignature,
 * the form with Ed25519).
 */

import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { publicKeyFrom } from '../keys/ed25519.ts'
import type { SignedNote } from './note.ts'

export interface WitnessKey {
  readonly name: string
  /** The raw 32 bytes. */
  readonly publicKey: Uint8Array
}

const COSIGNATURE = 4
const TIME_BYTES = 8

/** The key of one line, `name+8 hex digits+base64`, or null when it is no witness's. */
export function parseWitnessKey(line: string): WitnessKey | null {
  const [, name = '', hash = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (name === '' || bytes.length !== 33 || bytes[0] !== COSIGNATURE) return null
  const key = { name, publicKey: Uint8Array.from(bytes.subarray(1)) }
  return witnessKeyHash(key) === hash ? key : null
}

/** The key as one line, without a line end. */
export function formatWitnessKey(key: WitnessKey): string {
  const encoded = Buffer.concat([Uint8Array.of(COSIGNATURE), key.publicKey]).toString('base64')
  return `${key.name}+${witnessKeyHash(key)}+${encoded}`
}

/** The first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x04 ‖ public key)`, as hex. */
export function witnessKeyHash({ name, publicKey }: WitnessKey): string {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(COSIGNATURE)).update(publicKey)
  return hash.digest('hex').slice(0, 8)
}

/** Whether the witness has cosigned the note. */
export function isCosigned({ text, signatures }: SignedNote, key: WitnessKey): boolean {
  const hash = witnessKeyHash(key)
  const publicKey = publicKeyFrom(key.publicKey)
  return signatures.some(({ name, keyHash, signature }) => {
    if (name !== key.name || keyHash !== hash || signature.length !== TIME_BYTES + 64) return false
    const time = Buffer.from(signature).readBigUInt64BE()
    return verify(null, cosigned(text, time), publicKey, signature.subarray(TIME_BYTES))
  })
}

/** The line that stands under the note, with its line end. @param text Of the note, without its signatures. */
export function cosign(text: string, key: WitnessKey, privateKey: KeyObject, time: bigint): string {
  const head = Buffer.alloc(4 + TIME_BYTES)
  head.write(witnessKeyHash(key), 'hex')
  head.writeBigUInt64BE(time, 4)
  const signature = sign(null, cosigned(text, time), privateKey)
  return `— ${key.name} ${Buffer.concat([head, signature]).toString('base64')}\n`
}

/** What a cosignature is over. @param time Seconds since the epoch. */
export function cosigned(text: string, time: bigint): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
}
