/** Passkeys in the flows of identity: what the library says of one answer is `authenticators/passkey.test.ts`. */

import { expect, test } from 'vitest'
import { makeKey, type Otherwise, SITE, type SoftwareKey } from '../../test/authenticator.ts'
import {
  ANA,
  cookies,
  from,
  type IdentityWorld,
  known,
  MINUTE,
  NOW,
  openIdentity,
  PASSWORD,
  principalOf,
  type SomePerson,
  tally,
} from '../../test/identity.ts'
import { inStore } from '../store/tables.ts'
import { codeAt } from './authenticators/totp.ts'
import type { SessionTokens, SignInStep } from './identity.ts'

const VISITOR = 'visitor:a'

/** Somebody who has just signed in with password and app, and added a passkey. */
async function withPasskey(
  world: IdentityWorld,
  person: SomePerson,
  otherwise: Otherwise = {},
): Promise<{ readonly key: SoftwareKey; readonly tokens: SessionTokens }> {
  const tokens = await world.signIn(person)
  const principal = await principalOf(world, tokens)
  const { authenticators } = world.identity
  const { key, answer } = makeKey(await authenticators.passkeyOptions(principal, SITE), otherwise)
  await authenticators.addPasskey(principal, { answer, site: SITE, name: 'Laptop' }, from())
  return { key, tokens }
}

/** Signs in with nothing but the key, as this visitor. */
async function alone(
  { identity }: IdentityWorld,
  key: SoftwareKey,
  otherwise: Otherwise = {},
): Promise<SignInStep> {
  const answer = key.sign(await identity.passkeyOptions(SITE, VISITOR), otherwise)
  return await identity.signInWithPasskey({ answer, site: SITE, binding: VISITOR }, from())
}

const REFUSED = { code: 'unauthenticated', message: expect.stringMatching(/^This passkey was not accepted/) }

/** Why the last attempt was refused, as the log says it. */
async function because(world: IdentityWorld): Promise<unknown> {
  return (await world.events()).at(-1)?.details?.['because']
}

test('every change of an authenticator but its name is told by a letter', async () => {
  await using world = await openIdentity({ hasMail: true })
  const person = await world.person()
  const { tokens } = await withPasskey(world, person)
  const principal = await principalOf(world, tokens)
  const { authenticators, letters } = world.identity
  const [passkey] = (await authenticators.list(principal)).passkeys
  const id = passkey?.id ?? ''
  await authenticators.renamePasskey(principal, { id, name: 'Phone' }, from())
  await authenticators.renewRecoveryCodes(principal, from())
  await authenticators.remove(principal, id, from())

  const told: unknown[] = []
  for (let claimed = await letters.next(); claimed; claimed = await letters.next()) {
    if (claimed.letter.kind === 'authenticator-changed') told.push(claimed.letter.what)
    expect(claimed.letter.to.email).toBe(person.email)
  }
  expect(told.sort()).toEqual([
    'A passkey was removed',
    'A passkey was set up',
    'New recovery codes were set up',
  ])
})

test('a passkey alone signs in, with the highest assurance', async () => {
  // as clocks of machines are, which know parts of a millisecond
  await using world = await openIdentity({ time: { now: NOW + 0.4475 } })
  const { key } = await withPasskey(world, await world.person())

  const step = await alone(world, key)

  if (step.kind !== 'signed-in') throw new Error(step.kind)
  const { principal } = known(await world.identity.establish(cookies(step.tokens), from()))
  expect(principal).toMatchObject({
    name: ANA.name,
    authentication: { methods: ['passkey'], assurance: 3 },
  })
  expect((await world.events()).at(-1)).toMatchObject({ kind: 'identity.sign-in', outcome: 'done' })
})

test('is a second factor after the password', async () => {
  await using world = await openIdentity()
  const person = await world.person()
  const { key } = await withPasskey(world, person)
  const first = await world.identity.signIn({ email: person.email, password: PASSWORD }, from())
  if (first.kind !== 'second-factor') throw new Error(first.kind)
  const shown = await world.identity.pending(first.pending, SITE)
  if (shown?.stage !== 'second-factor') throw new Error(shown?.stage)

  expect(shown).toMatchObject({ hasApp: true, passkey: { allowCredentials: [{ id: key.id }] } })
  const passkey = { answer: key.sign(shown.passkey), site: SITE }
  const step = await world.identity.secondFactor({ pending: first.pending, passkey }, from())
  if (step.kind !== 'signed-in') throw new Error(step.kind)
  expect(await principalOf(world, step.tokens)).toMatchObject({
    authentication: { methods: ['password', 'passkey'], assurance: 3 },
  })
})

test('is set up in the first sign-in, in place of an app, and comes with recovery codes', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''
  const first = await world.identity.setUp({ ...ANA, token }, from())
  if (first.kind !== 'enrol') throw new Error(first.kind)
  const shown = await world.identity.pending(first.pending, SITE)
  if (shown?.stage !== 'enrol') throw new Error(shown?.stage)

  const { key, answer } = makeKey(shown.passkey)
  const passkey = { answer, site: SITE }
  const step = await world.identity.enrol({ pending: first.pending, passkey, name: 'Phone' }, from())

  if (step.kind !== 'signed-in') throw new Error(step.kind)
  expect(step.recoveryCodes).toHaveLength(10)
  const principal = await principalOf(world, step.tokens)
  expect(await world.identity.authenticators.list(principal)).toMatchObject({
    app: null,
    passkeys: [{ name: 'Phone', isDeviceBound: true, usedAt: null }],
    recoveryCodes: 10,
  })
  expect((await alone(world, key)).kind).toBe('signed-in')
})

test('an answer works once: of fifty at once one comes in', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const { identity } = world
  const answer = key.sign(await identity.passkeyOptions(SITE, VISITOR), { counter: 0 })
  const input = { answer, site: SITE, binding: VISITOR }

  const { succeeded } = await tally(
    Array.from({ length: 50 }, (_, index) => identity.signInWithPasskey(input, from(`198.51.${index}.1`))),
  )

  expect(succeeded).toBe(1)
  await expect(identity.signInWithPasskey(input, from())).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toBe('used challenge')
})

test('control: with what was answered forgotten, an authenticator that does not count answers twice', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const answer = key.sign(await world.identity.passkeyOptions(SITE, VISITOR), { counter: 0 })
  const input = { answer, site: SITE, binding: VISITOR }
  await world.identity.signInWithPasskey(input, from())
  await world.database.write((connection) =>
    inStore(connection).deleteFrom('castellan_used_challenge').execute(),
  )

  expect((await world.identity.signInWithPasskey(input, from())).kind).toBe('signed-in')
})

test('an answer is worth nothing to another visitor, for another purpose, or five minutes later', async () => {
  await using world = await openIdentity()
  const { key, tokens } = await withPasskey(world, await world.person())
  const { identity } = world
  const signed = async () => key.sign(await identity.passkeyOptions(SITE, VISITOR))
  const principal = await principalOf(world, tokens)

  const other = { answer: await signed(), site: SITE, binding: 'visitor:b' }
  await expect(identity.signInWithPasskey(other, from())).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toBe('foreign challenge')

  const passkey = { answer: await signed(), site: SITE }
  await expect(identity.stepUp(principal, { passkey, binding: VISITOR }, from())).rejects.toMatchObject(
    REFUSED,
  )
  expect(await because(world)).toBe('foreign challenge')

  const late = { answer: await signed(), site: SITE, binding: VISITOR }
  world.time.now += 5 * MINUTE
  await expect(identity.signInWithPasskey(late, from())).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await because(world)).toBe('late challenge')
})

test.each<[string, Otherwise, unknown]>([
  ['another origin', { origin: 'https://evil.example.com' }, expect.stringContaining('origin')],
  ['another RP id', { rpId: 'evil.example.com' }, expect.stringContaining('RP ID')],
  ['nobody verified', { isVerified: false }, expect.stringContaining('verif')],
  ['the handle of another person', { userHandle: 'AAAA' }, 'handle of another person'],
  ['no handle', { userHandle: null }, 'it does not say whose it is'],
  ['an unknown key', { id: 'AAAA' }, 'unknown passkey'],
  ['another challenge', { challenge: 'AAAA' }, 'foreign challenge'],
])('does not sign in with %s, and the log says why', async (_, otherwise, why) => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())

  await expect(alone(world, key, otherwise)).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toEqual(why)
  expect((await alone(world, key)).kind).toBe('signed-in')
})

test('one person’s passkey is no second factor of another', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const ben = await world.person({ email: 'ben@example.com', name: 'Ben' })
  await withPasskey(world, ben)
  const first = await world.identity.signIn({ email: ben.email, password: PASSWORD }, from())
  if (first.kind !== 'second-factor') throw new Error(first.kind)
  const shown = await world.identity.pending(first.pending, SITE)
  if (shown?.stage !== 'second-factor') throw new Error(shown?.stage)

  const passkey = { answer: key.sign(shown.passkey), site: SITE }
  await expect(
    world.identity.secondFactor({ pending: first.pending, passkey }, from()),
  ).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toBe('passkey of another person')
})

test('a copy that counts fewer uses is refused, and recorded as grave', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  await alone(world, key)

  await expect(alone(world, key, { counter: 1 })).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await world.events()).at(-1)).toMatchObject({
    kind: 'identity.passkey-copied',
    outcome: 'refused',
    details: { because: 'its counter went back', attempted: 'identity.sign-in' },
  })
})

test('a row that somebody put in, or changed, signs nobody in', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const eve = await world.person({ email: 'eve@example.com', name: 'Eve' })

  await world.database.write((connection) =>
    inStore(connection).updateTable('castellan_passkey').set({ person_id: eve.id }).execute(),
  )

  await expect(alone(world, key, { userHandle: null })).rejects.toMatchObject(REFUSED)
  await expect(alone(world, key)).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toBe('unknown passkey')
})

test('signs in after the key that marks it was revoked', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const marks = async () => {
    const rows = await inStore(world.database.now)
      .selectFrom('castellan_passkey')
      .select('seal_hash')
      .execute()
    return rows.map(({ seal_hash }) => seal_hash.slice(0, seal_hash.indexOf('.')))
  }
  const before = await marks()

  const { sealedAnew } = await world.database.write((connection) =>
    world.identity.keys.revoke(connection, 'credential'),
  )
  await world.keys.catchUp(world.database.now)

  expect(sealedAnew).toBe(2)
  expect(await marks()).not.toEqual(before)
  expect((await alone(world, key)).kind).toBe('signed-in')
})

test('keeps people out who are deactivated, and forgets passkeys that an administrator resets', async () => {
  await using world = await openIdentity()
  await world.person({ email: 'root@example.com', name: 'Root' })
  const person = await world.person({ email: 'ben@example.com', name: 'Ben' })
  const { key } = await withPasskey(world, person)
  const { people } = world.identity

  await world.database.write((connection) => people.setActive(connection, person.id, false, ''))
  await expect(alone(world, key)).rejects.toMatchObject(REFUSED)
  expect(await because(world)).toBe('deactivated')

  await world.database.write((connection) => people.setActive(connection, person.id, true, ''))
  await world.database.write((connection) => people.resetSecondFactor(connection, person.id, ''))
  await expect(alone(world, key)).rejects.toMatchObject(REFUSED)
  expect(await people.find(world.database.now, person.id)).toMatchObject({ hasSecondFactor: false })
})

test('proves again who one is, for the one thing that it was asked for', async () => {
  await using world = await openIdentity()
  const { key, tokens } = await withPasskey(world, await world.person())
  const principal = await principalOf(world, tokens)
  const choices = await world.identity.stepUpChoices(principal, { site: SITE, binding: 'delete 5' })
  const passkey = { answer: key.sign(choices.passkey), site: SITE }

  await expect(
    world.identity.stepUp(principal, { passkey, binding: 'delete 6' }, from()),
  ).rejects.toMatchObject(REFUSED)
  const renewed = await world.identity.stepUp(principal, { passkey, binding: 'delete 5' }, from())

  expect(await principalOf(world, renewed)).toMatchObject({
    authentication: { methods: ['password', 'passkey'], assurance: 3, at: world.time.now },
  })
  expect((await world.identity.establish(cookies(tokens), from())).kind).toBe('unknown')
})

test('changing authenticators asks for a proof of the last ten minutes', async () => {
  await using world = await openIdentity()
  const { tokens } = await withPasskey(world, await world.person())
  const principal = await principalOf(world, tokens)
  const { authenticators } = world.identity
  const [passkey] = (await authenticators.list(principal)).passkeys
  const id = passkey?.id ?? ''

  await authenticators.renamePasskey(principal, { id, name: ' Key ' }, from())
  expect((await authenticators.list(principal)).passkeys).toMatchObject([{ name: 'Key' }])

  world.time.now += 10 * MINUTE
  for (const change of [
    () => authenticators.renamePasskey(principal, { id, name: 'Other' }, from()),
    () => authenticators.remove(principal, id, from()),
    () => authenticators.remove(principal, 'app', from()),
    () => authenticators.renewRecoveryCodes(principal, from()),
  ]) {
    await expect(change()).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await because(world)).toBe('no recent proof')
  }
  expect((await authenticators.list(principal)).passkeys).toHaveLength(1)
})

test('the last authenticator stays, another goes and takes the other sessions along', async () => {
  await using world = await openIdentity()
  const person = await world.person()
  const { tokens } = await withPasskey(world, person)
  const elsewhere = await world.signIn(person)
  const principal = await principalOf(world, tokens)
  const { authenticators } = world.identity

  await authenticators.remove(principal, 'app', from())

  expect((await world.identity.establish(cookies(elsewhere), from())).kind).toBe('unknown')
  expect((await world.identity.establish(cookies(tokens), from())).kind).toBe('known')
  const { app, passkeys } = await authenticators.list(principal)
  expect(app).toBeNull()
  await expect(authenticators.remove(principal, passkeys[0]?.id ?? '', from())).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('last authenticator'),
  })
  await expect(authenticators.remove(principal, 'f'.repeat(32), from())).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('nobody renames or removes what is another’s', async () => {
  await using world = await openIdentity()
  const { tokens } = await withPasskey(world, await world.person())
  const { authenticators } = world.identity
  const [passkey] = (await authenticators.list(await principalOf(world, tokens))).passkeys
  const id = passkey?.id ?? ''
  const eve = await world.person({ email: 'eve@example.com', name: 'Eve' })
  const other = await principalOf(world, (await withPasskey(world, eve)).tokens)

  for (const change of [
    () => authenticators.renamePasskey(other, { id, name: 'Mine' }, from()),
    () => authenticators.remove(other, id, from()),
  ]) {
    await expect(change()).rejects.toMatchObject({ code: 'not-found' })
  }
})

test('a new app takes the place of the one before', async () => {
  await using world = await openIdentity()
  const person = await world.person()
  const principal = await principalOf(world, await world.signIn(person))
  const { authenticators } = world.identity
  const app = authenticators.newApp(principal)

  await expect(
    authenticators.setApp(principal, { sealed: app.sealed, code: '000000' }, from()),
  ).rejects.toMatchObject({ code: 'unauthenticated' })
  const code = codeAt(app.secret, world.time.now)
  await authenticators.setApp(principal, { sealed: app.sealed, code }, from())
  world.time.now += MINUTE

  await expect(world.signIn(person)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await world.signIn({ ...person, seed: app.secret })).access).not.toBe('')
})

test('roles that are privileged ask for two authenticators', async () => {
  await using world = await openIdentity({ privilegedRoles: ['superadmin'] })
  const principal = await principalOf(world, await world.signIn(await world.person()))
  const ben = await world.person({ email: 'ben@example.com', name: 'Ben', roles: ['support'] })
  const other = await principalOf(world, await world.signIn(ben))

  expect(await world.identity.authenticators.list(principal)).toMatchObject({ wanted: 2 })
  expect(await world.identity.authenticators.list(other)).toMatchObject({ wanted: 1 })
})

const SYNCHRONISED: Otherwise = { isBackupEligible: true, isBackedUp: true }

test('a role that takes device-bound passkeys alone asks for one after every other proof', async () => {
  await using world = await openIdentity({ deviceBoundRoles: ['admin'] })
  const person = await world.person()
  const { key } = await withPasskey(world, person, SYNCHRONISED)
  const { identity } = world
  await world.database.write((connection) =>
    identity.people.grantRole(connection, person.id, { role: 'admin', expiresAt: null }),
  )

  const step = await alone(world, key)
  if (step.kind !== 'enrol') throw new Error(step.kind)
  const shown = await identity.pending(step.pending, SITE)
  if (shown?.stage !== 'enrol-passkey') throw new Error(shown?.stage)

  const copyable = { answer: makeKey(shown.passkey, SYNCHRONISED).answer, site: SITE }
  await expect(
    identity.enrol({ pending: step.pending, passkey: copyable, name: 'Phone' }, from()),
  ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('stay on one device') })
  await expect(identity.enrol({ pending: step.pending, code: '123456' }, from())).rejects.toMatchObject({
    code: 'unauthenticated',
  })

  const made = makeKey((await pendingPasskey(world, step.pending)) ?? {})
  const passkey = { answer: made.answer, site: SITE }
  const last = await identity.enrol({ pending: step.pending, passkey, name: 'Security key' }, from())
  expect(last).toMatchObject({ kind: 'signed-in' })
  expect((await alone(world, made.key)).kind).toBe('signed-in')
  await expect(world.signIn(person)).rejects.toThrow('not enrol')
})

async function pendingPasskey({ identity }: IdentityWorld, token: string) {
  const shown = await identity.pending(token, SITE)
  return shown?.stage === 'enrol-passkey' ? shown.passkey : null
}

test('whoever knows the password alone sets up nothing once there is an authenticator', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''
  const first = await world.identity.setUp({ ...ANA, token }, from())
  const second = await world.identity.signIn({ email: ANA.email, password: PASSWORD }, from())
  if (first.kind !== 'enrol' || second.kind !== 'enrol') throw new Error('no enrolment')
  const optionsOf = async (pending: string) => {
    const shown = await world.identity.pending(pending, SITE)
    return shown?.stage === 'enrol' ? shown.passkey : null
  }
  const mine = { answer: makeKey(await optionsOf(first.pending)).answer, site: SITE }
  const theirs = { answer: makeKey(await optionsOf(second.pending)).answer, site: SITE }
  await world.identity.enrol({ pending: first.pending, passkey: mine, name: 'Mine' }, from())

  await expect(
    world.identity.enrol({ pending: second.pending, passkey: theirs, name: 'Theirs' }, from()),
  ).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('keeps no private half and no challenge that could be answered', async () => {
  await using world = await openIdentity()
  const { key } = await withPasskey(world, await world.person())
  const options = await world.identity.passkeyOptions(SITE, VISITOR)
  const answer = key.sign(options)
  await world.identity.signInWithPasskey({ answer, site: SITE, binding: VISITOR }, from())

  const dump = await world.dump()
  expect(dump).toContain(key.id)
  expect(dump).not.toContain(String(options['challenge']))
})
