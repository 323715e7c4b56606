import { expect, test } from 'vitest'
import { ANA, cookies, from, HOUR, known, openIdentity, tally } from '../../test/identity.ts'
import { inStore } from '../store/tables.ts'
import { codeAt } from './authenticators/totp.ts'

test('makes the first superadmin, who then sets up an authenticator and is signed in', async () => {
  await using world = await openIdentity()
  const { identity } = world
  expect(await identity.isSetUp()).toBe(false)
  const token = (await identity.issueSetUpToken()) ?? ''
  expect(await identity.isSetUpTokenValid(token)).toBe(true)

  const step = await identity.setUp({ ...ANA, token }, from())
  if (step.kind !== 'enrol') throw new Error(step.kind)
  const shown = await identity.pending(step.pending)
  if (shown?.stage !== 'enrol') throw new Error('nothing to enrol')
  const code = codeAt(shown.secret, world.time.now)
  const last = await identity.enrol({ pending: step.pending, code }, from())
  if (last.kind !== 'signed-in') throw new Error(last.kind)

  expect(last.recoveryCodes).toHaveLength(10)
  const { principal } = known(await identity.establish(cookies(last.tokens), from()))
  expect(principal).toMatchObject({
    name: ANA.name,
    email: ANA.email,
    subject: { roles: ['superadmin'] },
    authentication: { methods: ['password', 'totp'], assurance: 2 },
  })
  expect((await world.events()).map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    'identity.set-up done',
    'identity.enrol done',
    'identity.sign-in done',
  ])
})

test('answers after a checkpoint covers the first administrator', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''

  await world.identity.setUp({ ...ANA, token }, from())

  const events = await inStore(world.database.now)
    .selectFrom('castellan_audit_event')
    .select('sequence')
    .execute()
  expect(events).toEqual([{ sequence: 1n }])
})

test('does not know any set-up link once somebody exists', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''
  await world.person()

  expect(await world.identity.isSetUp()).toBe(true)
  expect(await world.identity.issueSetUpToken()).toBeNull()
  expect(await world.identity.isSetUpTokenValid(token)).toBe(false)
  await expect(
    world.identity.setUp({ ...ANA, email: 'eve@example.com', token }, from()),
  ).rejects.toMatchObject({ code: 'not-found' })
})

test('takes only the latest link, for an hour', async () => {
  await using world = await openIdentity()
  const first = (await world.identity.issueSetUpToken()) ?? ''
  const second = (await world.identity.issueSetUpToken()) ?? ''

  expect(await world.identity.isSetUpTokenValid(first)).toBe(false)
  expect(await world.identity.isSetUpTokenValid('')).toBe(false)
  expect(await world.identity.isSetUpTokenValid(second)).toBe(true)
  world.time.now += HOUR
  expect(await world.identity.isSetUpTokenValid(second)).toBe(false)
  await expect(world.identity.setUp({ ...ANA, token: second }, from())).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('lets one of fifty with the same link make the first administrator', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''
  await using other = await world.second()

  const { succeeded, refused } = await tally(
    Array.from({ length: 50 }, (_, index) => {
      const { identity } = index % 2 === 0 ? world : other
      return identity.setUp({ ...ANA, email: `ana${index}@example.com`, token }, from(`192.0.${index}.1`))
    }),
  )

  expect(succeeded).toBe(1)
  expect(refused).toHaveLength(49)
  expect(
    await inStore(world.database.now).selectFrom('castellan_person').select('id').execute(),
  ).toHaveLength(1)
})

test('keeps the link good while the form has mistakes, and names each field', async () => {
  await using world = await openIdentity()
  const token = (await world.identity.issueSetUpToken()) ?? ''

  await expect(
    world.identity.setUp({ token, name: ' ', email: 'ana', password: 'short' }, from()),
  ).rejects.toMatchObject({
    code: 'invalid-input',
    fields: {
      name: [expect.any(String)],
      email: ['must be one e-mail address, such as ana@example.com'],
      password: ['must be at least 15 characters long; several words do well'],
    },
  })
  await expect(world.identity.setUp({ ...ANA, token }, from())).resolves.toMatchObject({ kind: 'enrol' })
  expect((await world.events()).map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
    'refused invalid-input',
    'done null',
  ])
})
