import { expect, test } from 'vitest'
import {
  cookies,
  from,
  HOUR,
  type IdentityWorld,
  known,
  openIdentity,
  PASSWORD,
} from '../../test/identity.ts'
import type { Established } from './identity.ts'
import type { Principal } from './principal.ts'

const DAY = 24 * HOUR

async function make(
  world: IdentityWorld,
  personId: string,
  input: Partial<Parameters<IdentityWorld['identity']['agents']['create']>[2]> = {},
): Promise<{ readonly id: string; readonly token: string }> {
  return await world.database.write((connection) =>
    world.identity.agents.create(connection, personId, {
      name: 'reports',
      actions: ['orders.list'],
      expiresAt: world.time.now + DAY,
      ...input,
    }),
  )
}

function present(world: IdentityWorld, token: string): Promise<Established> {
  return world.identity.establish({ ...cookies({}), bearer: token }, from())
}

async function principalOf(world: IdentityWorld, token: string): Promise<Principal> {
  return known(await present(world, token)).principal
}

test('acts with the roles and attributes that its person has at the time, within its own list', async () => {
  await using world = await openIdentity()
  const ana = await world.person({ roles: ['superadmin', 'support'], attributes: { region: 'emea' } })
  const bob = await world.person({ email: 'bob@example.com' })
  const { id, token } = await make(world, ana.id)

  expect(token).toMatch(/^cag_[\w-]{43}$/)
  expect(await principalOf(world, token)).toMatchObject({
    subject: {
      kind: 'agent',
      id,
      onBehalfOf: ana.id,
      roles: ['superadmin', 'support'],
      attributes: { id: ana.id, kind: 'person', email: ana.email, region: 'emea' },
      limitedTo: ['orders.list'],
    },
    name: 'reports for Ana Ferreira',
    email: null,
    sessionId: null,
  })
  await world.database.write((connection) =>
    world.identity.people.revokeRole(connection, ana.id, 'superadmin'),
  )
  expect((await principalOf(world, token)).subject.roles).toEqual(['support'])
  expect(await world.dump()).not.toContain(token)
  expect(bob.id).not.toBe(ana.id)
})

test.each<[string, (world: IdentityWorld, person: string, agent: string) => Promise<unknown>]>([
  ['is revoked', (world, _, agent) => world.database.write((at) => world.identity.agents.revoke(at, agent))],
  [
    'has a person who is deactivated',
    (world, person) =>
      world.database.write((at) => world.identity.people.setActive(at, person, false, 'left')),
  ],
  [
    'has a person whose second factor is reset',
    (world, person) => world.database.write((at) => world.identity.people.resetSecondFactor(at, person, 'x')),
  ],
  [
    'has a person whose password is to be renewed',
    (world, person) =>
      world.database.write((at) =>
        world.identity.people.renewPassword(at, person, { by: 'link', giver: 'Bob' }),
      ),
  ],
  [
    'has a person who is deleted',
    (world, person) => world.database.write((at) => world.identity.people.remove(at, person)),
  ],
  [
    'has come to its end',
    async (world) => {
      world.time.now += DAY
    },
  ],
])('is nobody from the next request on, in another process too, once it %s', async (_, end) => {
  await using world = await openIdentity()
  await using other = await world.second()
  await world.person({ email: 'second@example.com' })
  const ana = await world.person()
  const { id, token } = await make(world, ana.id)
  expect((await present(other, token)).kind).toBe('known')

  await end(world, ana.id, id)

  expect(await present(other, token)).toEqual({ kind: 'unknown', reason: 'nothing' })
})

test('stays when its person changes the password on the profile, and signs out', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const { token } = await make(world, ana.id)
  const established = known(await world.identity.establish(cookies(await world.signIn(ana)), from()))
  const passwords = { current: PASSWORD, next: 'four lanterns on a pier' }
  await world.identity.changePassword(established.principal, passwords, from())
  await world.identity.signOut(established.principal, from())

  expect((await present(world, token)).kind).toBe('known')
})

test('is told to its person by a letter', async () => {
  await using world = await openIdentity({ hasMail: true })
  const ana = await world.person()
  await make(world, ana.id)

  expect((await world.identity.letters.next())?.letter).toMatchObject({
    kind: 'agent-made',
    to: { email: ana.email },
    agent: 'reports',
    ends: world.time.now + DAY,
  })
})

test('is refused with the field that is wrong: a name twice, no action, no end, or one too far away', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const bob = await world.person({ email: 'bob@example.com' })
  await make(world, ana.id)
  const { now } = world.time

  for (const [field, input] of [
    ['name', {}],
    ['name', { name: ' ' }],
    ['actions', { name: 'a', actions: [] }],
    ['actions', { name: 'a', actions: ['orders'] }],
    ['expiresAt', { name: 'a', expiresAt: now }],
    ['expiresAt', { name: 'a', expiresAt: now + 90 * DAY + 1 }],
  ] as const) {
    await expect(make(world, ana.id, input), field).rejects.toMatchObject({
      code: 'invalid-input',
      fields: { [field]: [expect.any(String)] },
    })
  }
  await expect(make(world, bob.id)).resolves.toBeDefined()
  for (let one = 2; one <= 20; one += 1) await make(world, ana.id, { name: `agent ${one}` })
  await expect(make(world, ana.id, { name: 'one more' })).rejects.toMatchObject({
    fields: { name: [expect.stringContaining('one too many')] },
  })
})
