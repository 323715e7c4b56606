import { expect, test } from 'vitest'
import {
  ANA,
  cookies,
  from,
  HOUR,
  MINUTE,
  openIdentity,
  PASSWORD,
  SECOND,
  tally,
} from '../../test/identity.ts'
import { inStore } from '../store/tables.ts'
import { codeAt } from './authenticators/totp.ts'

const WRONG = 'tulip anvil marsh 43'

test('signs in with a password and then the code of the authenticator', async () => {
  await using world = await openIdentity()
  const ana = await world.person()

  const first = await world.identity.signIn(ana, from())
  if (first.kind !== 'second-factor') throw new Error(first.kind)
  expect(await world.identity.pending(first.pending)).toEqual({
    stage: 'second-factor',
    email: ana.email,
    hasApp: true,
    passkey: null,
  })
  const code = codeAt(ana.seed, world.time.now)
  const last = await world.identity.secondFactor({ pending: first.pending, code }, from())
  if (last.kind !== 'signed-in') throw new Error(last.kind)

  expect(last.recoveryCodes).toBeNull()
  expect(await world.identity.establish(cookies(last.tokens), from())).toMatchObject({
    kind: 'known',
    principal: {
      name: 'Ana Ferreira',
      subject: {
        kind: 'person',
        id: ana.id,
        roles: ['superadmin'],
        attributes: { email: ana.email, kind: 'person' },
      },
      authentication: { methods: ['password', 'totp'], assurance: 2, at: world.time.now },
    },
  })
  expect(await world.events()).toMatchObject([
    { kind: 'identity.sign-in', outcome: 'pending', code: 'second-factor', principal: { id: ana.id } },
    {
      kind: 'identity.sign-in',
      outcome: 'done',
      session: expect.stringMatching(/^[0-9a-f]{64}$/),
      principal: { authentication: { methods: ['password', 'totp'], assurance: 2 } },
    },
  ])
})

test('finds the account however the e-mail is spelled in case, space and Unicode form', async () => {
  await using world = await openIdentity()
  await world.person({ email: 'zoë@example.com' })

  const step = await world.identity.signIn({ email: ' ZOE\u0308@Example.COM ', password: PASSWORD }, from())

  expect(step.kind).toBe('second-factor')
})

test('answers the same for an unknown person, a wrong password, no password and a deactivated person', async () => {
  await using world = await openIdentity()
  await world.person()
  const gone = await world.person({ email: 'gone@example.com', roles: [] })
  await world.database.write(async (connection) => {
    await world.identity.people.setActive(connection, gone.id, false, 'left')
    const { password: _, ...nobody } = ANA
    await world.identity.people.create(connection, {
      ...nobody,
      email: 'new@example.com',
      roles: [],
      attributes: {},
    })
  })

  const attempts = [
    { email: 'nobody@example.com', password: PASSWORD },
    { email: ANA.email, password: WRONG },
    { email: ANA.email, password: `${PASSWORD}${'x'.repeat(2000)}` },
    { email: 'new@example.com', password: PASSWORD },
    { email: gone.email, password: PASSWORD },
  ]
  const { succeeded, refused } = await tally(attempts.map((one) => world.identity.signIn(one, from())))

  expect(succeeded).toBe(0)
  expect(refused).toHaveLength(attempts.length)
  for (const error of refused) {
    expect(error).toMatchObject({
      code: 'unauthenticated',
      message: 'E-mail and password do not match. Check both and try again.',
      retryAfterSeconds: undefined,
    })
  }
  const events = await world.events()
  expect(events.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(
    attempts.map(() => 'refused unauthenticated'),
  )
  expect(new Set(events.map(({ details }) => details['because']))).toEqual(
    new Set(['unknown account', 'wrong password', 'no password is set', 'deactivated']),
  )
})

test('never writes down what was typed as the e-mail of an unknown account', async () => {
  await using world = await openIdentity()

  await expect(
    world.identity.signIn({ email: 'my-password-by-mistake', password: 'x' }, from()),
  ).rejects.toMatchObject({ code: 'unauthenticated' })

  expect(await world.events()).toMatchObject([{ principal: { id: '', label: 'unknown' }, target: null }])
  expect(await world.dump()).not.toContain('my-password-by-mistake')
})

test('leaves nothing in the store that could be used to sign in', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const first = await world.identity.signIn(ana, from())
  const tokens = await world.signIn(ana)
  const { token } = await world.database.write((connection) =>
    world.identity.tokens.create(connection, {
      name: 'ci',
      roles: ['support'],
      actions: null,
      expiresAt: null,
    }),
  )

  const dump = await world.dump()

  expect(dump).toContain(ana.id)
  const sid = JSON.parse(Buffer.from(tokens.access.split('.')[1] ?? '', 'base64url').toString()).sid as string
  const pending = first.kind === 'second-factor' ? first.pending : 'none'
  for (const secret of [PASSWORD, ana.seed, pending, tokens.access, tokens.refresh, sid, token]) {
    expect(secret.length).toBeGreaterThan(10)
    expect(dump).not.toContain(secret)
  }
})

test('gives a pending sign-in nothing but its next step', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const step = await world.identity.signIn(ana, from())
  if (step.kind !== 'second-factor') throw new Error(step.kind)
  const { pending } = step

  for (const presented of [
    cookies({ access: pending }),
    cookies({ refresh: pending }),
    { ...cookies({}), bearer: pending },
  ]) {
    expect((await world.identity.establish(presented, from())).kind).toBe('unknown')
  }
  await expect(
    world.identity.enrol({ pending, code: codeAt(ana.seed, world.time.now) }, from()),
  ).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await world.identity.pending(pending)).toMatchObject({ stage: 'second-factor' })
})

test('forgets a pending sign-in after ten minutes', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const step = await world.identity.signIn(ana, from())
  if (step.kind !== 'second-factor') throw new Error(step.kind)
  world.time.now += 10 * MINUTE

  expect(await world.identity.pending(step.pending)).toBeNull()
  const code = codeAt(ana.seed, world.time.now)
  await expect(world.identity.secondFactor({ pending: step.pending, code }, from())).rejects.toMatchObject({
    code: 'unauthenticated',
    message: /over or took too long/,
  })
})

test('accepts a code once, also with spaces, and never one from an earlier step', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const before = codeAt(ana.seed, world.time.now - 30 * SECOND)
  const code = codeAt(ana.seed, world.time.now)
  await expect(present(world, ana, code)).resolves.toMatchObject({ kind: 'signed-in' })

  for (const again of [code, ` ${code} `, `${code.slice(0, 3)} ${code.slice(3)}`, before]) {
    await expect(present(world, ana, again)).rejects.toMatchObject({ code: 'unauthenticated' })
  }
})

test('accepts a code typed with a space, and refuses digits that are not ASCII', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const code = codeAt(ana.seed, world.time.now)
  const arabic = code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)))

  await expect(present(world, ana, arabic)).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(present(world, ana, `${code.slice(0, 3)} ${code.slice(3)}`)).resolves.toMatchObject({
    kind: 'signed-in',
  })
})

test('lets one of fifty use the same code at once', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const steps = await Promise.all(Array.from({ length: 4 }, () => world.identity.signIn(ana, from())))
  const code = codeAt(ana.seed, world.time.now)

  const attempts = Array.from({ length: 50 }, (_, index) => {
    const step = steps[index % steps.length]
    if (step?.kind !== 'second-factor') throw new Error('no second factor')
    return world.identity.secondFactor({ pending: step.pending, code }, from())
  })
  const { succeeded, refused } = await tally(attempts)

  expect(succeeded).toBe(1)
  expect(refused).toHaveLength(49)
})

test('sets up an authenticator at the first sign-in, and hands out recovery codes that work once each', async () => {
  await using world = await openIdentity()
  await world.database.write((connection) =>
    world.identity.people.create(connection, { ...ANA, roles: ['superadmin'], attributes: {} }),
  )
  const first = await world.identity.signIn(ANA, from())
  if (first.kind !== 'enrol') throw new Error(first.kind)
  const shown = await world.identity.pending(first.pending)
  if (shown?.stage !== 'enrol') throw new Error('nothing to enrol')
  expect(shown.uri).toMatch(/^otpauth:\/\/totp\/Night%20Shop:ana%40example\.com\?/)
  expect(shown.secret).toMatch(/^[A-Z2-7]{32}$/)

  await expect(
    world.identity.enrol({ pending: first.pending, code: '000000' }, from()),
  ).rejects.toMatchObject({ code: 'unauthenticated' })
  const code = codeAt(shown.secret, world.time.now)
  const enrolled = await world.identity.enrol({ pending: first.pending, code }, from())
  if (enrolled.kind !== 'signed-in') throw new Error(enrolled.kind)
  const codes = enrolled.recoveryCodes ?? []

  expect(new Set(codes).size).toBe(10)
  expect(codes.every((one) => /^(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}$/.test(one))).toBe(true)
  const dump = await world.dump()
  expect(codes.some((one) => dump.includes(one) || dump.includes(one.replaceAll('-', '')))).toBe(false)

  const person = { ...ANA, id: '', seed: shown.secret }
  const [recovery = ''] = codes
  const typed = recovery.toLowerCase().replaceAll('-', ' ')
  await expect(present(world, person, typed)).resolves.toMatchObject({ kind: 'signed-in' })
  await expect(present(world, person, recovery)).rejects.toMatchObject({ code: 'unauthenticated' })
  const events = await world.events()
  expect(events.filter(({ kind }) => kind === 'identity.enrol')).toMatchObject([
    { outcome: 'refused', code: 'unauthenticated' },
    { outcome: 'done', severity: 'high' },
  ])
  expect(
    events.find(({ principal }) => principal.authentication.methods.includes('recovery-code')),
  ).toMatchObject({
    kind: 'identity.sign-in',
    outcome: 'done',
    principal: { authentication: { assurance: 2 } },
  })
})

test('lets one of fifty use the same recovery code at once', async () => {
  await using world = await openIdentity()
  const { person, codes } = await enrolled(world)
  const steps = await Promise.all(Array.from({ length: 4 }, () => world.identity.signIn(person, from())))

  const attempts = Array.from({ length: 50 }, (_, index) => {
    const step = steps[index % steps.length]
    if (step?.kind !== 'second-factor') throw new Error('no second factor')
    return world.identity.secondFactor({ pending: step.pending, code: codes[0] ?? '' }, from())
  })
  const { succeeded, refused } = await tally(attempts)

  expect(succeeded).toBe(1)
  expect(refused).toHaveLength(49)
})

test('does not take the code that confirmed an authenticator for the next sign-in', async () => {
  await using world = await openIdentity()
  const { person, code } = await enrolled(world)

  await expect(present(world, person, code)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('goes no further for a person who was deactivated between the factors', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const step = await world.identity.signIn(ana, from())
  if (step.kind !== 'second-factor') throw new Error(step.kind)
  await world.database.write((connection) =>
    inStore(connection).updateTable('castellan_person').set({ is_active: 0 }).execute(),
  )

  expect(await world.identity.pending(step.pending)).toBeNull()
  const code = codeAt(ana.seed, world.time.now)
  await expect(world.identity.secondFactor({ pending: step.pending, code }, from())).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})

test('gives the account to who confirms first when two set up an authenticator at once', async () => {
  await using world = await openIdentity()
  await world.database.write((connection) =>
    world.identity.people.create(connection, { ...ANA, roles: [], attributes: {} }),
  )
  const one = await begunEnrolment(world)
  const other = await begunEnrolment(world)

  await expect(world.identity.enrol(one, from())).resolves.toMatchObject({ kind: 'signed-in' })
  await expect(world.identity.enrol(other, from())).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('hashes the password anew when the cost has changed', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  expect(await world.dump()).toContain('$argon2id$v=19$m=8,t=1,p=1$')
  await using dearer = await openIdentity({ home: world.home, time: world.time, passes: 2 })

  await dearer.identity.signIn(ana, from())

  expect(await world.dump()).not.toContain(',t=1,')
  await expect(dearer.identity.signIn(ana, from())).resolves.toMatchObject({ kind: 'second-factor' })
})

test('counts guesses of codes across sign-ins that were started over, and step-ups', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  for (let guess = 0; guess < 5; guess += 1) {
    await expect(present(world, ana, `00000${guess}`)).rejects.toMatchObject({ code: 'unauthenticated' })
  }

  const right = codeAt(ana.seed, world.time.now)
  await expect(present(world, ana, right)).rejects.toMatchObject({
    code: 'limit-exceeded',
    message: 'Too many sign-in attempts for this account. Try again in 5 minutes.',
    retryAfterSeconds: 300,
  })
  world.time.now += 5 * MINUTE
  await expect(present(world, ana, codeAt(ana.seed, world.time.now))).resolves.toMatchObject({
    kind: 'signed-in',
  })
})

test('allows no more than twenty guesses of codes a day', { timeout: 20_000 }, async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const end = world.time.now + 24 * HOUR
  let guesses = 0
  while (world.time.now < end) {
    const error: unknown = await present(world, ana, '000000').catch((reason: unknown) => reason)
    const { code, retryAfterSeconds = 0 } = error as { code: string; retryAfterSeconds?: number }
    if (code === 'unauthenticated') guesses += 1
    world.time.now += retryAfterSeconds * SECOND
  }

  expect(guesses).toBe(20)
})

type World = Awaited<ReturnType<typeof openIdentity>>

/** A sign-in from its beginning, with this code. */
async function present(world: World, person: { email: string; password: string }, code: string) {
  const step = await world.identity.signIn(person, from())
  if (step.kind !== 'second-factor') throw new Error(step.kind)
  return await world.identity.secondFactor({ pending: step.pending, code }, from())
}

async function begunEnrolment(world: World) {
  const step = await world.identity.signIn(ANA, from())
  if (step.kind !== 'enrol') throw new Error(step.kind)
  const shown = await world.identity.pending(step.pending)
  if (shown?.stage !== 'enrol') throw new Error('nothing to enrol')
  return { pending: step.pending, code: codeAt(shown.secret, world.time.now), seed: shown.secret }
}

async function enrolled(world: World) {
  await world.database.write((connection) =>
    world.identity.people.create(connection, { ...ANA, roles: [], attributes: {} }),
  )
  const begun = await begunEnrolment(world)
  const step = await world.identity.enrol(begun, from())
  if (step.kind !== 'signed-in') throw new Error(step.kind)
  return { person: ANA, code: begun.code, codes: step.recoveryCodes ?? [] }
}
