/**
 * Passkeys (WebAuthn Level 3): what browsers are asked, and whether what they
 * answer is what an authenticator of that key signs here and now.
 *
 * Reading and checking is the work of @simplewebauthn/server. Beside it stand
 * the checks it leaves to us: frames of other sites, attestations that nobody
 * asked for, the answer's own id, and the counter, which only means something
 * once the signature is known to be right. Which challenge is meant, and whose
 * key it is, is the caller's business.
 */

import { z } from 'zod'

/** Loaded on use: with the certificates that it could read it is a third of all that a start would load. */
const webauthn = () => import('@simplewebauthn/server')

/** The site that keys are made for; an allow-list of one. */
export interface RelyingParty {
  /** A domain: `admin.example.com`. */
  readonly id: string
  /** `https://admin.example.com`. */
  readonly origin: string
}

/** For `navigator.credentials`, as JSON. */
export type PasskeyOptions = Readonly<Record<string, unknown>>

/** A key as it is stored. */
export interface KnownKey {
  /** Base64url. */
  readonly credentialId: string
  /** COSE, base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly isDeviceBound: boolean
  readonly userHandle: string
}

/** A key that was just made. */
export interface NewKey {
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly isDeviceBound: boolean
  readonly isBackedUp: boolean
  readonly transports: readonly string[]
}

/** A signature of a key, as `PublicKeyCredential.toJSON` writes it; texts are base64url. */
export interface AssertionAnswer extends Answered {
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string | null | undefined
  }
}

/** A new key, written the same way. */
export interface RegistrationAnswer extends Answered {
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports?: readonly string[] | undefined
  }
}

interface Answered {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
}

/** EdDSA, ES256, RS256: what authenticators make. */
const ALGORITHMS = [-8, -7, -257]
const TIMEOUT_MS = 5 * 60_000
/** A credential's id has at most 1023 bytes (WebAuthn, section 4), and an answer little beside it. */
const MAX_ANSWER = 16_384

const Base64Url = z.string().regex(/^[\w-]+$/)
const common = {
  id: Base64Url.max(1364),
  rawId: Base64Url,
  type: z.literal('public-key'),
}
const Assertion: z.ZodType<AssertionAnswer> = z.object({
  ...common,
  response: z.object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Base64Url.nullish(),
  }),
})
const Registration: z.ZodType<RegistrationAnswer> = z.object({
  ...common,
  response: z.object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    transports: z.array(z.string().max(32)).max(8).optional(),
  }),
})

/** Asks for a signature by one of these keys; none: by any discoverable one, which says itself whose it is. */
export async function assertionOptions(
  { id }: RelyingParty,
  challenge: string,
  keys: readonly { readonly credentialId: string; readonly transports: readonly string[] }[],
): Promise<PasskeyOptions> {
  const { generateAuthenticationOptions } = await webauthn()
  return {
    ...(await generateAuthenticationOptions({
      rpID: id,
      challenge,
      timeout: TIMEOUT_MS,
      userVerification: 'required',
      ...(keys.length > 0 && { allowCredentials: keys.map(descriptor) }),
    })),
  }
}

/** Asks for a new discoverable key beside those that the person has. */
export async function registrationOptions(
  { id }: RelyingParty,
  challenge: string,
  person: {
    readonly title: string
    readonly name: string
    readonly email: string
    /** Base64url. */
    readonly userHandle: string
    readonly keys: readonly { readonly credentialId: string; readonly transports: readonly string[] }[]
  },
): Promise<PasskeyOptions> {
  const { generateRegistrationOptions } = await webauthn()
  return {
    ...(await generateRegistrationOptions({
      rpID: id,
      rpName: person.title,
      challenge,
      timeout: TIMEOUT_MS,
      userID: bytesOf(person.userHandle),
      userName: person.email,
      userDisplayName: person.name,
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: person.keys.map(descriptor),
    })),
  }
}

function descriptor(key: { readonly credentialId: string; readonly transports: readonly string[] }) {
  return { id: key.credentialId, transports: [...key.transports] }
}

/** Null when it is no such answer at all. */
export function readAssertion(text: string): AssertionAnswer | null {
  return read(Assertion, text)
}

export function readRegistration(text: string): RegistrationAnswer | null {
  return read(Registration, text)
}

function read<Answer>(schema: z.ZodType<Answer>, text: string): Answer | null {
  if (text.length > MAX_ANSWER) return null
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** The challenge that was signed; empty when there is none to be read. */
export function challengeIn(answer: AssertionAnswer | RegistrationAnswer): string {
  try {
    const { challenge } = clientData(answer.response.clientDataJSON)
    return typeof challenge === 'string' ? Buffer.from(challenge, 'base64url').toString('utf8') : ''
  } catch {
    return ''
  }
}

/** What came of an answer: why it is refused is for the log, never for the caller. */
export type Checked<Good> =
  | ({ readonly kind: 'good' } & Good)
  | { readonly kind: 'refused'; readonly because: string }
  /** Everything is right but the counter: somebody else may have the key too. */
  | { readonly kind: 'copied' }

/** Whether that key signed that challenge here, with its person verified. */
export async function checkAssertion(
  answer: AssertionAnswer,
  key: KnownKey,
  { id, origin }: RelyingParty,
  challenge: string,
): Promise<Checked<{ readonly counter: number; readonly isBackedUp: boolean }>> {
  if (isFramed(answer.response.clientDataJSON)) return refused('asked inside of another page')
  // a discoverable key says whose it is; the others may leave it out
  if (answer.response.userHandle && answer.response.userHandle !== key.userHandle) {
    return refused('handle of another person')
  }
  try {
    const { verifyAuthenticationResponse } = await webauthn()
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...plain(answer), response: { ...signed(answer.response) } },
      expectedChallenge: encoded(challenge),
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      // its counter is compared below: a wrong signature must not look like a copied key
      credential: { id: key.credentialId, publicKey: bytesOf(key.publicKey), counter: 0 },
    })
    if (!verified) return refused('wrong signature')
    const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo
    if ((credentialDeviceType === 'singleDevice') !== key.isDeviceBound) {
      return refused('its kind of key has changed')
    }
    if ((newCounter > 0 || key.counter > 0) && newCounter <= key.counter) return { kind: 'copied' }
    return { kind: 'good', counter: newCounter, isBackedUp: credentialBackedUp }
  } catch (error) {
    return refused(reasonOf(error))
  }
}

/** Whether a new key was made for that challenge here, with its person verified. */
export async function checkRegistration(
  answer: RegistrationAnswer,
  { id, origin }: RelyingParty,
  challenge: string,
): Promise<Checked<{ readonly key: NewKey }>> {
  if (isFramed(answer.response.clientDataJSON)) return refused('asked inside of another page')
  try {
    const { verifyRegistrationResponse } = await webauthn()
    if (!(await isUnattested(answer.response.attestationObject)))
      return refused('an attestation nobody asked for')
    const { attestationObject, clientDataJSON, transports = [] } = answer.response
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...plain(answer), response: { attestationObject, clientDataJSON } },
      expectedChallenge: encoded(challenge),
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified) return refused('wrong attestation')
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo
    if (credential.id !== answer.id) return refused('id of another key')
    return {
      kind: 'good',
      key: {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        isDeviceBound: credentialDeviceType === 'singleDevice',
        isBackedUp: credentialBackedUp,
        transports,
      },
    }
  } catch (error) {
    return refused(reasonOf(error))
  }
}

function refused(because: string): { readonly kind: 'refused'; readonly because: string } {
  return { kind: 'refused', because }
}

/** The library's own words hold nothing but what the answer says of itself; cut, since it may say much. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unreadable'
}

/** The library asks it only of browsers that name the page around. */
function isFramed(clientDataJSON: string): boolean {
  try {
    const { crossOrigin, topOrigin } = clientData(clientDataJSON)
    return (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined
  } catch {
    return true
  }
}

/** None, or the key's own signature: everything else names certificates, whose checks may ask other servers. */
async function isUnattested(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(bytesOf(attestationObject))
  const format = decoded.get('fmt')
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}

/** What the browser says of the asking. @throws SyntaxError, TypeError for what is no object of JSON. */
function clientData(base64url: string): Readonly<Record<string, unknown>> {
  const data: unknown = JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'))
  if (typeof data !== 'object' || data === null) throw new TypeError('The client data is no object.')
  return { ...data }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'))
}

function plain({ id, rawId, type }: AssertionAnswer | RegistrationAnswer) {
  return { id, rawId, type, clientExtensionResults: {} }
}

function signed({ userHandle, ...response }: AssertionAnswer['response']) {
  return { ...response, ...(userHandle && { userHandle }) }
}

function encoded(challenge: string): string {
  return Buffer.from(challenge, 'utf8').toString('base64url')
}
