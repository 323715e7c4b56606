import { expect, test } from 'vitest'
import { MINUTE, NOW, openIdentity } from '../../test/identity.ts'
import { issueConfirmation, useConfirmation } from './confirmation.ts'

test('works once, for what it was given for', async () => {
  await using world = await openIdentity()
  const { database } = world
  const id = await database.write((connection) => issueConfirmation(connection, { binding: 'a', now: NOW }))
  const use = (binding: string, now = NOW) =>
    database.write((connection) => useConfirmation(connection, { id, binding, now }))

  expect(await use('b')).toBe(false)
  expect(await use('a')).toBe(true)
  expect(await use('a')).toBe(false)
  expect(await world.dump()).not.toContain(id)
})

test('is over after ten minutes', async () => {
  await using world = await openIdentity()
  const { database } = world
  const id = await database.write((connection) => issueConfirmation(connection, { binding: 'a', now: NOW }))
  const use = (now: number) =>
    database.write((connection) => useConfirmation(connection, { id, binding: 'a', now }))

  expect(await use(NOW + 10 * MINUTE)).toBe(false)
  expect(await use(NOW + 10 * MINUTE - 1)).toBe(true)
})

test('is used by one of fifty at once, in two processes', async () => {
  await using world = await openIdentity()
  await using other = await world.second()
  const id = await world.database.write((connection) =>
    issueConfirmation(connection, { binding: 'a', now: NOW }),
  )

  const uses = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? world : other).database.write((connection) =>
        useConfirmation(connection, { id, binding: 'a', now: NOW }),
      ),
    ),
  )

  expect(uses.filter(Boolean)).toHaveLength(1)
})

test('is good again when what it was used for rolled back', async () => {
  await using world = await openIdentity()
  const { database } = world
  const id = await database.write((connection) => issueConfirmation(connection, { binding: 'a', now: NOW }))
  const failing = database.write(async (connection) => {
    await useConfirmation(connection, { id, binding: 'a', now: NOW })
    throw new Error('the action failed')
  })

  await expect(failing).rejects.toThrow('the action failed')
  expect(
    await database.write((connection) => useConfirmation(connection, { id, binding: 'a', now: NOW })),
  ).toBe(true)
})
