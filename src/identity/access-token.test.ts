import { type KeyObject, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { MINUTE, NOW, openIdentity, SECOND } from '../../test/identity.ts'
import type { Keys } from '../keys/keys.ts'
import { type AccessTokens, createAccessTokens, signAccessToken } from './access-token.ts'

const ISSUER = 'castellan/here'
const CLAIMS = {
  personId: 'ana',
  sessionToken: 'session',
  generation: 0,
  issuedAt: NOW,
  expiresAt: NOW + 15 * MINUTE,
}
const READ = { personId: 'ana', sessionToken: 'session', generation: 0 }

interface World extends AsyncDisposable {
  readonly tokens: AccessTokens
  readonly token: string
  /** How often a key was asked for a signature that had to be checked. */
  readonly looked: { times: number }
  /** Takes the keys out of the ring. */
  drop(): void
}

/** A reader over real keys, which counts how often it goes to the ring and can be left without any. */
async function reader(): Promise<World> {
  const world = await openIdentity()
  const looked = { times: 0 }
  let isGone = false
  const verifying = (purpose: 'access' | 'checkpoint', id: string): KeyObject | null => {
    looked.times += 1
    return isGone ? null : world.keys.verifying(purpose, id)
  }
  const keys: Keys = { ...world.keys, verifying }
  return {
    tokens: createAccessTokens(keys, ISSUER),
    token: await signAccessToken(world.keys, ISSUER, CLAIMS),
    looked,
    drop() {
      isGone = true
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

test('checks a signature once, and asks for the key at every request', async () => {
  await using world = await reader()

  expect(await world.tokens.read(world.token, NOW)).toEqual(READ)
  const before = world.looked.times
  expect(await world.tokens.read(world.token, NOW + MINUTE)).toEqual(READ)
  expect(world.looked.times).toBe(before + 1)
})

test('refuses a token that it has taken before, once its time is over or while it has yet to come', async () => {
  await using world = await reader()
  const end = CLAIMS.expiresAt

  expect(await world.tokens.read(world.token, NOW)).toEqual(READ)
  expect(await world.tokens.read(world.token, NOW - 6 * SECOND)).toBeNull()
  expect(await world.tokens.read(world.token, end)).toEqual(READ)
  expect(await world.tokens.read(world.token, end + 5 * SECOND)).toBeNull()
})

test('refuses a token that it has taken before, once its key is gone', async () => {
  await using world = await reader()

  expect(await world.tokens.read(world.token, NOW)).toEqual(READ)
  world.drop()
  expect(await world.tokens.read(world.token, NOW)).toBeNull()
})

test('remembers a token in its one spelling only', async () => {
  await using world = await reader()
  const [head = '', body = '', signature = ''] = world.token.split('.')
  const other = randomBytes(64).toString('base64url')

  expect(await world.tokens.read(world.token, NOW)).toEqual(READ)
  for (const forged of [`${head}.${body}.${other}`, `${world.token}=`, `${head}.${body}A.${signature}`]) {
    expect(await world.tokens.read(forged, NOW)).toBeNull()
  }
  expect(await world.tokens.read(world.token, NOW)).toEqual(READ)
})
