import { expect, test } from 'vitest'
import { ANA, from, HOUR, type IdentityWorld, MINUTE, openIdentity, tally } from '../../test/identity.ts'
import { inStore } from '../store/tables.ts'

const WRONG = 'not the password at all'

/** One guess; the code of its refusal, and what it says. */
async function guess(
  world: IdentityWorld,
  { email = ANA.email, address = '192.0.2.10', password = WRONG } = {},
): Promise<{
  readonly code: string
  readonly message: string
  readonly retryAfterSeconds: number | undefined
}> {
  const error: unknown = await world.identity
    .signIn({ email, password }, from(address))
    .catch((reason: unknown) => reason)
  const { code, message, retryAfterSeconds } = error as Awaited<ReturnType<typeof guess>>
  return { code, message, retryAfterSeconds }
}

async function guesses(
  world: IdentityWorld,
  count: number,
  which: (index: number) => Parameters<typeof guess>[1],
) {
  const codes: string[] = []
  for (let index = 0; index < count; index += 1) codes.push((await guess(world, which(index))).code)
  return codes
}

test('makes whoever guesses wait after five, twice as long each time, up to a quarter of an hour', async () => {
  await using world = await openIdentity()
  await world.person()
  expect(await guesses(world, 5, () => ({}))).toEqual(Array(5).fill('unauthenticated'))

  const waits: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const { retryAfterSeconds = 0 } = await guess(world)
    waits.push(retryAfterSeconds / 60)
    world.time.now += retryAfterSeconds * 1000
    expect((await guess(world)).code).toBe('unauthenticated')
  }

  expect(waits).toEqual([1, 2, 4, 8, 15, 15])
})

test('says how long to wait, the same for an account that does not exist', async () => {
  await using world = await openIdentity()
  await world.person()
  const answers = []
  for (const email of [ANA.email, 'nobody@example.com']) {
    for (let round = 0; round < 3; round += 1) {
      await guesses(world, 5, () => ({ email }))
      if (round < 2) world.time.now += (1 + round) * MINUTE
    }
    answers.push(await guess(world, { email }))
  }

  expect(answers[0]).toEqual({
    code: 'limit-exceeded',
    message: 'Too many sign-in attempts for this account. Try again in 4 minutes.',
    retryAfterSeconds: 240,
  })
  expect(answers[1]).toEqual(answers[0])
})

test('refuses the right password too while it waits, and takes it after', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  await guesses(world, 5, () => ({}))

  expect((await guess(world, { password: ana.password })).code).toBe('limit-exceeded')
  world.time.now += MINUTE
  await expect(world.identity.signIn(ana, from())).resolves.toMatchObject({ kind: 'second-factor' })
  expect((await guess(world)).code).toBe('unauthenticated')
})

test('counts one account, whatever the case, space and Unicode form of its e-mail', async () => {
  await using world = await openIdentity()
  await world.person({ email: 'zoë@example.com' })
  const spellings = [
    'zoë@example.com',
    'ZOË@example.com',
    ' zoe\u0308@example.com',
    'zoë@EXAMPLE.com ',
    'Zoë@example.com',
  ]

  await guesses(world, 5, (index) => ({ email: spellings[index] ?? '' }))

  expect((await guess(world, { email: 'zoë@example.com' })).code).toBe('limit-exceeded')
})

test('counts two hundred guesses at once exactly', { timeout: 20_000 }, async () => {
  await using world = await openIdentity()
  await world.person()
  await using other = await world.second()

  const { succeeded, refused } = await tally(
    Array.from({ length: 200 }, (_, index) =>
      (index % 2 === 0 ? world : other).identity.signIn({ email: ANA.email, password: WRONG }, from()),
    ),
  )

  expect(succeeded).toBe(0)
  const codes = refused.map((error) => (error as { code: string }).code)
  expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(5)
  expect(codes.filter((code) => code === 'limit-exceeded')).toHaveLength(195)
})

test('shares its counters with other processes', async () => {
  await using world = await openIdentity()
  await world.person()
  await using other = await world.second()
  await guesses(world, 5, () => ({}))

  expect((await guess(other)).code).toBe('limit-exceeded')
})

test('takes no more than a hundred guesses of one account a day, from however many places', {
  timeout: 20_000,
}, async () => {
  await using world = await openIdentity()
  await world.person()
  const end = world.time.now + 24 * HOUR
  let taken = 0
  for (let round = 0; world.time.now < end; round += 1) {
    const { code, retryAfterSeconds = 0 } = await guess(world, { address: `198.51.${round % 250}.1` })
    if (code === 'unauthenticated') taken += 1
    world.time.now += retryAfterSeconds * 1000
  }

  expect(taken).toBeGreaterThan(50)
  expect(taken).toBeLessThanOrEqual(100)
})

test('lets the owner in from where they signed in before, while strangers guess', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  await world.signIn(ana, from('203.0.113.5'))
  await guesses(world, 8, (index) => ({ address: `198.51.${index}.1` }))

  expect((await guess(world, { address: '198.51.100.1', password: ana.password })).code).toBe(
    'limit-exceeded',
  )
  await expect(world.identity.signIn(ana, from('203.0.113.77'))).resolves.toMatchObject({
    kind: 'second-factor',
  })
})

test('limits guesses from a known place as well', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  await world.signIn(ana, from('203.0.113.5'))

  const codes = await guesses(world, 6, () => ({ address: '203.0.113.5' }))

  expect(codes).toEqual([...Array<string>(5).fill('unauthenticated'), 'limit-exceeded'])
})

test.each([
  ['an IPv6 network of 64 bits', (index: number) => `2001:db8:0:1::${index.toString(16)}`],
  [
    'its other spellings',
    (index: number) => (index % 2 === 0 ? `2001:0DB8:0:1:0:0:0:${index}` : `2001:db8:0:1::${index}%eth0`),
  ],
  ['an IPv4 network of 24 bits', (index: number) => `198.51.100.${index}`],
  [
    'IPv4 within IPv6',
    (index: number) => (index % 2 === 0 ? `::ffff:198.51.100.${index}` : `198.51.100.${index}`),
  ],
])('counts %s as one place', async (_what, address) => {
  await using world = await openIdentity()
  const codes = await guesses(world, 31, (index) => ({
    email: `person${index}@example.com`,
    address: address(index),
  }))

  expect(codes).toEqual([...Array<string>(30).fill('unauthenticated'), 'limit-exceeded'])
  expect(await guess(world, { email: 'another@example.com', address: address(99) })).toMatchObject({
    message: 'Too many sign-in attempts from your network. Try again in 1 minute.',
  })
  expect((await guess(world, { email: 'another@example.com', address: '2001:db8:0:2::1' })).code).toBe(
    'unauthenticated',
  )
})

test('keeps its counters when what they guarded rolls back', async () => {
  await using world = await openIdentity()
  await world.person()
  await guesses(world, 3, () => ({}))

  const rows = await inStore(world.database.now).selectFrom('castellan_throttle').selectAll().execute()

  expect(rows.map(({ failures }) => Number(failures)).sort()).toEqual([3, 3, 3])
})

test('records a refusal that came too fast, once, and calls nobody by what was typed', async () => {
  await using world = await openIdentity()
  await guesses(world, 6, () => ({ email: 'nobody@example.com' }))

  const throttled = (await world.events()).filter(({ kind }) => kind === 'guard.throttle')

  expect(throttled).toMatchObject([
    {
      outcome: 'refused',
      code: 'limit-exceeded',
      principal: { label: 'unknown' },
      details: { attempted: 'identity.sign-in', retryAfterSeconds: 60 },
    },
  ])
})

test('starts again after a day', async () => {
  await using world = await openIdentity()
  await world.person()
  await guesses(world, 5, () => ({}))
  world.time.now += 24 * HOUR

  expect(await guesses(world, 5, () => ({}))).toEqual(Array(5).fill('unauthenticated'))
})
