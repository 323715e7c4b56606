import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCommon } from './blocklist.ts'
import { isOfPasswordSize, passwordProblems, passwordStrength } from './password-rule.ts'

const CONTEXT = ['Night Shop', 'ana.ferreira@example.com', 'ana.ferreira', 'Ana Ferreira']

test.each([
  ['14 characters', 'tulip anvil 42', false],
  ['15 characters', 'tulip anvil 42m', true],
  ['14 characters of two code units each', `${'🌷'.repeat(7)}${'⚒🪨'.repeat(3)}🪵`, false],
  ['64 characters', 'tulip anvil marsh 42 '.repeat(4).slice(0, 64), true],
  ['256 characters', 'tulip anvil marsh 42 '.repeat(20).slice(0, 256), true],
  ['257 characters', 'tulip anvil marsh 42 '.repeat(20).slice(0, 257), false],
  ['more than a kilobyte', `${'🌷⚒🪨🪵'.repeat(64)}🌷⚒`, false],
])('judges %s by length alone', (_what, password, isFine) => {
  expect(passwordProblems(password, []).length === 0).toBe(isFine)
})

test('turns away a megabyte before it costs a hash', () => {
  expect(isOfPasswordSize('x'.repeat(1_000_000))).toBe(false)
  expect(isOfPasswordSize('x'.repeat(1024))).toBe(true)
})

test('asks for no kinds of characters', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{24}$/), (password) => {
      expect(passwordProblems(password, [])).toEqual([])
    }),
    { numRuns: 200, seed: 1 },
  )
})

test.each([
  'passwordpassword',
  'Password12345678',
  'P@ssw0rdP@ssw0rd!',
  '123456789012345',
  '0987654321098765',
  'qwertyuiopasdfgh',
  '1q2w3e4r5t6y7u8i',
  'aaaaaaaaaaaaaaaa',
  'abcabcabcabcabca',
  'letmeinletmein2024',
  'iloveyouforever!!',
  'administrator2026',
  'Ana Ferreira 2026!',
  'ana.ferreira@example.com',
  'NightShopNightShop',
])('refuses %s, and says why', (password) => {
  expect(passwordProblems(password, CONTEXT)).toEqual([expect.stringMatching(/^is one of the first/)])
})

test.each([
  'tulip anvil marsh 42',
  'gold violet cargo 71 lamp',
  'welcome to the jungle',
  'zX9#kk2Lq0pPa!e',
  'Ana buys nine green lamps',
])('accepts %s', (password) => {
  expect(passwordProblems(password, CONTEXT)).toEqual([])
})

test('holds more than three thousand passwords of allowed length', () => {
  const stems = [
    'password',
    'administrator',
    'qwertyuiop',
    'football',
    'sunshine',
    'princess',
    'letmein',
    'iloveyou',
  ]
  const years = Array.from({ length: 60 }, (_, index) => String(1970 + index))
  const listed = stems.flatMap((one) =>
    stems.flatMap((other) => years.map((year) => `${one}${other}${year}`)),
  )
  const refused = listed.filter((password) => password.length >= 15 && isCommon(password, []))

  expect(listed.length).toBeGreaterThan(3000)
  expect(refused).toHaveLength(listed.length)
})

test('takes long passwords apart without taking long', () => {
  for (const unit of ['password', 'a1', '1', 'qwertyuiop', '!']) {
    expect(isCommon(`${unit.repeat(256).slice(0, 255)}ß`, CONTEXT)).toBe(false)
  }
})

test.each([
  'mailcreated5240',
  'MAILCREATED5240',
  'ne_e_pod_chehyl',
  'charlie1charlie1',
  'letmein1trustno1!',
  'corvette.mustang1',
])('refuses %s, which has leaked or is made of what has', (password) => {
  expect(passwordProblems(password, [])).toEqual([expect.stringContaining('first that attackers try')])
})

test.each(['corvette rides a mustang', 'charlie ferments twelve lentils', 'mailcreated5240 and a pier'])(
  'takes %s, which has more to it',
  (password) => {
    expect(passwordProblems(password, [])).toEqual([])
  },
)

test('says of a password that is being typed what it lacks, as it will be judged', () => {
  const context = ['Night Shop', 'ana@example.com', 'Ana Ferreira']
  const said = (password: string) => passwordStrength(password, context)

  expect(said('')).toEqual({ isEnough: false, sentence: '' })
  expect(said('tulip')).toEqual({
    isEnough: false,
    sentence: 'Too short: 10 characters more. Another word does well.',
  })
  expect(said('tulip anvil ma').sentence).toContain('one character more')
  expect(said('night shop night shop')).toMatchObject({
    isEnough: false,
    sentence: expect.stringMatching(/^It is one of the first that attackers try/),
  })
  expect(said('tulip anvil mars')).toMatchObject({
    isEnough: true,
    sentence: expect.stringMatching(/^Long enough/),
  })
  expect(said('tulip anvil marsh forty')).toMatchObject({
    isEnough: true,
    sentence: expect.stringMatching(/^Strong/),
  })
  for (const password of ['', 'tulip', 'night shop night shop', 'x'.repeat(257), 'tulip anvil marsh 42']) {
    expect(said(password).isEnough, password).toBe(passwordProblems(password, context).length === 0)
  }
})
