import { expect, test } from 'vitest'
import { createPasswords } from './authenticators/password.ts'
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

test('draws as evenly while every processor is busy with passwords, and nothing twice', async () => {
  const cost = { memoryKib: 8192, passes: 1 }
  const passwords = createPasswords({ cost, cores: 2, randomBytes: systemRandomBytes() })
  const busy = Array.from({ length: 24 }, (_, n) => passwords.hash(`a long and winding phrase ${n}`))
  const randomBytes = systemRandomBytes()
  const tokens: Buffer[] = []
  let isOver = false
  const hashed = Promise.all(busy).then(() => {
    isOver = true
  })
  while (!isOver || tokens.length < 20_000) {
    for (let n = 0; n < 500; n += 1) tokens.push(Buffer.from(randomBytes(16)))
    await new Promise((settle) => setImmediate(settle))
  }
  await hashed

  const bits = tokens.length * 16 * 8
  const ones = tokens.reduce((sum, token) => sum + onesIn(token), 0)
  expect(new Set(tokens.map((token) => token.toString('hex'))).size).toBe(tokens.length)
  // six standard deviations of as many fair coins: a run in five hundred million is further off
  expect(Math.abs(ones - bits / 2)).toBeLessThan(6 * Math.sqrt(bits / 4))
})

function onesIn(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) for (let bit = 0; bit < 8; bit += 1) count += (byte >> bit) & 1
  return count
}
