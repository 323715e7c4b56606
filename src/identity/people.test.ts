import { expect, test } from 'vitest'
import { ANA, cookies, from, HOUR, type IdentityWorld, openIdentity, tally } from '../../test/identity.ts'
import type { Connection } from '../database/database.ts'
import type { People } from './identity.ts'

const PERSON = { ...ANA, roles: ['support'], attributes: {} }

function write<T>(
  world: IdentityWorld,
  work: (people: People, connection: Connection) => Promise<T>,
): Promise<T> {
  return world.database.write((connection) => work(world.identity.people, connection))
}

test('adds a person, who is then found by id and by e-mail', async () => {
  await using world = await openIdentity()

  const { id, totpUri } = await write(world, (people, connection) =>
    people.create(connection, { ...PERSON, name: ' Ana Ferreira ', attributes: { region: 'emea' } }),
  )

  expect(totpUri).toBeNull()
  const person = await world.identity.people.find(world.database.now, id)
  expect(person).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: 'Ana Ferreira',
    email: 'ana@example.com',
    isActive: true,
    roles: [{ role: 'support', expiresAt: null }],
    attributes: { region: 'emea' },
    hasSecondFactor: false,
    hasPassword: true,
    waitingSince: null,
    createdAt: world.time.now,
    lastSeenAt: null,
  })
  expect(await world.identity.people.findByEmail(world.database.now, 'ANA@example.com')).toEqual(person)
  expect(await world.identity.people.findByEmail(world.database.now, 'ana@exàmple.com')).toBeNull()
  const standings = await world.identity.people.standings(world.database.now, [id, 'nobody'])
  expect(standings.get(id)).toMatchObject({
    roles: [{ role: 'support', expiresAt: null }],
    hasPassword: true,
  })
  expect(standings.get('nobody')).toMatchObject({ roles: [], hasPassword: false })
})

test.each([
  ['e-mail of another person', { email: 'ANA@Example.com' }, 'email'],
  ['e-mail without a domain', { email: 'ana@' }, 'email'],
  ['two e-mails', { email: 'a@example.com,b@example.com' }, 'email'],
  ['e-mail with an invisible character', { email: 'bo\u200bb@example.com' }, 'email'],
  ['e-mail that begins another header', { email: 'bob@example.com\r\nBcc: eve@example.com' }, 'email'],
  ['empty name', { name: '  ' }, 'name'],
  ['name with a direction override', { name: 'Bob\u202egnp' }, 'name'],
  ['password of 14 characters', { password: '14 characters!' }, 'password'],
  ['password made of the name', { password: 'bob brown bob brown' }, 'password'],
  ['password made of the title', { password: 'Night Shop 2026 night shop' }, 'password'],
  ['unknown role', { roles: ['root'] }, 'roles'],
  ['role in another case', { roles: ['Superadmin'] }, 'roles'],
  ['role with a space', { roles: ['superadmin '] }, 'roles'],
  ['role with a look-alike', { roles: ['supera\u0501min'] }, 'roles'],
  ['attribute called id', { attributes: { id: '1' } }, 'attributes'],
  ['attribute with a dot', { attributes: { 'a.b': '1' } }, 'attributes'],
])('refuses a person with an %s', async (_what, changes, field) => {
  await using world = await openIdentity()
  await write(world, (people, connection) => people.create(connection, PERSON))
  const bob = { ...PERSON, name: 'Bob Brown', email: 'bob@example.com' }

  await expect(
    write(world, (people, connection) => people.create(connection, { ...bob, ...changes })),
  ).rejects.toMatchObject({ code: 'invalid-input', fields: { [field]: [expect.any(String)] } })
  await expect(write(world, (people, connection) => people.create(connection, bob))).resolves.toBeDefined()
})

test('changes a name and attributes, and says when there is no such person', async () => {
  await using world = await openIdentity()
  const { id } = await write(world, (people, connection) => people.create(connection, PERSON))

  await write(world, (people, connection) =>
    people.update(connection, id, { name: 'Ana F.', attributes: { region: 'apac' } }, 'by Bob'),
  )

  expect(await world.identity.people.find(world.database.now, id)).toMatchObject({
    name: 'Ana F.',
    attributes: { region: 'apac' },
  })
  await expect(
    write(world, (people, connection) => people.update(connection, 'nobody', { name: 'X' }, 'by Bob')),
  ).rejects.toMatchObject({ code: 'not-found' })
})

test('changes an e-mail: the link sent to the one before ends, and both addresses are told', async () => {
  await using world = await openIdentity({ hasMail: true })
  const { id } = await write(world, (people, connection) => people.create(connection, PERSON))
  const way = { by: 'link', giver: 'Bob' } as const
  const { token } = await write(world, (people, connection) => people.renewPassword(connection, id, way))
  expect(await world.identity.link(token ?? '')).not.toBeNull()

  await write(world, (people, connection) =>
    people.update(connection, id, { email: ' Lima@example.com ' }, 'by Bob'),
  )

  expect(await world.identity.people.findByEmail(world.database.now, 'lima@example.com')).toMatchObject({
    id,
  })
  expect(await world.identity.people.findByEmail(world.database.now, ANA.email)).toBeNull()
  expect(await world.identity.link(token ?? '')).toBeNull()
  const letters = [await world.identity.letters.next(), await world.identity.letters.next()]
  expect(letters.map((claimed) => claimed?.letter)).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'email-changed', to: { name: ANA.name, email: ANA.email } }),
      expect.objectContaining({ kind: 'email-changed', to: { name: ANA.name, email: 'Lima@example.com' } }),
    ]),
  )
  await write(world, (people, connection) =>
    people.update(connection, id, { email: 'Lima@example.com' }, 'x'),
  )
  expect(await world.identity.letters.next()).toBeNull()
})

test('removes a person with everything that refers to them, but never the last working superadmin', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const bob = await world.person({ email: 'bob@example.com' })
  const [anas, bobs] = [await world.signIn(ana), await world.signIn(bob)]

  expect(await write(world, (people, connection) => people.remove(connection, bob.id))).toBe(1)

  expect((await world.identity.establish(cookies(bobs), from())).kind).toBe('unknown')
  expect((await world.identity.establish(cookies(anas), from())).kind).toBe('known')
  expect(await world.identity.people.find(world.database.now, bob.id)).toBeNull()
  // the log, which keeps them, is the last
  expect(JSON.stringify(JSON.parse(await world.dump()).slice(0, -1))).not.toContain(bob.id)
  await expect(write(world, (people, connection) => people.remove(connection, ana.id))).rejects.toMatchObject(
    { message: /last working superadmin/ },
  )
  await expect(write(world, (people, connection) => people.remove(connection, bob.id))).rejects.toMatchObject(
    { code: 'not-found' },
  )
})

test('ends every session and pending sign-in of who is deactivated, and of nobody else', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const bob = await world.person({ email: 'bob@example.com' })
  const [anas, bobs] = [await world.signIn(ana), await world.signIn(bob)]
  const pending = await world.identity.signIn(bob, from())
  if (pending.kind !== 'second-factor') throw new Error(pending.kind)

  await write(world, (people, connection) => people.setActive(connection, bob.id, false, 'left'))
  await write(world, (people, connection) => people.setActive(connection, bob.id, true, 'came back'))

  expect((await world.identity.establish(cookies(bobs), from())).kind).toBe('unknown')
  expect(await world.identity.pending(pending.pending)).toBeNull()
  expect((await world.identity.establish(cookies(anas), from())).kind).toBe('known')
})

test('removes a second factor with its recovery codes and sessions; the next sign-in sets one up', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const tokens = await world.signIn(ana)

  await write(world, (people, connection) => people.resetSecondFactor(connection, ana.id, 'lost phone'))

  expect((await world.identity.establish(cookies(tokens), from())).kind).toBe('unknown')
  expect(await world.identity.signIn(ana, from())).toMatchObject({ kind: 'enrol' })
  expect(await world.identity.people.find(world.database.now, ana.id)).toMatchObject({
    hasSecondFactor: false,
  })
})

test('keeps the last working superadmin', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  // none of these could take over
  const inactive = await world.person({ email: 'inactive@example.com' })
  await write(world, async (people, connection) => {
    await people.setActive(connection, inactive.id, false, 'left')
    const { password: _, ...unable } = PERSON
    await people.create(connection, {
      ...unable,
      email: 'unable@example.com',
      roles: ['superadmin'],
      withTotp: true,
    })
    const leaving = await people.create(connection, { ...PERSON, email: 'leaving@example.com' })
    const expiresAt = world.time.now + HOUR
    await people.grantRole(connection, leaving.id, { role: 'superadmin', expiresAt })
  })

  const refusal = { code: 'invalid-input', message: /last working superadmin/ }
  await expect(
    write(world, (people, connection) => people.setActive(connection, ana.id, false, 'x')),
  ).rejects.toMatchObject(refusal)
  await expect(
    write(world, (people, connection) => people.revokeRole(connection, ana.id, 'superadmin')),
  ).rejects.toMatchObject(refusal)
  const expiresAt = world.time.now + HOUR
  await expect(
    write(world, (people, connection) =>
      people.grantRole(connection, ana.id, { role: 'superadmin', expiresAt }),
    ),
  ).rejects.toMatchObject(refusal)
  expect(await world.identity.people.find(world.database.now, ana.id)).toMatchObject({
    isActive: true,
    roles: [{ role: 'superadmin', expiresAt: null }],
  })

  await world.person({ email: 'second@example.com' })
  await expect(
    write(world, (people, connection) => people.revokeRole(connection, ana.id, 'superadmin')),
  ).resolves.toBeUndefined()
})

test('keeps one of two superadmins who demote each other at once', async () => {
  await using world = await openIdentity()
  const ana = await world.person()
  const bob = await world.person({ email: 'bob@example.com' })
  await using other = await world.second()

  const { succeeded, refused } = await tally([
    write(world, (people, connection) => people.revokeRole(connection, bob.id, 'superadmin')),
    write(other, (people, connection) => people.revokeRole(connection, ana.id, 'superadmin')),
  ])

  expect(succeeded).toBe(1)
  expect(refused).toMatchObject([{ code: 'invalid-input' }])
})

test('grants a role until a time, and not one that nobody knows or that is over', async () => {
  await using world = await openIdentity()
  const { id } = await write(world, (people, connection) => people.create(connection, PERSON))
  const expiresAt = world.time.now + HOUR

  await write(world, (people, connection) => people.grantRole(connection, id, { role: 'admin', expiresAt }))

  const roles = async () => (await world.identity.people.find(world.database.now, id))?.roles
  expect(await roles()).toEqual([
    { role: 'admin', expiresAt },
    { role: 'support', expiresAt: null },
  ])
  for (const terms of [
    { role: 'root', expiresAt: null },
    { role: 'admin', expiresAt: world.time.now },
  ]) {
    await expect(
      write(world, (people, connection) => people.grantRole(connection, id, terms)),
    ).rejects.toMatchObject({ code: 'invalid-input' })
  }
  world.time.now = expiresAt
  expect(await roles()).toEqual([{ role: 'support', expiresAt: null }])
})
