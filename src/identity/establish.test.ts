import { createHmac, type KeyObject, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  cookies,
  from,
  HOUR,
  type IdentityWorld,
  known,
  MINUTE,
  openIdentity,
  principalOf,
  SECOND,
  type SomePerson,
} from '../../test/identity.ts'
import { inStore } from '../store/tables.ts'
import { codeAt } from './authenticators/totp.ts'
import type { SessionTokens, SignInStep } from './identity.ts'

const ENDED = { kind: 'unknown', reason: 'ended' }

test('knows nobody where nothing was presented', async () => {
  await using world = await openIdentity()

  expect(await world.identity.establish(cookies({}), from())).toEqual({ kind: 'unknown', reason: 'nothing' })
})

test('gives a session no two of its tokens in common with another', async () => {
  await using world = await openIdentity()
  const ana = await world.person()

  const one = await world.signIn(ana)
  const other = await world.signIn(ana)

  const principals = [await principalOf(world, one), await principalOf(world, other)]
  expect(new Set(principals.map(({ sessionId }) => sessionId)).size).toBe(2)
  expect(one.refresh).not.toBe(other.refresh)
})

test('sees new roles, and the end of a grant, at the next request', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const tokens = await world.signIn(ana)
  const expiresAt = world.time.now + MINUTE
  await world.database.write((connection) =>
    world.identity.people.grantRole(connection, ana.id, { role: 'support', expiresAt }),
  )

  expect((await principalOf(world, tokens)).subject.roles).toEqual(['superadmin', 'support'])
  world.time.now = expiresAt
  expect((await principalOf(world, tokens)).subject.roles).toEqual(['superadmin'])
})

test('never lets attributes pretend to be the id, the kind or the e-mail', async () => {
  await using world = await openIdentity()
  const ana = await world.person({ attributes: { region: 'emea' } })
  const tokens = await world.signIn(ana)
  await world.database.write((connection) =>
    inStore(connection)
      .updateTable('castellan_person')
      .set({ attributes: '{"region":"emea","id":"1","kind":"system","email":"root@example.com"}' })
      .execute(),
  )

  expect((await principalOf(world, tokens)).subject.attributes).toEqual({
    region: 'emea',
    id: ana.id,
    kind: 'person',
    email: ana.email,
  })
})

test('ends a session for another process at its very next request', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  await using other = await world.second()
  const { sessionId } = await principalOf(other, tokens)

  const ended = await world.database.write((connection) =>
    world.identity.sessions.end(connection, sessionId ?? '', 'stolen laptop'),
  )

  expect(ended).toBe(true)
  expect(await other.identity.establish(cookies(tokens), from())).toEqual(ENDED)
  expect(await other.identity.establish(cookies({ refresh: tokens.refresh }), from())).toEqual(ENDED)
})

test('refuses a deactivated person at the next request, and after they come back', async () => {
  await using world = await openIdentity()
  await world.person({ email: 'other@example.com' })
  const ana = await world.person()
  const tokens = await world.signIn(ana)

  for (const isActive of [false, true]) {
    await world.database.write((connection) =>
      world.identity.people.setActive(connection, ana.id, isActive, 'left'),
    )
    expect(await world.identity.establish(cookies(tokens), from())).toEqual(ENDED)
  }
})

test('refuses a session of a deactivated person even where no session was ended', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  await principalOf(world, tokens)

  await world.database.write((connection) =>
    inStore(connection).updateTable('castellan_person').set({ is_active: 0 }).execute(),
  )

  expect(await world.identity.establish(cookies(tokens), from())).toEqual(ENDED)
})

test('ends a session that was idle for thirty minutes', async () => {
  await using world = await openIdentity({ accessTokenMinutes: 60 })
  const tokens = await world.signIn(await world.person())
  const start = world.time.now - 30 * SECOND

  world.time.now = start + 29 * MINUTE
  await principalOf(world, tokens)
  world.time.now += 30 * MINUTE - 1
  await principalOf(world, tokens)
  world.time.now += 30 * MINUTE
  expect(await world.identity.establish(cookies(tokens), from())).toEqual(ENDED)
})

test('ends every session after twelve hours, however often it was renewed', async () => {
  await using world = await openIdentity()
  const start = world.time.now
  let tokens = await world.signIn(await world.person())
  let renewals = 0
  for (;;) {
    world.time.now += 14 * MINUTE
    const answer = await world.identity.establish(cookies(tokens), from())
    if (answer.kind === 'unknown') break
    if (answer.renewed) {
      renewals += 1
      tokens = answer.renewed
    }
    expect(tokens.accessExpiresAt).toBeLessThanOrEqual(start + 12 * HOUR)
    expect(tokens.refreshExpiresAt).toBeLessThanOrEqual(start + 12 * HOUR)
  }

  expect(renewals).toBeGreaterThan(20)
  expect(world.time.now).toBeGreaterThanOrEqual(start + 12 * HOUR)
  expect(world.time.now).toBeLessThan(start + 12 * HOUR + 15 * MINUTE)
})

test('renews an expired access token inside the request, once', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE

  const answer = known(await world.identity.establish(cookies(tokens), from()))

  const renewed = renewedOf(answer)
  expect(renewed.access).not.toBe(tokens.access)
  expect(renewed.refresh).not.toBe(tokens.refresh)
  const next = known(await world.identity.establish(cookies(renewed), from()))
  expect(next.renewed).toBeNull()
  expect(next.binding).toBe(answer.binding)
})

test('renews where the browser has dropped the expired cookie', async () => {
  await using world = await openIdentity()
  const { refresh } = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE

  expect(known(await world.identity.establish(cookies({ refresh }), from())).renewed).not.toBeNull()
})

test('renews nothing for another site, and does not have the cookies cleared', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE

  const answer = await world.identity.establish(cookies(tokens, false), from())

  expect(answer).toEqual({ kind: 'unknown', reason: 'nothing' })
  expect(known(await world.identity.establish(cookies(tokens), from())).renewed).not.toBeNull()
})

test('gives the same successor to fifty renewals at once, in two processes', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  await using other = await world.second()
  world.time.now += 16 * MINUTE

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? world : other).identity.establish(cookies(tokens), from()),
    ),
  )

  const successors = answers.map((answer) => renewedOf(known(answer)).refresh)
  expect(new Set(successors).size).toBe(1)
  expect((await world.events()).filter(({ kind }) => kind === 'session.reuse')).toEqual([])
})

test('gives the successor again when the answer was lost, until a minute after it has arrived', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE
  const lost = renewedOf(known(await world.identity.establish(cookies(tokens), from())))
  world.time.now += 5 * MINUTE

  const again = renewedOf(known(await world.identity.establish(cookies(tokens), from())))
  expect(again.refresh).toBe(lost.refresh)
  await principalOf(world, again)
  world.time.now += 60 * SECOND
  const late = renewedOf(known(await world.identity.establish(cookies(tokens), from())))
  expect(late.refresh).toBe(lost.refresh)
  world.time.now += 1
  expect(await world.identity.establish(cookies(tokens), from())).toEqual(ENDED)
})

test('ends the session of both when a refresh token is used again later, and says so in the log', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const bystander = await world.signIn(ana)
  const stolen = await world.signIn(ana)
  world.time.now += 16 * MINUTE
  const { sessionHash } = known(await world.identity.establish(cookies(bystander), from())).principal
  const thief = renewedOf(known(await world.identity.establish(cookies({ refresh: stolen.refresh }), from())))
  await principalOf(world, thief)
  world.time.now += 61 * SECOND

  expect(await world.identity.establish(cookies({ refresh: stolen.refresh }), from('198.51.100.7'))).toEqual(
    ENDED,
  )
  expect(await world.identity.establish(cookies(thief), from())).toEqual(ENDED)
  expect(await world.identity.establish(cookies({ refresh: thief.refresh }), from())).toEqual(ENDED)
  expect((await world.events()).filter(({ kind }) => kind === 'session.reuse')).toMatchObject([
    {
      outcome: 'refused',
      severity: 'high',
      principal: { id: ana.id },
      session: expect.not.stringMatching(sessionHash ?? 'none'),
      request: { address: '198.51.100.7' },
    },
  ])
  const { sessions } = world.identity
  expect(await sessions.list(world.database.now, ana.id)).toHaveLength(1)
})

test('takes a refresh token of two generations ago for reuse at once', async () => {
  await using world = await openIdentity()
  const first = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE
  const second = renewedOf(known(await world.identity.establish(cookies(first), from())))
  world.time.now += 16 * MINUTE
  await world.identity.establish(cookies(second), from())

  expect(await world.identity.establish(cookies(first), from())).toEqual(ENDED)
  expect((await world.events()).at(-1)).toMatchObject({ kind: 'session.reuse' })
})

test('ends nothing for a refresh token that was made up', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  world.time.now += 16 * MINUTE
  const bytes = Buffer.from(tokens.refresh, 'base64url')
  const forged = Array.from({ length: bytes.length }, (_, index) => {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    return changed.toString('base64url')
  })

  for (const refresh of [...forged, `${tokens.refresh}A`, tokens.refresh.slice(1), '', 'x'.repeat(70)]) {
    expect(await world.identity.establish(cookies({ refresh }), from())).toEqual(ENDED)
  }
  expect(forged.length).toBe(52)
  expect(known(await world.identity.establish(cookies(tokens), from())).renewed).not.toBeNull()
})

test('takes no token for another kind of token', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())

  for (const presented of [
    cookies({ access: tokens.refresh }),
    cookies({ refresh: tokens.access }),
    { ...cookies({}), bearer: tokens.access },
    { ...cookies({}), bearer: tokens.refresh },
  ]) {
    expect((await world.identity.establish(presented, from())).kind).toBe('unknown')
  }
  expect(known(await world.identity.establish(cookies(tokens), from())).principal.name).toBe('Ana Ferreira')
})

test('ends the oldest session when there would be more than five, and says so in the log', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const all: SessionTokens[] = []
  for (let count = 0; count < 6; count += 1) all.push(await world.signIn(ana))

  const answers = await Promise.all(all.map((tokens) => world.identity.establish(cookies(tokens), from())))

  expect(answers.map(({ kind }) => kind)).toEqual(['unknown', ...Array<string>(5).fill('known')])
  expect((await world.events()).filter(({ kind }) => kind === 'session.end')).toMatchObject([
    { outcome: 'done', details: { reason: 'too many sessions', limit: 5 }, target: { key: ana.id } },
  ])
})

test('allows no more sessions than the limit to sign-ins at once, in two processes', async () => {
  await using world = await openIdentity({ maxSessionsPerPerson: 2 })
  await using other = await world.second()
  const ana = await world.person()
  await world.database.write((connection) =>
    world.identity.people.resetSecondFactor(connection, ana.id, 'to set it up anew'),
  )
  const codes = (await enrolled(world, ana)).slice(0, 4)
  const pending: SignInStep[] = []
  for (const _ of codes) pending.push(await world.identity.signIn(ana, from()))

  const steps = await Promise.all(
    codes.map((code, index) => {
      const step = pending[index]
      if (step?.kind !== 'second-factor') throw new Error('expected to be asked for a code')
      const { identity } = index % 2 === 0 ? world : other
      return identity.secondFactor({ pending: step.pending, code }, from())
    }),
  )
  expect(steps.map(({ kind }) => kind)).toEqual(codes.map(() => 'signed-in'))
  const live = await world.identity.sessions.list(world.database.now, ana.id)
  expect(live).toHaveLength(2)
})

test('refuses one session more where that is what is to be done, and says so in the log', async () => {
  await using world = await openIdentity({ maxSessionsPerPerson: 2, whenTooManySessions: 'refuse' })
  const ana = await world.person()
  const all = [await world.signIn(ana), await world.signIn(ana)]

  await expect(world.signIn(ana)).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('in 2 places already'),
  })
  const answers = await Promise.all(all.map((tokens) => world.identity.establish(cookies(tokens), from())))
  expect(answers.map(({ kind }) => kind)).toEqual(['known', 'known'])
  expect((await world.events()).at(-1)).toMatchObject({
    kind: 'identity.second-factor',
    outcome: 'refused',
    details: { because: 'too many sessions' },
  })
  await world.identity.signOut(await principalOf(world, all[0] as SessionTokens), from())
  world.time.now += 30_000
  expect((await world.identity.establish(cookies(await world.signIn(ana)), from())).kind).toBe('known')
})

test('forgets sessions that are over as soon as somebody else is there', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  await world.signIn(ana)
  world.time.now += 29 * MINUTE
  const tokens = await world.signIn(ana)
  const rows = () => inStore(world.database.now).selectFrom('castellan_session').select('id').execute()
  expect(await rows()).toHaveLength(2)
  world.time.now += 2 * MINUTE

  await principalOf(world, tokens)

  expect(await rows()).toHaveLength(1)
})

test('has seen a person from the moment they sign in', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const lastSeen = async () => (await world.identity.people.find(world.database.now, ana.id))?.lastSeenAt
  expect(await lastSeen()).toBeNull()

  await world.signIn(ana)

  expect(await lastSeen()).toBe(world.time.now - 30 * SECOND)
})

test('writes down that somebody is there at most once a minute', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const tokens = await world.signIn(ana)
  const start = world.time.now - 30 * SECOND
  const seen = async () =>
    (await world.identity.sessions.list(world.database.now, ana.id)).map(({ lastSeenAt }) => lastSeenAt)

  world.time.now = start + 59 * SECOND
  await principalOf(world, tokens)
  expect(await seen()).toEqual([start])
  world.time.now = start + 60 * SECOND
  await principalOf(world, tokens)
  expect(await seen()).toEqual([start + 60 * SECOND])
})

test('goes by the signature, the algorithm, the key, the type, the issuer, the audience and the time', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  const [header = '', payload = '', signature = ''] = tokens.access.split('.')
  const head = decoded(header)
  const body = decoded(payload)
  const resigned = (changes: { head?: object; body?: object }) =>
    signed(world, { ...head, ...changes.head }, { ...body, ...changes.body })
  const publicKey = world.keys.verifying('access', String(head['kid']))
  const asSecret = publicKey?.export({ type: 'spki', format: 'pem' }) ?? ''
  const hs256 = `${encoded({ ...head, alg: 'HS256' })}.${payload}`
  const checkpoint = world.keys.signing('checkpoint')
  const seconds = Math.floor(world.time.now / 1000)

  const attacks: Readonly<Record<string, string>> = {
    'alg none': `${encoded({ ...head, alg: 'none' })}.${payload}.`,
    'alg None': `${encoded({ ...head, alg: 'None' })}.${payload}.`,
    'no signature': `${header}.${payload}.`,
    'HS256 with the public key': `${hs256}.${createHmac('sha256', asSecret).update(hs256).digest('base64url')}`,
    'signature of another token': `${header}.${encoded({ ...body, sub: 'someone' })}.${signature}`,
    'signature cut short': tokens.access.slice(0, -4),
    'unknown kid': resigned({ head: { kid: '0000000000000000' } }),
    'kid of another purpose': resigned({ head: { kid: world.keys.signing('checkpoint').id } }),
    'key of another purpose': signed(world, { ...head, kid: checkpoint.id }, body, checkpoint.privateKey),
    'kid as a path': resigned({ head: { kid: '../../dev/null' } }),
    'kid as SQL': resigned({ head: { kid: "' or 1=1 --" } }),
    'no kid': resigned({ head: { kid: undefined } }),
    'key in the header': resigned({ head: { kid: 'x', jwk: publicKey?.export({ format: 'jwk' }) } }),
    'critical extension': resigned({ head: { crit: ['exp'] } }),
    'another type': resigned({ head: { typ: 'JWT' } }),
    'no type': resigned({ head: { typ: undefined } }),
    'another issuer': resigned({ body: { iss: 'castellan/other' } }),
    'another audience': resigned({ body: { aud: 'castellan/other/admin' } }),
    'no subject': resigned({ body: { sub: undefined } }),
    "another person's session": resigned({ body: { sub: '0'.repeat(32) } }),
    'another session': resigned({ body: { sid: 'A'.repeat(43) } }),
    'session as an object': resigned({ body: { sid: { ne: '' } } }),
    expired: resigned({ body: { exp: seconds - 6 } }),
    'no expiry': resigned({ body: { exp: undefined } }),
    'not yet': resigned({ body: { nbf: seconds + 60 } }),
    'not a token': 'x.y.z',
  }

  for (const [attack, access] of Object.entries(attacks)) {
    expect(access, attack).not.toBe(tokens.access)
    expect(await world.identity.establish(cookies({ access }), from()), attack).toEqual(ENDED)
  }
  expect(known(await world.identity.establish(cookies({ access: resigned({}) }), from())).renewed).toBeNull()
})

test('refuses a token of another installation', async () => {
  await using world = await openIdentity()
  await using other = await openIdentity()
  const tokens = await world.signIn(await world.person())

  expect(await other.identity.establish(cookies(tokens), from())).toEqual(ENDED)
})

function renewedOf({ renewed }: { renewed: SessionTokens | null }): SessionTokens {
  if (!renewed) throw new Error('expected a renewal')
  return renewed
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A token with our own signature, as if the attack were on everything but the key. */
function signed(
  world: IdentityWorld,
  header: unknown,
  payload: unknown,
  key: KeyObject = world.keys.signing('access').privateKey,
): string {
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

/** The recovery codes of who sets up a second factor at the next sign-in. */
async function enrolled({ identity, time }: IdentityWorld, person: SomePerson): Promise<readonly string[]> {
  const first = await identity.signIn(person, from())
  if (first.kind === 'signed-in') throw new Error('expected to set up a second factor')
  const pending = await identity.pending(first.pending)
  if (pending?.stage !== 'enrol') throw new Error('expected a seed')
  const code = codeAt(pending.secret, time.now)
  const last = await identity.enrol({ pending: first.pending, code }, from())
  if (last.kind !== 'signed-in' || !last.recoveryCodes) throw new Error('expected recovery codes')
  return last.recoveryCodes
}
