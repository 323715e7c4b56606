/**
 * A software authenticator (WebAuthn Level 3): makes keys, and signs what it is
 * asked, as a browser would hand it on. Every part of an answer can be made
 * otherwise, which is how tests attack.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

export const SITE = { id: 'admin.example.com', origin: 'https://admin.example.com' } as const

/** How an answer differs from an honest one. */
export interface Otherwise {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly type?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** Absent: the key counts. */
  readonly counter?: number
  readonly isPresent?: boolean
  readonly isVerified?: boolean
  readonly isBackupEligible?: boolean
  readonly isBackedUp?: boolean
  readonly userHandle?: string | null
  /** Changes the bytes that were signed, or the signature, afterwards. */
  readonly tamper?: (answer: { authenticatorData: Buffer; clientDataJSON: Buffer; signature: Buffer }) => void
  readonly id?: string
  readonly algorithm?: number
  readonly format?: string
  readonly attestation?: ReadonlyMap<string, never>
}

export interface SoftwareKey {
  /** Base64url. */
  readonly id: string
  /** What the person's account is called in it. */
  userHandle: string
  counter: number
  /** Answers a request for a signature: the JSON that a form sends. */
  sign(options: unknown, otherwise?: Otherwise): string
}

export interface NewKeyAnswer {
  readonly key: SoftwareKey
  /** The JSON that a form sends. */
  readonly answer: string
}

interface Requested {
  readonly challenge: string
  readonly user?: { readonly id: string }
}

/** Answers a request for a new key; ES256, counting, and bound to its device unless told otherwise. */
export function makeKey(options: unknown, otherwise: Otherwise = {}): NewKeyAnswer {
  const { challenge, user } = options as Requested
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const id = credentialId.toString('base64url')
  const { isBackupEligible = false, isBackedUp = false } = otherwise
  const key: SoftwareKey = {
    id,
    userHandle: user?.id ?? '',
    counter: 0,
    sign(request, more = {}) {
      this.counter += 1
      const signed = signedBy(privateKey, this, (request as Requested).challenge, {
        isBackupEligible,
        isBackedUp,
        ...more,
      })
      return JSON.stringify(signed)
    },
  }
  const attested = Buffer.concat([
    Buffer.alloc(16),
    Buffer.from([0, credentialId.length]),
    credentialId,
    coseOf(publicKey, otherwise.algorithm ?? -7),
  ])
  const authData = Buffer.concat([authenticatorData(0, otherwise, 0x40), attested])
  const clientDataJSON = clientData('webauthn.create', challenge, otherwise)
  const attestationObject = isoCBOR.encode(
    new Map<string, string | Uint8Array | Map<string, never>>([
      ['fmt', otherwise.format ?? 'none'],
      ['attStmt', new Map(otherwise.attestation)],
      ['authData', new Uint8Array(authData)],
    ]),
  )
  const answer = JSON.stringify({
    id: otherwise.id ?? id,
    rawId: otherwise.id ?? id,
    type: 'public-key',
    response: {
      clientDataJSON: clientDataJSON.toString('base64url'),
      attestationObject: Buffer.from(attestationObject).toString('base64url'),
      transports: ['internal'],
    },
    clientExtensionResults: {},
  })
  return { key, answer }
}

function signedBy(privateKey: KeyObject, key: SoftwareKey, challenge: string, otherwise: Otherwise) {
  const made = {
    authenticatorData: authenticatorData(otherwise.counter ?? key.counter, otherwise, 0),
    clientDataJSON: clientData('webauthn.get', challenge, otherwise),
    signature: Buffer.alloc(0),
  }
  const hash = createHash('sha256').update(made.clientDataJSON).digest()
  made.signature = sign('sha256', Buffer.concat([made.authenticatorData, hash]), privateKey)
  otherwise.tamper?.(made)
  const userHandle = otherwise.userHandle === undefined ? key.userHandle : otherwise.userHandle
  return {
    id: otherwise.id ?? key.id,
    rawId: otherwise.id ?? key.id,
    type: 'public-key',
    response: {
      authenticatorData: made.authenticatorData.toString('base64url'),
      clientDataJSON: made.clientDataJSON.toString('base64url'),
      signature: made.signature.toString('base64url'),
      ...(userHandle !== null && { userHandle }),
    },
    clientExtensionResults: {},
  }
}

function clientData(type: string, challenge: string, otherwise: Otherwise): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: otherwise.type ?? type,
      challenge: otherwise.challenge ?? challenge,
      origin: otherwise.origin ?? SITE.origin,
      ...(otherwise.crossOrigin !== undefined && { crossOrigin: otherwise.crossOrigin }),
      ...(otherwise.topOrigin !== undefined && { topOrigin: otherwise.topOrigin }),
    }),
  )
}

function authenticatorData(counter: number, otherwise: Otherwise, flags: number): Buffer {
  const { isPresent = true, isVerified = true, isBackupEligible = false, isBackedUp = false } = otherwise
  const all =
    flags |
    (isPresent ? 0x01 : 0) |
    (isVerified ? 0x04 : 0) |
    (isBackupEligible ? 0x08 : 0) |
    (isBackedUp ? 0x10 : 0)
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  const rpIdHash = createHash('sha256')
    .update(otherwise.rpId ?? SITE.id)
    .digest()
  return Buffer.concat([rpIdHash, Buffer.from([all]), count])
}

/** The public half as COSE writes it (RFC 9053, section 7.1.1). */
function coseOf(publicKey: KeyObject, algorithm: number): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const key = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, algorithm],
    [-1, 1],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ])
  return Buffer.from(isoCBOR.encode(key))
}
