import { expect, test } from 'vitest'
import { prismaSource } from './prisma.ts'
import { writesOf } from './writes.ts'

test('keeps models with code of their own read-only unless told otherwise', () => {
  expect(writesOf(undefined, 'Drizzle')).toBe('refuse')
  expect(writesOf('sql', 'Drizzle')).toBe('sql')
  expect(writesOf('orm', 'Drizzle')).toBe('orm')
})

test('refuses what is not honoured, at the start', () => {
  const options = JSON.parse('{ "models": { "version": 1, "models": [] }, "writes": "orm" }')

  expect(() => prismaSource({}, options)).toThrowError(
    expect.objectContaining({
      code: 'misconfigured',
      mistakes: [
        expect.objectContaining({
          id: 'D162',
          place: 'Prisma: writes',
          problem: expect.stringContaining('bound to its adapter'),
        }),
      ],
    }),
  )
})

test('refuses a description of another format, and a pool that is none', async () => {
  const other = JSON.parse('{ "version": 2 }')
  await expect(
    prismaSource({ connect: null }, { models: { version: 1, models: [] } }).open(),
  ).rejects.toMatchObject({
    mistakes: [{ id: 'D160' }],
  })
  await expect(prismaSource({}, { models: other }).open()).rejects.toMatchObject({ code: 'misconfigured' })
})
