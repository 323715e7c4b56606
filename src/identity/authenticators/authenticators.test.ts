import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Secret } from 'otpauth'
import { expect, test } from 'vitest'
import { createPasswords } from './password.ts'
import { codeAt, newSeed, stepOf } from './totp.ts'

const CHEAP = { memoryKib: 8, passes: 1 }
const passwords = createPasswords({ cost: CHEAP, cores: 2, randomBytes })

test('writes a PHC string and verifies by it', async () => {
  const stored = await passwords.hash('tulip anvil marsh 42')

  expect(stored).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await passwords.verify('tulip anvil marsh 42', stored)).toBe(true)
  expect(await passwords.verify('tulip anvil marsh 43', stored)).toBe(false)
  expect(await passwords.verify('tulip anvil marsh 42', null)).toBe(false)
  expect(await passwords.verify('tulip anvil marsh 42', 'not a hash')).toBe(false)
})

test('salts every hash', async () => {
  expect(await passwords.hash('the same')).not.toBe(await passwords.hash('the same'))
})

test('compares every byte, and Unicode by its composed form', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 15, maxLength: 200, unit: 'grapheme' }),
      fc.nat(),
      async (password, at) => {
        const stored = await passwords.hash(password)
        const index = at % password.length
        const changed = `${password.slice(0, index)}${password[index] === 'x' ? 'y' : 'x'}${password.slice(index + 1)}`
        expect(await passwords.verify(password.normalize('NFD'), stored)).toBe(true)
        expect(await passwords.verify(changed, stored)).toBe(false)
      },
    ),
    { numRuns: 50, seed: 1 },
  )
})

test('tells passwords apart that are equal in their first 72 bytes', async () => {
  const start = 'a'.repeat(72)

  expect(await passwords.verify(`${start}c`, await passwords.hash(`${start}b`))).toBe(false)
})

test('knows a hash that was made with other parameters', async () => {
  const dearer = createPasswords({ cost: { memoryKib: 16, passes: 1 }, cores: 2, randomBytes })
  const stored = await passwords.hash('tulip anvil marsh 42')

  expect(passwords.isOutdated(stored)).toBe(false)
  expect(dearer.isOutdated(stored)).toBe(true)
  expect(await dearer.verify('tulip anvil marsh 42', stored)).toBe(true)
})

test('lets a bounded number wait, and serves who waited', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.verify('x', null)))

  const refused = settled.filter((one) => one.status === 'rejected')
  expect(refused).toHaveLength(100 - 2 - 64)
  expect(refused[0]?.reason).toMatchObject({ code: 'limit-exceeded', retryAfterSeconds: 5 })
  expect(await passwords.verify('x', null)).toBe(false)
})

// RFC 6238, appendix B, cut to six digits
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('makes the published code of second %i', (seconds, code) => {
  const seed = Secret.fromLatin1('12345678901234567890').base32

  expect(codeAt(seed, seconds * 1000)).toBe(code)
  expect(stepOf(seed, code, seconds * 1000)).toBe(Math.floor(seconds / 30))
})

test('accepts a code one step early or late, and no further', () => {
  const seed = newSeed(randomBytes)
  const now = 1_700_000_010_000
  const step = Math.floor(now / 30_000)

  const steps = [-2, -1, 0, 1, 2].map((away) => stepOf(seed, codeAt(seed, now + away * 30_000), now))

  expect(steps).toEqual([null, step - 1, step, step + 1, null])
})

test('takes only six ASCII digits for a code', () => {
  const seed = newSeed(randomBytes)
  const now = 1_700_000_000_000
  const code = codeAt(seed, now)
  const full = code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))

  for (const typed of [full, `0${code}`, code.slice(1), `${code}\n`, `+${code}`, '', '      ']) {
    expect(stepOf(seed, typed, now)).toBeNull()
  }
  expect(stepOf(seed, ` ${code.slice(0, 3)} ${code.slice(3)} `, now)).not.toBeNull()
})

test('makes seeds of 160 bits', () => {
  expect(newSeed(randomBytes)).toMatch(/^[A-Z2-7]{32}$/)
})
