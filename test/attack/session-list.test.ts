/** What sessions and their tokens have to survive, name by name, and where each is proved. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ESTABLISH = 'src/identity/establish.test.ts'
const ACCOUNT = 'src/identity/own-account.test.ts'
const FIXATION = 'test/attack/session-fixation.test.ts'
const REFRESH = 'test/attack/replayed-refresh.test.ts'
const TOKEN = 'test/attack/forged-token.test.ts'
const KEY = 'test/attack/revoked-key.test.ts'

const PROVED: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'login-rotates-id': [FIXATION, 'every sign-in makes tokens of its own'],
  fixation: [FIXATION, 'cookies of before the sign-in open nothing after it'],
  'logout-kills-both': [ACCOUNT, 'signs out: neither token is good for anything any more'],
  'disable-kills': [ESTABLISH, 'refuses a deactivated person at the next request, and after they come back'],
  'delete-kills': [
    'test/http/host-people.test.ts',
    'keeps out who was deactivated here, or is gone there, in the same words as a wrong password',
  ],
  idreuse: [
    'test/attack/host-people.test.ts',
    'an id that is given to somebody else brings them nothing of who had it',
  ],
  'pwchange-kills-others': [
    ACCOUNT,
    'changes the password: the old one is refused, other sessions end, this one goes on',
  ],
  'reset-kills-all': [
    'src/identity/people.test.ts',
    'removes a second factor with its recovery codes and sessions; the next sign-in sets one up',
  ],
  'factor-change-kills': [
    'src/identity/passkey.test.ts',
    'the last authenticator stays, another goes and takes the other sessions along',
  ],
  idle: [ESTABLISH, 'ends a session that was idle for thirty minutes'],
  'passive-poll-not-extend': [
    'test/http/session.test.ts',
    'an open page learns how long its session goes on, and asking puts nothing off',
  ],
  absolute: [ESTABLISH, 'ends every session after twelve hours, however often it was renewed'],
  'refresh-cannot-extend-absolute': [
    REFRESH,
    'renewing outlives neither the sign-out nor the end of the session’s time',
  ],
  'refresh-once': [ESTABLISH, 'renews an expired access token inside the request, once'],
  'refresh-reuse-revokes-family': [
    REFRESH,
    'an old refresh token ends the session for both, and the log says so',
  ],
  'refresh-race-50': [ESTABLISH, 'gives the same successor to fifty renewals at once, in two processes'],
  'refresh-after-logout': [
    REFRESH,
    'renewing outlives neither the sign-out nor the end of the session’s time',
  ],
  'two-tab-grace': [
    REFRESH,
    'within a minute the old one still serves a second tab, and gives no second line of tokens',
  ],
  'concurrent-limit-race': [
    ESTABLISH,
    'allows no more sessions than the limit to sign-ins at once, in two processes',
  ],
  'at-as-rt': [ESTABLISH, 'takes no token for another kind of token'],
  'rt-as-at': [
    TOKEN,
    'takes a token neither for a refresh token nor for a service token, nor the other way round',
  ],
  'premfa-token-everywhere': [
    FIXATION,
    'a sign-in under way opens nothing but its next step, wherever its token is put',
  ],
  'alg-none': [TOKEN, 'takes no token without a signature'],
  'alg-confusion': [TOKEN, 'takes no token signed with the public key as a shared secret'],
  'kid-injection': [TOKEN, 'takes no key from the token itself'],
  'wrong-aud/iss/typ': [
    ESTABLISH,
    'goes by the signature, the algorithm, the key, the type, the issuer, the audience and the time',
  ],
  'exp/nbf-skew': [TOKEN, 'takes no token before or after its time'],
  'key-rotation-overlap': [
    KEY,
    'after three rotations what was open before still works: pages, forms and sessions',
  ],
  'emergency-rotation': [
    KEY,
    'a token that a revoked key signed is refused with the next request, in every process',
  ],
}

test.each(Object.entries(PROVED))('%s is proved', (_, [file, name]) => {
  expect(existsSync(file), file).toBe(true)
  expect(readFileSync(file, 'utf8').includes(`'${name}'`), name).toBe(true)
})

test('sse-closes-on-revoke: nothing is streamed, so nothing outlives its session', () => {
  const files = globSync('src/**/*.{ts,tsx}')
  expect(files.length).toBeGreaterThan(100)

  expect(
    files.filter((file) => /event-stream|WebSocket|upgradeWebSocket/.test(readFileSync(file, 'utf8'))),
  ).toEqual([])
})
