import { expect, test } from 'vitest'
import { makeKey, type Otherwise, SITE, type SoftwareKey } from '../../../test/authenticator.ts'
import {
  assertionOptions,
  challengeIn,
  checkAssertion,
  checkRegistration,
  type KnownKey,
  readAssertion,
  readRegistration,
  registrationOptions,
} from './passkey.ts'

const CHALLENGE = 'a random part.1795254600000.key.mark'
const HANDLE = Buffer.alloc(64, 7).toString('base64url')
const PERSON = { title: 'Night Shop', name: 'Ana', email: 'ana@example.com', userHandle: HANDLE, keys: [] }

/** A key that was made and stored honestly, but for what differs. */
async function stored(otherwise: Otherwise = {}): Promise<{ key: SoftwareKey; known: KnownKey }> {
  const { key, answer } = makeKey(await registrationOptions(SITE, CHALLENGE, PERSON), otherwise)
  const read = readRegistration(answer)
  const checked = read && (await checkRegistration(read, SITE, CHALLENGE))
  if (checked?.kind !== 'good') throw new Error(JSON.stringify(checked))
  return { key, known: { ...checked.key, userHandle: HANDLE } }
}

/** What comes of an answer of that key. */
async function asserted(otherwise: Otherwise = {}, made: Otherwise = {}): Promise<object | null> {
  const { key, known } = await stored(made)
  const answer = readAssertion(key.sign(await assertionOptions(SITE, CHALLENGE, []), otherwise))
  return answer && (await checkAssertion(answer, known, SITE, CHALLENGE))
}

async function registered(otherwise: Otherwise): Promise<object | null> {
  const { answer } = makeKey(await registrationOptions(SITE, CHALLENGE, PERSON), otherwise)
  const read = readRegistration(answer)
  return read && (await checkRegistration(read, SITE, CHALLENGE))
}

test('takes an honest key, and an honest answer of it', async () => {
  expect(await registered({})).toMatchObject({
    kind: 'good',
    key: { counter: 0, isDeviceBound: true, isBackedUp: false, transports: ['internal'] },
  })
  expect(await asserted()).toEqual({ kind: 'good', counter: 1, isBackedUp: false })
})

test('asks for discoverable keys whose person is verified, and for no attestation', async () => {
  const keys = [{ credentialId: 'AAAA', transports: ['usb'] }]
  expect(await registrationOptions(SITE, CHALLENGE, { ...PERSON, keys })).toMatchObject({
    rp: { id: SITE.id, name: 'Night Shop' },
    user: { id: HANDLE, name: 'ana@example.com' },
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: [{ id: 'AAAA' }],
  })
  const options = await assertionOptions(SITE, CHALLENGE, [])
  expect(options).toMatchObject({ rpId: SITE.id, userVerification: 'required' })
  expect(options['allowCredentials']).toBeUndefined()
})

test('reads the challenge that was signed', async () => {
  const { key } = await stored()
  const answer = readAssertion(key.sign(await assertionOptions(SITE, CHALLENGE, [])))

  expect(answer && challengeIn(answer)).toBe(CHALLENGE)
})

const ANOTHER = Buffer.from('another').toString('base64url')
const flip =
  (part: 'authenticatorData' | 'clientDataJSON' | 'signature', at: number) =>
  (answer: Record<typeof part, Buffer>): void => {
    const bytes = answer[part]
    const index = at < 0 ? bytes.length + at : at
    bytes[index] = (bytes[index] ?? 0) ^ 1
  }

/** Each alone makes an honest answer one that is refused. */
const MUTATIONS: Readonly<Record<string, Otherwise>> = {
  'another origin': { origin: 'https://evil.example.com' },
  'the origin over plain HTTP': { origin: 'http://admin.example.com' },
  'the origin with a port': { origin: 'https://admin.example.com:8443' },
  'the origin with a slash': { origin: 'https://admin.example.com/' },
  'an origin below': { origin: 'https://x.admin.example.com' },
  'the domain above': { origin: 'https://example.com' },
  'no origin': { origin: '' },
  'the origin "null"': { origin: 'null' },
  'another RP id': { rpId: 'evil.example.com' },
  'the RP id above': { rpId: 'example.com' },
  'the origin as RP id': { rpId: SITE.origin },
  'the RP id in capitals': { rpId: SITE.id.toUpperCase() },
  'another challenge': { challenge: ANOTHER },
  'no challenge': { challenge: '' },
  'a challenge that goes on': {
    challenge: Buffer.from(`${CHALLENGE}x`).toString('base64url'),
  },
  'a challenge that is cut': { challenge: Buffer.from(CHALLENGE.slice(0, -1)).toString('base64url') },
  'a challenge that is padded': { challenge: `${Buffer.from(CHALLENGE).toString('base64url')}=` },
  'a frame of another site': { crossOrigin: true },
  'a frame of a named site': { crossOrigin: true, topOrigin: 'https://evil.example.com' },
  'a site around that is no frame': { crossOrigin: false, topOrigin: SITE.origin },
  'nobody present': { isPresent: false },
  'nobody verified': { isVerified: false },
  'neither present nor verified': { isPresent: false, isVerified: false },
  'a backup of what has none': { isBackedUp: true },
  'an unknown type': { type: 'webauthn.other' },
  'no type': { type: '' },
}

test.each(Object.entries(MUTATIONS))('refuses an answer with %s', async (_, otherwise) => {
  expect(await asserted(otherwise)).toMatchObject({ kind: 'refused' })
})

test.each(Object.entries(MUTATIONS))('refuses a new key with %s', async (_, otherwise) => {
  expect(await registered(otherwise)).toMatchObject({ kind: 'refused' })
})

test.each<[string, Otherwise]>([
  ['the answer of a new key', { type: 'webauthn.create' }],
  ['the handle of another person', { userHandle: ANOTHER }],
  ['a key that could not be copied and now can', { isBackupEligible: true }],
  ['a flag changed after signing', { tamper: flip('authenticatorData', 32) }],
  ['a counter changed after signing', { tamper: flip('authenticatorData', 36) }],
  ['a signature with another first byte', { tamper: flip('signature', 0) }],
  ['a signature with another middle byte', { tamper: flip('signature', 20) }],
  ['a signature with another last byte', { tamper: flip('signature', -1) }],
  [
    'a space added to what was signed',
    {
      tamper: (made) => {
        made.clientDataJSON = Buffer.concat([made.clientDataJSON, Buffer.from(' ')])
      },
    },
  ],
  [
    'no data of the authenticator',
    {
      tamper: (made) => {
        made.authenticatorData = Buffer.from([0])
      },
    },
  ],
  [
    'bytes after its data',
    {
      tamper: (made) => {
        made.authenticatorData = Buffer.concat([made.authenticatorData, Buffer.from([0])])
      },
    },
  ],
  [
    'the signature of nothing',
    {
      tamper: (made) => {
        made.signature = Buffer.from([0])
      },
    },
  ],
])('refuses an answer with %s', async (_, otherwise) => {
  expect(await asserted(otherwise)).toMatchObject({ kind: 'refused' })
})

test.each<[string, Otherwise]>([
  ['the answer of a known key', { type: 'webauthn.get' }],
  ['the id of another key', { id: ANOTHER }],
  ['an algorithm that nobody asked for', { algorithm: -37 }],
  ['certificates of its maker', { format: 'fido-u2f' }],
  ['a format that there is not', { format: 'mine' }],
])('refuses a new key with %s', async (_, otherwise) => {
  expect(await registered(otherwise)).toMatchObject({ kind: 'refused' })
})

test('refuses the answer of another key', async () => {
  const [{ key }, { known }] = [await stored(), await stored()]
  const answer = readAssertion(key.sign(await assertionOptions(SITE, CHALLENGE, [])))

  expect(answer && (await checkAssertion(answer, known, SITE, CHALLENGE))).toEqual({
    kind: 'refused',
    because: 'wrong signature',
  })
})

test('a counter that goes back or stays is a copied key, and only when the signature is right', async () => {
  const { key, known } = await stored()
  const counted = { ...known, counter: 9 }
  const answered = async (otherwise: Otherwise) => {
    const answer = readAssertion(key.sign(await assertionOptions(SITE, CHALLENGE, []), otherwise))
    return answer && (await checkAssertion(answer, counted, SITE, CHALLENGE))
  }

  expect(await answered({ counter: 10 })).toMatchObject({ kind: 'good', counter: 10 })
  expect(await answered({ counter: 9 })).toEqual({ kind: 'copied' })
  expect(await answered({ counter: 0 })).toEqual({ kind: 'copied' })
  expect(await answered({ counter: 9, tamper: flip('signature', -1) })).toMatchObject({ kind: 'refused' })
})

test('a key that does not count is none that was copied', async () => {
  expect(await asserted({ counter: 0 })).toMatchObject({ kind: 'good', counter: 0 })
})

test('says of a synchronised key that it is one', async () => {
  const synchronised = { isBackupEligible: true, isBackedUp: true }

  expect(await registered(synchronised)).toMatchObject({ key: { isDeviceBound: false, isBackedUp: true } })
  expect(await asserted({ isBackedUp: false }, synchronised)).toMatchObject({ isBackedUp: false })
})

test.each(['', '{', 'null', '[]', '{}', '{"id":"a"}', 'x'.repeat(20_000)])(
  'takes %j for no answer',
  (text) => {
    expect(readAssertion(text)).toBeNull()
    expect(readRegistration(text)).toBeNull()
  },
)
