/** Someone with some rights makes more of them: for themselves, for another, for a token, or by taking them from others. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtInActions } from '../../src/actions/built-in.ts'
import { NO_ANCHORS } from '../../src/audit/anchor/read-anchors.ts'
import type { Parts } from '../../src/gate/parts.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn } from '../house.ts'
import { act, api, type Reply } from './api.ts'
import { withParts } from './assemble.ts'
import { SHOP } from './shop.ts'

let house: House
let top: SignedIn
let officer: SignedIn
let low: SignedIn
beforeEach(async () => {
  house = await openHouse({ sql: SHOP })
  top = await house.signIn({ role: 'superadmin' })
  officer = await house.signIn({ role: 'security-officer' })
  low = await house.signIn({ role: 'support' })
})
afterEach(() => house.close())

const grant = (who: SignedIn, key: string, role: string): Promise<Reply> =>
  act(who.client, 'castellan.people.grant-role', { role, expiresAt: null }, { key })
const revoke = (who: SignedIn, key: string, role: string): Promise<Reply> =>
  act(who.client, 'castellan.people.revoke-role', { role }, { key })
const rolesOf = async (id: string): Promise<readonly string[]> =>
  (
    (await house.sql(`select role from castellan_role_grant where principal_id = '${id}' order by role`)) as {
      role: string
    }[]
  ).map(({ role }) => role)
const made = (role: string, email: string): object => ({ name: 'New', email, roles: [role] })

test('nobody grants what they do not hold', async () => {
  for (const role of ['superadmin', 'admin', 'support'])
    expect((await grant(officer, low.id, role)).status, role).toBe(403)
  expect(await rolesOf(low.id)).toEqual(['support'])
})

test('control: were every role taken for the officer’s own, the same calls would give it away', async () => {
  await house.close()
  house = await openHouse({ sql: SHOP, assemble: withParts({ gate: withEveryRoleHeld }) })
  officer = await house.signIn({ role: 'security-officer' })
  low = await house.signIn({ role: 'support' })

  expect((await grant(officer, low.id, 'superadmin')).status).toBe(200)
  expect(await rolesOf(low.id)).toEqual(['superadmin', 'support'])
  for (const verb of ['create', 'invite']) {
    const person = made('superadmin', `${verb}@example.com`)
    expect((await act(officer.client, `castellan.people.${verb}`, person)).status, verb).toBe(200)
  }
})

/** The actions on people are made with a policy in which each role has inherited the highest; the gate keeps its own. */
function withEveryRoleHeld(parts: Parts): Parts {
  const { document } = parts.policy
  const roles = Object.entries(document.roles).map(([name, role]) => [
    name,
    { ...role, inherits: ['superadmin'] },
  ])
  const policy: Policy = {
    ...parts.policy,
    document: { ...document, roles: Object.fromEntries(roles), constraints: [] },
  }
  const { identity, audit } = parts
  const fields = { find: async () => [], decide: async () => 0 }
  const loose = builtInActions({
    identity,
    policy,
    audit,
    fields,
    readAnchors: async () => NO_ANCHORS,
  }).filter(({ model }) => model === 'castellan.people')
  return {
    ...parts,
    actions: [...parts.actions.filter(({ model }) => model !== 'castellan.people'), ...loose],
  }
}

test('control: who holds it grants it with the same call', async () => {
  expect((await grant(top, low.id, 'admin')).status).toBe(200)
  expect((await grant(officer, low.id, 'security-officer')).status).toBe(200)
  expect(await rolesOf(low.id)).toEqual(['admin', 'security-officer', 'support'])
})

test('nobody adds a person, lets one back in or gets hold of one with roles beyond their own', async () => {
  expect(
    (await act(officer.client, 'castellan.people.create', made('superadmin', 'x@example.com'))).status,
  ).toBe(403)
  expect(
    (await act(officer.client, 'castellan.people.invite', made('superadmin', 'x@example.com'))).status,
  ).toBe(403)
  for (const verb of ['reset-credentials', 'renew-password'])
    expect((await act(officer.client, `castellan.people.${verb}`, {}, { key: top.id })).status, verb).toBe(
      403,
    )
  await act(top.client, 'castellan.people.deactivate', {}, { key: low.id })
  expect((await act(officer.client, 'castellan.people.activate', {}, { key: low.id })).status).toBe(403)
  expect(await house.sql("select id from castellan_person where email = 'x@example.com'")).toEqual([])
})

test('control: the superadmin does each of them with the same call', async () => {
  const another = await house.signIn({ role: 'superadmin' })

  expect((await act(top.client, 'castellan.people.create', made('superadmin', 'x@example.com'))).status).toBe(
    200,
  )
  expect((await act(top.client, 'castellan.people.invite', made('superadmin', 'y@example.com'))).status).toBe(
    200,
  )
  for (const verb of ['reset-credentials', 'renew-password'])
    expect((await act(top.client, `castellan.people.${verb}`, {}, { key: another.id })).status, verb).toBe(
      200,
    )
  await act(top.client, 'castellan.people.deactivate', {}, { key: low.id })
  expect((await act(top.client, 'castellan.people.activate', {}, { key: low.id })).status).toBe(200)
})

test('nobody changes their own roles or attributes, the superadmin included', async () => {
  for (const who of [top, officer]) {
    expect((await grant(who, who.id, 'security-officer')).status).toBe(403)
    expect((await revoke(who, who.id, 'security-officer')).status).toBe(403)
    const attributes = { attributes: { region: 'north' } }
    const changed = await act(who.client, 'castellan.people.update', attributes, { key: who.id })
    expect(changed.status).toBe(403)
  }
  expect([await rolesOf(top.id), await rolesOf(officer.id)]).toEqual([['superadmin'], ['security-officer']])
})

test('control: another’s are changed by the same calls', async () => {
  expect((await grant(top, officer.id, 'admin')).status).toBe(200)
  expect((await revoke(top, officer.id, 'admin')).status).toBe(200)
  const attributes = { attributes: { region: 'north' } }
  expect((await act(top.client, 'castellan.people.update', attributes, { key: low.id })).status).toBe(200)
})

test('a role is compared as it is written, and by nothing like it', async () => {
  for (const role of [
    'Superadmin',
    'superadmin ',
    ' superadmin',
    'SUPERADMIN',
    'superadmin.',
    'superadmin\0',
    'ѕuperadmin',
    '*',
    '',
    '__proto__',
    'constructor',
  ])
    expect([403, 422], JSON.stringify(role)).toContain((await grant(officer, low.id, role)).status)
  for (const role of ['Superadmin', 'superadmin ', '__proto__', 'toString'])
    expect((await grant(top, low.id, role)).status, JSON.stringify(role)).toBe(422)
  expect(await rolesOf(low.id)).toEqual(['support'])
})

test('roles that exclude each other are never both given', async () => {
  expect((await grant(top, low.id, 'auditor')).status).toBe(422)
  expect(
    (
      await act(top.client, 'castellan.people.create', {
        ...made('admin', 'y@example.com'),
        roles: ['admin', 'auditor'],
      })
    ).status,
  ).toBe(422)
})

test('the last superadmin who can sign in is neither lost nor locked out', async () => {
  const second = await house.signIn({ role: 'superadmin' })
  await house.sql(`delete from castellan_credential where person_id = '${second.id}' and kind = 'totp'`)
  const officerWithAll = await house.signIn({ role: 'superadmin' })
  await house.sql(`update castellan_person set is_active = '0' where id = '${second.id}'`)
  await act(top.client, 'castellan.people.deactivate', {}, { key: officerWithAll.id })

  const attempts = [
    act(officer.client, 'castellan.people.deactivate', {}, { key: top.id }),
    revoke(officer, top.id, 'superadmin'),
    act(officer.client, 'castellan.people.reset-credentials', {}, { key: top.id }),
    act(top.client, 'castellan.people.deactivate', {}, { key: top.id }),
  ]
  for (const { status } of await Promise.all(attempts)) expect([403, 422]).toContain(status)
  expect((await top.client.get(`${BASE}/profile`)).status).toBe(200)
})

test('two superadmins who put each other out at once leave one of them', async () => {
  const second = await house.signIn({ role: 'superadmin' })

  // whoever is out first gets no page with a token any more
  const tokens = [await top.client.csrf(`${BASE}/profile`), await second.client.csrf(`${BASE}/profile`)]
  const path = '/models/castellan.people/actions/deactivate'
  const answers = await Promise.all([
    api(top.client, 'POST', path, { keys: [second.id], input: {} }, { 'x-csrf-token': tokens[0] ?? '' }),
    api(second.client, 'POST', path, { keys: [top.id], input: {} }, { 'x-csrf-token': tokens[1] ?? '' }),
  ])
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(
    await house.sql(
      "select p.id from castellan_person p join castellan_role_grant g on g.principal_id = p.id where g.role = 'superadmin' and p.is_active = '1'",
    ),
  ).toHaveLength(1)
})

test('control: with a third, one more may go', async () => {
  const [second] = [await house.signIn({ role: 'superadmin' }), await house.signIn({ role: 'superadmin' })]

  expect((await act(top.client, 'castellan.people.deactivate', {}, { key: second.id })).status).toBe(200)
})

async function withToken(token: string, action: string, input: unknown, key?: string): Promise<number> {
  const at = action.lastIndexOf('.')
  const { status } = await house
    .visitor()
    .send('POST', `${BASE}/api/v1/models/${action.slice(0, at)}/actions/${action.slice(at + 1)}`, {
      isBare: true,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ input, ...(key !== undefined && { keys: [key] }), reason: 'x' }),
    })
  return status
}

test('a token that is limited to some actions does no other and passes nothing on', async () => {
  const token = await house.token(['admin'], ['customers.list', 'customers.read'])

  expect(await withToken(token, 'customers.list', {})).toBe(200)
  for (const [action, input] of [
    ['customers.create', { values: { name: 'x', region: 'north' } }],
    ['orders.list', {}],
    ['castellan.sessions.list', {}],
    ['castellan.audit.list', {}],
  ] as const)
    expect([403, 404], action).toContain(await withToken(token, action, input))
  for (const [action, input] of [
    ['customers.update', { values: { name: 'x' } }],
    ['customers.reveal', { field: 'name' }],
    ['customers.delete', {}],
  ] as const)
    expect([403, 404], action).toContain(await withToken(token, action, input, '1'))
})

test('control: the same token without a limit does them', async () => {
  const token = await house.token(['admin'])

  expect(await withToken(token, 'customers.update', { values: { name: 'x' } }, '1')).toBe(200)
  expect(await withToken(token, 'orders.list', {})).toBe(200)
})

test('a token can’t prove itself again, so it changes neither people nor tokens', async () => {
  const token = await house.token(['superadmin'])

  expect(await withToken(token, 'castellan.people.list', {})).toBe(200)
  expect(await withToken(token, 'castellan.people.create', made('superadmin', 'x@example.com'))).toBe(403)
  expect(
    await withToken(token, 'castellan.people.grant-role', { role: 'admin', expiresAt: null }, low.id),
  ).toBe(403)
  expect(
    await withToken(token, 'castellan.tokens.create', {
      name: 'y',
      roles: ['superadmin'],
      actions: null,
      expiresAt: null,
    }),
  ).toBe(403)
})

test('nobody makes a token with roles beyond their own', async () => {
  const token = (roles: readonly string[]) => ({
    name: `t-${roles.join()}`,
    roles,
    actions: null,
    expiresAt: null,
  })

  for (const roles of [['superadmin'], ['admin'], ['security-officer', 'support']])
    expect((await act(officer.client, 'castellan.tokens.create', token(roles))).status, roles.join()).toBe(
      403,
    )
  expect((await act(top.client, 'castellan.tokens.create', token(['admin']))).status).toBe(200)
})

test('who may not know of people finds none of these actions', async () => {
  for (const verb of [
    'create',
    'update',
    'activate',
    'deactivate',
    'reset-credentials',
    'grant-role',
    'revoke-role',
  ])
    expect((await act(low.client, `castellan.people.${verb}`, {}, { key: top.id })).status, verb).toBe(404)
})

test('rights that were taken away are gone with the next request', async () => {
  expect((await officer.client.get(`${BASE}/people`)).status).toBe(200)
  await revoke(top, officer.id, 'security-officer')

  expect((await officer.client.get(`${BASE}/people`)).status).toBe(404)
  expect((await grant(officer, low.id, 'security-officer')).status).toBe(404)
})
