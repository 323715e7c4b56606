/** Access tokens that are made up, bent, borrowed or out of date, presented as the session's cookie. */

import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/url.ts'
import { type OpenedKeys, openKeys } from '../../src/keys/key-ring.ts'
import { createStore } from '../../src/store/store.ts'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { SHOP } from './shop.ts'

const SECRET = randomBytes(32).toString('base64url')
const ACCESS = 'castellan-4600'

let house: House
let ana: SignedIn
let bo: SignedIn
/** The house's own keys, as no attacker has them: what makes a control pass. */
let keys: OpenedKeys
let closeKeys: () => Promise<void>

beforeAll(async () => {
  house = await openHouse({ sql: SHOP, secretKeys: [SECRET] })
  ana = await house.signIn({ role: 'superadmin' })
  bo = await house.signIn({ role: 'support' })
  const database = await openDatabase(house.url, { place: 'test' })
  closeKeys = () => database.close()
  keys = await openKeys({
    store: createStore(database),
    secrets: [SECRET],
    clock: () => house.clock.now,
    randomBytes,
  })
})
afterAll(async () => {
  await closeKeys()
  await house.close()
})

const tokenOf = ({ client }: SignedIn): string => client.cookies.get(ACCESS) ?? ''
const part = (token: string, index: number): string => token.split('.')[index] ?? ''
const decoded = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(part(token, index), 'base64url').toString()) as Record<string, unknown>
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function accepts(token: string): Promise<boolean> {
  const client = house.visitor()
  client.cookies.set(ACCESS, token)
  const [page, answer] = [await client.get(`${BASE}/profile`), await client.get(`${BASE}/api/v1/models`)]
  expect([page.status, answer.status]).toEqual(page.status === 200 ? [200, 200] : [303, 401])
  return page.status === 200
}

/** Ana's claims and header with changes, signed by the house itself unless said otherwise. */
async function signed(
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
  key: KeyObject = keys.signing('access').privateKey,
): Promise<string> {
  const whole = { ...decoded(tokenOf(ana), 1), ...claims }
  const kept = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined))
  return await new SignJWT(kept)
    .setProtectedHeader({ ...(decoded(tokenOf(ana), 0) as JWTHeaderParameters), ...header })
    .sign(key)
}

test('control: the same claims signed by the house itself are taken', async () => {
  expect(await accepts(tokenOf(ana))).toBe(true)
  expect(await accepts(await signed())).toBe(true)
})

test('takes no token without a signature', async () => {
  const claims = part(tokenOf(ana), 1)

  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined]) {
    const header = encoded({ ...decoded(tokenOf(ana), 0), alg })
    for (const signature of ['', part(tokenOf(ana), 2)])
      expect(await accepts(`${header}.${claims}.${signature}`), String(alg)).toBe(false)
  }
  expect(await accepts(`${part(tokenOf(ana), 0)}.${claims}.`)).toBe(false)
  expect(await accepts(`${part(tokenOf(ana), 0)}.${claims}`)).toBe(false)
})

test('takes no token signed with the public key as a shared secret', async () => {
  const [{ public_key: raw }] = (await house.sql(
    "select public_key from castellan_key where purpose = 'access' and state = 'active'",
  )) as [{ public_key: Uint8Array }]
  const { publicKey } = keys.signing('access')
  expect(Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url')).toEqual(Buffer.from(raw))
  const shapes = [
    Buffer.from(raw),
    publicKey.export({ type: 'spki', format: 'der' }),
    publicKey.export({ type: 'spki', format: 'pem' }),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
  ]

  for (const alg of ['HS256', 'HS384', 'HS512']) {
    const input = `${encoded({ ...decoded(tokenOf(ana), 0), alg })}.${part(tokenOf(ana), 1)}`
    for (const secret of shapes) {
      const mac = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url')
      expect(await accepts(`${input}.${mac}`), alg).toBe(false)
    }
  }
})

test('takes no key from the token itself', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'EdDSA' }

  for (const header of [
    {},
    { jwk },
    { kid: 'mine', jwk },
    { jku: 'https://evil.example/keys' },
    { x5u: 'https://evil.example/cert' },
    { kid: '../../dev/null' },
    { kid: "' or 1=1 --" },
    { kid: keys.signing('checkpoint').id },
  ] as Partial<JWTHeaderParameters>[])
    expect(await accepts(await signed({}, header, privateKey)), JSON.stringify(header)).toBe(false)
})

test('takes no token of another key of the house, or of another type', async () => {
  const checkpoint = keys.signing('checkpoint')
  expect(await accepts(await signed({}, {}, checkpoint.privateKey))).toBe(false)
  expect(await accepts(await signed({}, { kid: checkpoint.id }, checkpoint.privateKey))).toBe(false)

  for (const typ of ['JWT', 'rt+jwt', 'jwt', 'AT+JWT2', ''])
    expect(await accepts(await signed({}, { typ })), typ).toBe(false)
})

test('takes no token of another installation', async () => {
  const other = await openHouse({ sql: SHOP })
  try {
    const { client } = await other.signIn({ role: 'superadmin' })
    expect(await accepts(client.cookies.get(ACCESS) ?? '')).toBe(false)
  } finally {
    await other.close()
  }
  for (const claims of [
    { iss: 'castellan/other' },
    { aud: 'castellan/other/admin' },
    { iss: undefined },
    { aud: undefined },
  ])
    expect(await accepts(await signed(claims as JWTPayload)), JSON.stringify(claims)).toBe(false)
})

test('takes no token before or after its time', async () => {
  const now = Math.floor(house.clock.now / 1000)

  expect(await accepts(await signed({ exp: now + 1, nbf: now - 1 }))).toBe(true)
  for (const claims of [
    { exp: now - 6 },
    { exp: 0 },
    { exp: undefined },
    { nbf: now + 60 },
    { exp: '2099-01-01' },
    { exp: now + 3600, iat: undefined },
  ])
    expect(await accepts(await signed(claims as unknown as JWTPayload)), JSON.stringify(claims)).toBe(false)
})

test('takes no token that points to another session or another person than it was made for', async () => {
  const [mine, theirs] = [decoded(tokenOf(ana), 1), decoded(tokenOf(bo), 1)]
  expect(await accepts(await signed({ sub: String(theirs['sub']), sid: theirs['sid'] }))).toBe(true)

  expect(await accepts(await signed({ sub: String(theirs['sub']), sid: mine['sid'] }))).toBe(false)
  expect(await accepts(await signed({ sub: String(mine['sub']), sid: theirs['sid'] }))).toBe(false)
  for (const sid of ['', '*', "' or 1=1 --", null, 1, [mine['sid']], { eq: mine['sid'] }])
    expect(await accepts(await signed({ sid } as JWTPayload)), JSON.stringify(sid)).toBe(false)
})

test('takes no rights from a token: whatever it claims, the store decides', async () => {
  const claims = decoded(tokenOf(bo), 1)
  const client = house.visitor()
  client.cookies.set(
    ACCESS,
    await signed({ ...claims, roles: ['superadmin'], role: 'superadmin', scope: '*', act: { sub: ana.id } }),
  )

  expect((await client.get(`${BASE}/profile`)).status).toBe(200)
  expect((await client.get(`${BASE}/people`)).status).toBe(404)
})

test('takes no piece of a token, none with something more, and none with one letter changed', async () => {
  const token = tokenOf(ana)

  for (const bent of [
    '',
    '.',
    '..',
    part(token, 1),
    `${token}.`,
    `${token}A`,
    `A${token}`,
    `${token} `.replace(' ', '%20'),
    token.toUpperCase(),
    'x'.repeat(8000),
  ])
    expect(await accepts(bent), bent.slice(0, 20)).toBe(false)
  for (let at = 0; at < token.length; at += 17) {
    const letter = token[at] === 'A' ? 'B' : 'A'
    if (token[at] !== '.')
      expect(await accepts(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`), String(at)).toBe(false)
  }
})

test('takes a token neither for a refresh token nor for a service token, nor the other way round', async () => {
  const refresh = ana.client.cookies.get('castellan-refresh-4600') ?? ''
  const service = await house.token(['support'])
  expect(await accepts(refresh)).toBe(false)
  expect(await accepts(service)).toBe(false)

  const client = house.visitor()
  client.cookies.set('castellan-refresh-4600', tokenOf(ana))
  expect((await client.get(`${BASE}/profile`)).status).toBe(303)
  const bearer = async (token: string): Promise<number> =>
    (
      await house
        .visitor()
        .send('GET', `${BASE}/api/v1/models`, { headers: { authorization: `Bearer ${token}` } })
    ).status
  expect([await bearer(service), await bearer(tokenOf(ana)), await bearer(refresh)]).toEqual([200, 401, 401])
  expect(createPublicKey(keys.signing('access').privateKey).asymmetricKeyType).toBe('ed25519')
})
