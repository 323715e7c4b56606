import { expect, test } from 'vitest'
import { openIdentity } from '../../test/identity.ts'

test('opens what it sealed, for the same purpose and binding', async () => {
  await using world = await openIdentity()
  const { identity } = world

  const sealed = identity.seal('cursor', 'after the order of ☃', 'session:1')

  expect(sealed).not.toContain('order')
  expect(identity.open('cursor', sealed, 'session:1')).toBe('after the order of ☃')
  expect(identity.open('scope', sealed, 'session:1')).toBeNull()
  expect(identity.open('cursor', sealed, 'session:2')).toBeNull()
})

test('opens nothing of which any part was changed', async () => {
  await using world = await openIdentity()
  const { identity } = world
  const sealed = identity.seal('cursor', 'id:42', 'session:1')
  const [keyId = '', body = ''] = sealed.split('.')
  const bytes = Buffer.from(body, 'base64url')
  const changed = Array.from(bytes, (byte, index) => {
    const copy = Buffer.from(bytes)
    copy[index] = byte ^ 1
    return `${keyId}.${copy.toString('base64url')}`
  })

  expect(changed.length).toBeGreaterThan(30)
  for (const broken of [
    ...changed,
    '',
    '.',
    keyId,
    `${keyId}.`,
    body,
    `0000000000000000.${body}`,
    `${keyId}.AAAA`,
  ]) {
    expect(identity.open('cursor', broken, 'session:1')).toBeNull()
  }
})

test('seals the same text differently each time', async () => {
  await using world = await openIdentity()

  const sealed = [1, 2, 3].map(() => world.identity.seal('confirmation', 'plan', 'x'))

  expect(new Set(sealed).size).toBe(3)
})

test('binds the token of a form to its session, in every process', async () => {
  await using world = await openIdentity()
  await using other = await world.second()
  const token = world.identity.csrfToken('session:1')

  expect(other.identity.isCsrfToken('session:1', token)).toBe(true)
  for (const wrong of ['', 'x', token.slice(1), `${token}A`, other.identity.csrfToken('session:2')]) {
    expect(other.identity.isCsrfToken('session:1', wrong)).toBe(false)
  }
  expect(world.identity.open('cursor', token, 'session:1')).toBeNull()
})

test('makes nothing that another installation accepts', async () => {
  await using world = await openIdentity()
  await using other = await openIdentity()

  expect(other.identity.isCsrfToken('session:1', world.identity.csrfToken('session:1'))).toBe(false)
  expect(other.identity.open('cursor', world.identity.seal('cursor', 'x', 'y'), 'y')).toBeNull()
})
