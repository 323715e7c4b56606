import { expect, test } from 'vitest'
import { from, HOUR, type IdentityWorld, known, MINUTE, openIdentity } from '../../test/identity.ts'
import type { Tokens } from './identity.ts'

type Input = Parameters<Tokens['create']>[1]

const CI: Input = { name: 'ci', roles: ['support'], actions: ['orders.*'], expiresAt: null }

function create(world: IdentityWorld, input: Partial<Input> = {}) {
  return world.database.write((connection) => world.identity.tokens.create(connection, { ...CI, ...input }))
}

function establish(world: IdentityWorld, bearer: string) {
  return world.identity.establish(
    { access: undefined, refresh: undefined, bearer, isSameSite: false },
    from(),
  )
}

test('knows a service by its token, with its roles and its limit', async () => {
  await using world = await openIdentity()

  const { id, token } = await create(world)

  expect(token).toMatch(/^cst_[A-Za-z0-9_-]{43}$/)
  expect(known(await establish(world, token))).toMatchObject({
    renewed: null,
    principal: {
      name: 'ci',
      email: null,
      sessionId: null,
      subject: {
        kind: 'service',
        id,
        roles: ['support'],
        attributes: { id, kind: 'service' },
        limitedTo: ['orders.*'],
      },
      authentication: { methods: ['token'], assurance: 1 },
    },
  })
})

test('never takes a service for a person, not even with cookies of one', async () => {
  await using world = await openIdentity()
  const tokens = await world.signIn(await world.person())
  const { token } = await create(world)

  const both = await world.identity.establish({ ...tokens, bearer: token, isSameSite: true }, from())
  const broken = await world.identity.establish({ ...tokens, bearer: 'cst_x', isSameSite: true }, from())

  expect(known(both).principal.subject.kind).toBe('service')
  expect(broken).toEqual({ kind: 'unknown', reason: 'nothing' })
})

test('refuses a revoked token at the next request of another process', async () => {
  await using world = await openIdentity()
  await using other = await world.second()
  const { token } = await create(world)
  expect((await establish(other, token)).kind).toBe('known')

  const revoke = () => world.database.write((connection) => world.identity.tokens.revoke(connection, 'ci'))
  expect(await revoke()).toBe(true)
  expect(await revoke()).toBe(false)

  expect((await establish(other, token)).kind).toBe('unknown')
  expect(await world.identity.tokens.findLive(world.database.now, 'ci')).toBeNull()
})

test('refuses a token that has expired, or is not whole', async () => {
  await using world = await openIdentity()
  const expiresAt = world.time.now + HOUR
  const { token } = await create(world, { expiresAt })

  for (const broken of [
    token.slice(0, -1),
    `${token}A`,
    token.toLowerCase(),
    token.slice(4),
    ` ${token}`,
    '',
  ]) {
    expect((await establish(world, broken)).kind, broken).toBe('unknown')
  }
  expect((await establish(world, token)).kind).toBe('known')
  world.time.now = expiresAt
  expect((await establish(world, token)).kind).toBe('unknown')
})

test('notes its last use at most once a minute', async () => {
  await using world = await openIdentity()
  const { token } = await create(world)
  const start = world.time.now
  const used = async () => (await world.identity.tokens.findLive(world.database.now, 'ci'))?.lastUsedAt
  expect(await used()).toBeNull()

  await establish(world, token)
  world.time.now = start + MINUTE - 1
  await establish(world, token)
  expect(await used()).toBe(start)
  world.time.now = start + MINUTE
  await establish(world, token)
  expect(await used()).toBe(start + MINUTE)
})

test('frees the name of a revoked token, and not of a live one', async () => {
  await using world = await openIdentity()
  const { id } = await create(world)

  await expect(create(world)).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { name: [expect.any(String)] },
  })
  await world.database.write((connection) => world.identity.tokens.revoke(connection, id))
  await expect(create(world)).resolves.toBeDefined()
})

test.each([
  ['without a name', { name: ' ' }, 'name'],
  ['with a role that nobody knows', { roles: ['root'] }, 'roles'],
  ['without any action', { actions: [] }, 'actions'],
  ['with a pattern without a verb', { actions: ['orders'] }, 'actions'],
  ['with a pattern that stars a part of a name', { actions: ['ord*.update'] }, 'actions'],
  ['that has expired already', { expiresAt: 0 }, 'expiresAt'],
])('refuses a token %s', async (_what, input, field) => {
  await using world = await openIdentity()

  await expect(create(world, input)).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { [field]: [expect.any(String)] },
  })
})
