import { expect, test } from 'vitest'
import { ANA, HOUR, type IdentityWorld, openIdentity } from '../../test/identity.ts'

const DAY = 24 * HOUR

/** Everything that waits to be sent, as kind, address and what ends. */
async function letters(world: IdentityWorld): Promise<readonly (readonly unknown[])[]> {
  const found: (readonly unknown[])[] = []
  for (;;) {
    const claimed = await world.identity.letters.next()
    if (!claimed) return found
    const { letter } = claimed
    found.push([letter.kind, letter.to.email, 'what' in letter ? letter.what : null])
    await world.identity.letters.delivered(claimed)
  }
}

test('writes once before a role or an agent ends, and to nobody whose things stay or are over', async () => {
  await using world = await openIdentity({ hasMail: true })
  await using other = await world.second()
  const { time, identity, database } = world
  const ana = await world.person({ ...ANA, roles: ['superadmin'] })
  const bob = await world.person({ email: 'bob@example.com', roles: ['support'] })
  await database.write(async (connection) => {
    const grant = (id: string, role: string, days: number) =>
      identity.people.grantRole(connection, id, { role, expiresAt: time.now + days * DAY })
    await grant(ana.id, 'support', 30)
    await grant(bob.id, 'admin', 2)
    const input = { name: 'reports', actions: ['orders.list'], expiresAt: time.now + 20 * DAY }
    await identity.agents.create(connection, ana.id, input)
  })
  expect((await letters(world)).map(([kind]) => kind)).toEqual(['agent-made'])

  expect(await identity.remind()).toBe(0)
  time.now += DAY
  expect(await identity.remind()).toBe(1)
  expect(await letters(world)).toEqual([['access-ends', 'bob@example.com', 'your role "admin"']])
  time.now += 13 * DAY
  expect(await identity.remind()).toBe(1)
  expect(await letters(world)).toEqual([['access-ends', ANA.email, 'your agent "reports"']])
  time.now += 10 * DAY
  expect(await identity.remind()).toBe(1)
  expect(await letters(world)).toEqual([['access-ends', ANA.email, 'your role "support"']])
  expect([await identity.remind(), await other.identity.remind()]).toEqual([0, 0])
  // another end is another letter
  await database.write((connection) =>
    identity.people.grantRole(connection, ana.id, { role: 'support', expiresAt: time.now + 10 * DAY }),
  )
  time.now += 6 * DAY
  expect(await identity.remind()).toBe(1)
})

test('writes to nobody who is deactivated, nor where no letters are sent', async () => {
  await using world = await openIdentity({ hasMail: true })
  await using silent = await openIdentity()
  for (const one of [world, silent]) {
    const ana = await one.person({ roles: [] })
    const expiresAt = one.time.now + 2 * DAY
    await one.database.write(async (connection) => {
      await one.identity.people.grantRole(connection, ana.id, { role: 'support', expiresAt })
      if (one === world) await one.identity.people.setActive(connection, ana.id, false, 'left')
    })
    one.time.now += DAY
    expect(await one.identity.remind()).toBe(0)
  }
})
