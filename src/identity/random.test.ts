import { expect, test } from 'vitest'
import { randomId, systemRandomBytes } from './random.ts'

test('gives every byte out once, across the end of what was fetched', () => {
  const randomBytes = systemRandomBytes()

  const ids = Array.from({ length: 2000 }, () => randomId(randomBytes))

  expect(new Set(ids)).toHaveProperty('size', 2000)
  expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id) || id === '0'.repeat(32))).toEqual([])
})

test('keeps what it gave out as it was', () => {
  const randomBytes = systemRandomBytes()
  const first = randomBytes(32)
  const before = Buffer.from(first).toString('hex')

  for (let n = 0; n < 1000; n += 1) randomBytes(32)

  expect(Buffer.from(first).toString('hex')).toBe(before)
})

test.each([0, 1, 4096, 4097, 100_000])('gives %d bytes', (size) => {
  const bytes = systemRandomBytes()(size)

  expect(bytes).toHaveLength(size)
  if (size > 1000) expect(new Set(bytes).size).toBeGreaterThan(200)
})
