import { expect, test } from 'vitest'
import {
  cookies,
  from,
  type IdentityWorld,
  known,
  MINUTE,
  openIdentity,
  principalOf,
  SECOND,
  type SomePerson,
} from '../../test/identity.ts'
import { codeAt } from './authenticators/totp.ts'
import { systemPrincipal } from './principal.ts'

const NEXT = 'gravel orchid 77 lantern'

async function signedIn(world: IdentityWorld) {
  const ana = await world.person()
  const tokens = await world.signIn(ana)
  return { ana, tokens, principal: await principalOf(world, tokens) }
}

function codeOf(world: IdentityWorld, { seed }: SomePerson): string {
  return codeAt(seed, world.time.now)
}

test('signs out: neither token is good for anything any more', async () => {
  await using world = await openIdentity()
  const { tokens, principal } = await signedIn(world)

  await world.identity.signOut(principal, from())
  await world.identity.signOut(principal, from())

  for (const presented of [
    cookies(tokens),
    cookies({ access: tokens.access }),
    cookies({ refresh: tokens.refresh }),
  ]) {
    expect(await world.identity.establish(presented, from())).toEqual({ kind: 'unknown', reason: 'ended' })
  }
  expect((await world.events()).filter(({ kind }) => kind === 'identity.sign-out')).toMatchObject([
    { outcome: 'done', session: principal.sessionHash, principal: { roles: ['superadmin'] } },
  ])
})

test('proves again who somebody is: new tokens, the old ones are dead, the session goes on', async () => {
  await using world = await openIdentity()
  const { ana, tokens, principal } = await signedIn(world)
  world.time.now += 10 * MINUTE
  const before = known(await world.identity.establish(cookies(tokens), from()))

  const fresh = await world.identity.stepUp(principal, { code: codeOf(world, ana) }, from())

  const after = known(await world.identity.establish(cookies(fresh), from()))
  expect(after.principal.authentication.at).toBe(world.time.now)
  expect(after.principal.sessionId).toBe(before.principal.sessionId)
  expect(after.binding).toBe(before.binding)
  expect(await world.identity.provedAt(world.database.now, after.principal)).toBe(world.time.now)
  for (const old of [cookies({ access: tokens.access }), cookies({ refresh: tokens.refresh })]) {
    expect((await world.identity.establish(old, from())).kind).toBe('unknown')
  }
  expect((await world.events()).at(-1)).toMatchObject({ kind: 'identity.step-up', outcome: 'done' })
})

test('refuses a step-up with the code of the sign-in, a wrong one, and too many', async () => {
  await using world = await openIdentity()
  const { ana, principal } = await signedIn(world)
  const used = codeAt(ana.seed, world.time.now - 30 * SECOND)
  const provedAt = await world.identity.provedAt(world.database.now, principal)

  for (const code of [used, '000000', '000001', '', 'x'.repeat(5000)]) {
    await expect(world.identity.stepUp(principal, { code }, from())).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  }
  for (const code of ['000002', '000003']) {
    await expect(world.identity.stepUp(principal, { code }, from())).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  }
  await expect(world.identity.stepUp(principal, { code: codeOf(world, ana) }, from())).rejects.toMatchObject({
    code: 'limit-exceeded',
  })
  expect(await world.identity.provedAt(world.database.now, principal)).toBe(provedAt)
})

test('refuses a step-up of a session that has ended meanwhile, and of who has none', async () => {
  await using world = await openIdentity()
  const { ana, principal } = await signedIn(world)
  await world.identity.signOut(principal, from())

  await expect(world.identity.stepUp(principal, { code: codeOf(world, ana) }, from())).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  const system = systemPrincipal('root', world.time.now)
  await expect(world.identity.stepUp(system, { code: '000000' }, from())).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  expect(await world.identity.provedAt(world.database.now, principal)).toBeNull()
  expect(await world.identity.provedAt(world.database.now, system)).toBeNull()
})

test('changes the password: the old one is refused, other sessions end, this one goes on', async () => {
  await using world = await openIdentity()
  const { ana, tokens, principal } = await signedIn(world)
  const elsewhere = await world.signIn(ana)

  await world.identity.changePassword(principal, { current: ana.password, next: NEXT }, from())

  expect((await world.identity.establish(cookies(elsewhere), from())).kind).toBe('unknown')
  expect((await world.identity.establish(cookies(tokens), from())).kind).toBe('known')
  await expect(world.identity.signIn(ana, from())).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(world.identity.signIn({ ...ana, password: NEXT }, from())).resolves.toMatchObject({
    kind: 'second-factor',
  })
  expect((await world.events()).filter(({ kind }) => kind === 'identity.password')).toMatchObject([
    { outcome: 'done', severity: 'high', details: { endedSessions: 1 } },
  ])
  expect(await world.dump()).not.toContain(NEXT)
})

test('refuses to change the password without the current one, and counts the guesses', async () => {
  await using world = await openIdentity()
  const { ana, principal } = await signedIn(world)
  for (let guess = 0; guess < 5; guess += 1) {
    await expect(
      world.identity.changePassword(principal, { current: `wrong ${guess}`, next: NEXT }, from()),
    ).rejects.toMatchObject({ code: 'unauthenticated' })
  }

  await expect(
    world.identity.changePassword(principal, { current: ana.password, next: NEXT }, from()),
  ).rejects.toMatchObject({ code: 'limit-exceeded' })
})

test('refuses a new password that is too short, well known or the same', async () => {
  await using world = await openIdentity()
  const { ana, principal } = await signedIn(world)

  for (const next of ['too short', 'passwordpassword', ana.password]) {
    await expect(
      world.identity.changePassword(principal, { current: ana.password, next }, from()),
    ).rejects.toMatchObject({ code: 'invalid-input', fields: { next: [expect.any(String)] } })
  }
})

test('lets one of many change the password with the same current one', async () => {
  await using world = await openIdentity()
  const { ana, principal } = await signedIn(world)

  const changes = [0, 1, 2].map((index) =>
    world.identity.changePassword(principal, { current: ana.password, next: `${NEXT} ${index}` }, from()),
  )
  const settled = await Promise.allSettled(changes)

  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('lists live sessions, newest first, and ends them one by one or all but one', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  await world.signIn(ana, from('192.0.2.1'))
  await world.signIn(ana, from('192.0.2.2'))
  const tokens = await world.signIn(ana, from('192.0.2.3'))
  const { sessionId } = await principalOf(world, tokens)
  const { sessions } = world.identity
  const listed = await sessions.list(world.database.now, ana.id)
  expect(listed.map(({ address }) => address)).toEqual(['192.0.2.3', '192.0.2.2', '192.0.2.1'])
  expect(listed[0]).toMatchObject({ id: sessionId, personId: ana.id, methods: ['password', 'totp'] })

  const oldest = listed[2]?.id ?? ''
  const endOldest = () => world.database.write((connection) => sessions.end(connection, oldest, 'mine'))
  expect(await endOldest()).toBe(true)
  expect(await endOldest()).toBe(false)
  const ended = await world.database.write((connection) =>
    sessions.endAll(connection, ana.id, 'mine', sessionId),
  )

  expect(ended).toBe(1)
  expect((await sessions.list(world.database.now, null)).map(({ id }) => id)).toEqual([sessionId])
})
