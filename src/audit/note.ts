/**
 * Signed notes: a few lines of text, and under an empty line who signed them.
 *
 * The format is the one of transparency logs (https://c2sp.org/signed-note), so
 * that their tools and witnesses read ours. Signatures are Ed25519 (RFC 8032).
 */

import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { fingerprint, publicKeyFrom } from '../keys/ed25519.ts'

/** A public key that notes are checked with, as one line: `name+8 hex digits+base64`. */
export interface NoteKey {
  /** Who signs: the origin of the log. */
  readonly name: string
  /** The raw 32 bytes. */
  readonly publicKey: Uint8Array
}

export interface NoteSignature {
  readonly name: string
  /** The first four bytes of a hash over name and key: tells keys of one name apart. */
  readonly keyHash: string
  readonly signature: Uint8Array
}

export interface SignedNote {
  /** What is signed: whole lines, the last with its line end. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const ED25519 = Uint8Array.of(1)
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+=*)$/

/** The note with one signature. @param text Whole lines, the last with its line end. */
export function signNote(text: string, key: NoteKey, privateKey: KeyObject): string {
  const signature = sign(null, Buffer.from(text), privateKey)
  const hash = Buffer.from(keyHashOf(key), 'hex')
  return `${text}\n— ${key.name} ${Buffer.concat([hash, signature]).toString('base64')}\n`
}

/** The parts of a note, or null when it is none. Checks no signature. */
export function parseNote(note: string): SignedNote | null {
  const split = note.lastIndexOf('\n\n')
  if (split < 1 || !note.endsWith('\n')) return null
  const lines = note.slice(split + 2, -1).split('\n')
  const signatures = lines.map(signatureOf)
  if (signatures.includes(null)) return null
  return { text: note.slice(0, split + 1), signatures: signatures.filter((one) => one !== null) }
}

/** Finds the key whose signature a note carries and which fits; null when none does. */
export type SignerOf = (note: SignedNote) => NoteKey | null

/** Prepares the keys once, for any number of notes. */
export function signerAmong(keys: readonly NoteKey[]): SignerOf {
  const prepared = keys.map((key) => ({
    key,
    hash: keyHashOf(key),
    publicKey: publicKeyFrom(key.publicKey),
  }))
  return ({ text, signatures }) => {
    const bytes = Buffer.from(text)
    const signer = prepared.find(({ key, hash, publicKey }) =>
      signatures.some(
        ({ name, keyHash, signature }) =>
          name === key.name && keyHash === hash && verify(null, bytes, publicKey, signature),
      ),
    )
    return signer?.key ?? null
  }
}

/** The key as one line, without a line end. */
export function formatNoteKey(key: NoteKey): string {
  const encoded = Buffer.concat([ED25519, key.publicKey]).toString('base64')
  return `${key.name}+${keyHashOf(key)}+${encoded}`
}

/** The keys of a file, one a line; null when a line is no Ed25519 key or its hash does not fit, or when there is none. */
export function parseNoteKeys(text: string): readonly NoteKey[] | null {
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '').map(parseNoteKey)
  if (keys.length === 0 || keys.includes(null)) return null
  return keys.filter((key) => key !== null)
}

/** What a person compares: hex SHA-256 of the raw public key. */
export function noteKeyFingerprint({ publicKey }: NoteKey): string {
  return fingerprint(publicKey)
}

/** The key of one line, or null when it is none. */
export function parseNoteKey(line: string): NoteKey | null {
  const [, name = '', hash = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (name === '' || bytes.length !== 33 || bytes[0] !== ED25519[0]) return null
  const key = { name, publicKey: Uint8Array.from(bytes.subarray(1)) }
  return keyHashOf(key) === hash ? key : null
}

function signatureOf(line: string): NoteSignature | null {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length < 5 || bytes.toString('base64') !== encoded) return null
  return { name, keyHash: bytes.toString('hex', 0, 4), signature: Uint8Array.from(bytes.subarray(4)) }
}

/** The first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`, as hex. */
export function keyHashOf({ name, publicKey }: NoteKey): string {
  return createHash('sha256').update(`${name}\n`).update(ED25519).update(publicKey).digest('hex').slice(0, 8)
}
