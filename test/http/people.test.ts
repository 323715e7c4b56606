/** What people may do to people: adding, roles, sessions and tokens, each with what it refuses and what it records. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemPrincipal } from '../../src/identity/principal.ts'
import { asSystem, PASSWORD, performAs, type SignedIn } from '../house.ts'
import { BASE, openProduction, type Production } from './behind-proxy.ts'

let production: Production
let root: SignedIn

beforeEach(async () => {
  production = await openProduction()
  root = await production.signIn('superadmin')
})
afterEach(() => production.house.close())

interface Reply {
  readonly status: number
  readonly code: unknown
  readonly detail: string
  readonly fields: Record<string, unknown>
  readonly result: Record<string, unknown>
  readonly confirmation?: string
}

/** Runs an action with a session, over the API. */
async function act(
  who: SignedIn,
  action: string,
  input: object = {},
  key?: string,
  evidence: { readonly reason?: string; readonly confirmation?: string | undefined } = {},
): Promise<Reply> {
  const at = action.lastIndexOf('.')
  const answer = await who.client.send(
    'POST',
    `${BASE}/api/v1/models/${action.slice(0, at)}/actions/${action.slice(at + 1)}`,
    {
      headers: {
        'x-csrf-token': await who.client.csrf(`${BASE}/profile`),
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...(key !== undefined && { keys: [key] }), input, ...evidence }),
    },
  )
  return { result: {}, fields: {}, detail: '', code: null, ...JSON.parse(answer.text), status: answer.status }
}

/** The newest event of that action. */
async function lastEvent(action: string): Promise<Record<string, unknown>> {
  const [row] = (await production.house.sql(
    `select event from castellan_audit_event where action = '${action}' order by entry desc limit 1`,
  )) as { event: string }[]
  return JSON.parse(row?.event ?? '{}')
}

const dee = { name: 'Dee', email: 'dee@example.com', roles: ['support'], attributes: { region: 'emea' } }

test('adds a person, and the log says who was added by whom', async () => {
  const made = await act(root, 'castellan.people.create', dee)

  expect(made).toMatchObject({ status: 200, result: { id: expect.any(String), totpUri: null } })
  const event = await lastEvent('castellan.people.create')
  expect(event).toMatchObject({
    kind: 'person.create',
    outcome: 'done',
    principal: { id: root.id },
    target: { model: 'castellan.people', key: made.result['id'], label: 'Dee' },
    changes: expect.arrayContaining([
      { field: 'email', class: 'internal', before: null, after: 'dee@example.com' },
      { field: 'roles', class: 'internal', before: null, after: 'support' },
    ]),
  })
})

test('nobody chooses what somebody else signs in with, and the log never says what the command line sets', async () => {
  const chosen = await act(root, 'castellan.people.create', { ...dee, password: PASSWORD, withTotp: true })
  expect(chosen.status).toBe(422)
  expect(Object.keys(chosen.fields).sort()).toEqual(['password', 'withTotp'])

  const { house } = production
  const input = { ...dee, password: PASSWORD, withTotp: true }
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', input)
  expect(made).toMatchObject({ totpUri: expect.stringMatching(/^otpauth:/) })
  const event = await lastEvent('castellan.people.create')
  expect(event).toMatchObject({
    changes: expect.arrayContaining([
      { field: 'password', class: 'secret', masked: true },
      { field: 'totp', class: 'secret', masked: true },
    ]),
  })
  expect(JSON.stringify(event)).not.toContain(PASSWORD)
  expect(JSON.stringify(event)).not.toContain('otpauth')
})

test('names each field that is wrong with a new person, and takes no field it does not know', async () => {
  const wrong = await act(root, 'castellan.people.create', {
    name: ' ',
    email: ['a@example.com', 'b@example.com'],
    roles: ['king'],
    id: '1',
  })
  expect(wrong.status).toBe(422)
  expect(Object.keys(wrong.fields).sort()).toEqual(['email', 'id'])

  const twice = await act(root, 'castellan.people.create', dee)
  expect(twice.status).toBe(200)
  const again = await act(root, 'castellan.people.create', { ...dee, email: 'DEE@example.com' })
  expect(again).toMatchObject({ status: 422, fields: { email: expect.anything() } })
})

test('lists people with what they hold', async () => {
  await act(root, 'castellan.people.create', dee)
  const answer = await root.client.get(
    `${BASE}/api/v1/models/castellan.people/records?filter=email:eq:dee@example.com`,
  )
  const { records, standing } = JSON.parse(answer.text)

  expect(records).toHaveLength(1)
  expect(standing).toEqual({
    [records[0].key]: {
      roles: [{ role: 'support', expiresAt: null }],
      hasSecondFactor: false,
      hasPassword: false,
      waitingSince: null,
    },
  })
  expect(answer.text).not.toMatch(/hash|secret|argon/i)
})

test('reads a person with the roles that the reader could give', async () => {
  const { result } = await act(root, 'castellan.people.create', dee)
  const answer = await root.client.get(`${BASE}/api/v1/models/castellan.people/records/${result['id']}`)

  expect(JSON.parse(answer.text)).toMatchObject({
    standing: { roles: [{ role: 'support', expiresAt: null }] },
    grantable: expect.arrayContaining(['superadmin', 'support']),
  })
})

test('gives and takes a role, at the very next request', async () => {
  const ana = await production.signIn('support')
  expect((await ana.client.get(`${BASE}/api/v1/models/castellan.people`)).status).toBe(404)

  const expiresAt = new Date(production.house.clock.now + 3_600_000).toISOString()
  expect(
    (await act(root, 'castellan.people.grant-role', { role: 'security-officer', expiresAt }, ana.id)).status,
  ).toBe(200)
  expect(await lastEvent('castellan.people.grant-role')).toMatchObject({
    kind: 'role.grant',
    changes: [{ field: 'roles', before: 'support', after: `security-officer until ${expiresAt}, support` }],
  })
  expect((await ana.client.get(`${BASE}/api/v1/models/castellan.people`)).status).toBe(200)

  expect((await act(root, 'castellan.people.revoke-role', { role: 'security-officer' }, ana.id)).status).toBe(
    200,
  )
  expect((await ana.client.get(`${BASE}/api/v1/models/castellan.people`)).status).toBe(404)
  expect(await act(root, 'castellan.people.revoke-role', { role: 'security-officer' }, ana.id)).toMatchObject(
    {
      status: 422,
    },
  )
})

test('gives nobody two roles that exclude each other', async () => {
  const ana = await production.signIn('support')
  const refused = await act(root, 'castellan.people.grant-role', { role: 'auditor' }, ana.id)

  expect(refused).toMatchObject({ status: 422, fields: { role: [expect.stringContaining('exclude')] } })
})

test('lets nobody change their own roles or attributes, nor grant what they do not hold', async () => {
  const officer = await production.signIn('security-officer')
  const ana = await production.signIn('support')
  // Step-up reaches back five minutes, and every sign-in turned the clock on.

  expect(await act(officer, 'castellan.people.grant-role', { role: 'superadmin' }, officer.id)).toMatchObject(
    { status: 403, code: 'denied' },
  )
  expect(await act(root, 'castellan.people.grant-role', { role: 'auditor' }, root.id)).toMatchObject({
    status: 403,
    code: 'denied',
  })
  expect(await act(root, 'castellan.people.revoke-role', { role: 'superadmin' }, root.id)).toMatchObject({
    status: 403,
  })
  expect(
    await act(root, 'castellan.people.update', { attributes: { region: 'all' } }, root.id),
  ).toMatchObject({ status: 403 })
  expect(await act(officer, 'castellan.people.grant-role', { role: 'superadmin' }, ana.id)).toMatchObject({
    status: 403,
  })
  expect(await act(officer, 'castellan.people.create', { ...dee, roles: ['admin'] })).toMatchObject({
    status: 403,
  })
  expect(await act(officer, 'castellan.tokens.create', { name: 'x', roles: ['superadmin'] })).toMatchObject({
    status: 403,
  })
  expect(await lastEvent('castellan.tokens.create')).toMatchObject({ outcome: 'refused', code: 'denied' })
  expect(
    await act(officer, 'castellan.people.create', { ...dee, roles: ['security-officer'] }),
  ).toMatchObject({ status: 200 })
})

test('changes a name and the attributes of somebody else, and says what they were', async () => {
  const { result } = await act(root, 'castellan.people.create', dee)
  const id = result['id'] as string

  expect(
    (await act(root, 'castellan.people.update', { name: 'Dee Okafor', attributes: { region: 'apac' } }, id))
      .status,
  ).toBe(200)
  expect(await lastEvent('castellan.people.update')).toMatchObject({
    changes: [
      { field: 'name', before: 'Dee', after: 'Dee Okafor' },
      { field: 'attributes', before: 'region: emea', after: 'region: apac' },
    ],
  })
})

test('changes the e-mail that somebody signs in with, but not of who has more than oneself, nor to one that is taken', async () => {
  const officer = await production.signIn('security-officer')
  const { result } = await act(root, 'castellan.people.create', { ...dee, roles: ['security-officer'] })
  const id = result['id'] as string
  const change = (who: SignedIn, email: string, key: string) =>
    act(who, 'castellan.people.update', { email }, key)

  expect(await change(officer, 'boss@example.com', root.id)).toMatchObject({ status: 403, code: 'denied' })
  expect(await change(officer, officer.email.toUpperCase(), id)).toMatchObject({
    status: 422,
    fields: { email: ['belongs to a person already'] },
  })
  expect((await change(officer, 'DEE@example.com', id)).status).toBe(200)
  expect((await change(officer, 'okafor@example.com', id)).status).toBe(200)
  expect(await lastEvent('castellan.people.update')).toMatchObject({
    kind: 'person.update',
    changes: [{ field: 'email', before: 'DEE@example.com', after: 'okafor@example.com' }],
  })
})

test('a person is changed on a page, field by field, and what is refused stays typed', async () => {
  const ana = await production.signIn('support')
  const path = `${BASE}/people/${ana.id}`
  const { text } = await root.client.get(`${path}/edit`)
  expect(text).toContain(`value="${ana.email}"`)
  const was = { 'was.name': 'Production 2', 'was.email': ana.email, 'was.attributes': '' }
  // somebody else gives a region meanwhile: the form that knows of none takes nothing away
  await act(root, 'castellan.people.update', { attributes: { region: 'emea' } }, ana.id)
  const typed = { ...was, name: 'Ana <Lima>', email: ana.email, attributes: '' }

  const wrong = await root.client.post(
    `${path}/edit`,
    { ...typed, email: 'nobody' },
    { from: `${path}/edit` },
  )
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('E-mail must be one e-mail address')
  expect(wrong.text).toContain('value="Ana &lt;Lima&gt;"')
  const done = await root.client.post(`${path}/edit`, typed, { from: `${path}/edit` })
  expect(done.location).toMatch(new RegExp(`^${path}\\?event=`))
  expect(await lastEvent('castellan.people.update')).toMatchObject({
    changes: [{ field: 'name', before: 'Production 2', after: 'Ana <Lima>' }],
  })
  const page = (await root.client.get(path)).text
  expect(page).toContain('Ana &lt;Lima&gt;')
  expect(page).toContain('emea')

  const own = (await root.client.get(`${BASE}/people/${root.id}/edit`)).text
  expect(own).toContain('Nobody changes their own attributes')
  expect(own).not.toContain('name="attributes"')
  expect((await ana.client.get(`${path}/edit`)).status).toBe(404)
})

test('a person is deleted for good with a reason, after everything that goes was shown; the log keeps who it was', async () => {
  const { house } = production
  const ana = await production.signIn('support')
  const path = `${BASE}/people/${ana.id}`
  house.clock.now += 10 * 60_000

  const proof = await root.client.post(`${path}/delete`, {}, { from: path })
  expect(proof.status).toBe(200)
  expect(proof.text).toContain('One session ends.')
  expect(proof.text).toContain('name="_reason"')
  const plan = /name="_plan" value="([^"]*)"/.exec(proof.text)?.[1]?.replaceAll('&quot;', '"') ?? ''
  const asked = { _plan: plan, _reason: 'has left' }
  const stepUp = await root.client.post(`${path}/delete`, asked, { from: path })
  expect(stepUp.status).toBe(403)
  expect(stepUp.text).toContain('Confirm that it is you')
  const done = await root.client.post(`${path}/delete`, { ...asked, _code: root.code() }, { from: path })

  expect(done.location).toMatch(new RegExp(`^${BASE}/people\\?event=`))
  expect((await ana.client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
  expect((await root.client.get(path)).status).toBe(404)
  expect(await lastEvent('castellan.people.delete')).toMatchObject({
    kind: 'person.delete',
    severity: 'high',
    outcome: 'done',
    reason: 'has left',
    target: { key: ana.id, label: 'Production 2' },
    changes: expect.arrayContaining([{ field: 'email', class: 'internal', before: ana.email, after: null }]),
    details: { endedSessions: 1 },
  })
  const theirs = (await house.sql(
    `select event from castellan_audit_event where principal_id = '${ana.id}'`,
  )) as { event: string }[]
  expect(JSON.parse(theirs[0]?.event ?? '{}')).toMatchObject({ principal: { label: 'Production 2' } })
})

test('nobody deletes themselves, nor somebody with more than they have, nor without a confirmation', async () => {
  const officer = await production.signIn('security-officer')
  const ana = await production.signIn('security-officer')
  const remove = (who: SignedIn, key: string, reason?: string) =>
    act(who, 'castellan.people.delete', {}, key, reason === undefined ? {} : { reason })

  expect(await remove(officer, ana.id)).toMatchObject({
    status: 422,
    fields: { reason: [expect.anything()] },
  })
  const unconfirmed = await remove(officer, ana.id, 'has left')
  expect(unconfirmed.status).toBe(428)
  expect((await root.client.get(`${BASE}/people/${ana.id}`)).status).toBe(200)
  const { confirmation } = unconfirmed
  expect(
    (await act(officer, 'castellan.people.delete', {}, ana.id, { reason: 'has left', confirmation })).status,
  ).toBe(200)
  for (const key of [officer.id, root.id]) {
    const { confirmation } = await remove(officer, key, 'has left')
    expect(confirmation).toBeTypeOf('string')
    expect(
      await act(officer, 'castellan.people.delete', {}, key, { reason: 'has left', confirmation }),
    ).toMatchObject({ status: 403, code: 'denied' })
  }
})

test('keeps a person out at once, and lets them in again', async () => {
  const ana = await production.signIn('support')
  expect((await act(root, 'castellan.people.deactivate', {}, ana.id)).status).toBe(200)

  expect((await ana.client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
  const refused = await ana.client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  expect(refused.status).toBe(401)

  expect((await act(root, 'castellan.people.activate', {}, ana.id)).status).toBe(200)
  const again = await ana.client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  expect(again.location).toMatch(/second-factor/)
})

test('never loses the last working superadmin', async () => {
  const officer = await production.signIn('security-officer')

  expect(await act(officer, 'castellan.people.deactivate', {}, root.id)).toMatchObject({ status: 422 })
  expect((await root.client.get(`${BASE}/profile`)).status).toBe(200)
})

test('takes the second factor away, so that it is enrolled anew', async () => {
  const ana = await production.signIn('support')
  expect((await act(root, 'castellan.people.reset-credentials', {}, ana.id)).status).toBe(200)

  expect((await ana.client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
  const next = await ana.client.post(`${BASE}/sign-in`, { email: ana.email, password: PASSWORD })
  expect(next.location).toMatch(/enrol/)
})

test('ends all sessions of a person but the one that asks', async () => {
  const ana = await production.signIn('superadmin')
  const sessions = JSON.parse(
    (await ana.client.get(`${BASE}/api/v1/sessions?filter=person_id:eq:${root.id}`)).text,
  ).sessions

  expect((await act(ana, 'castellan.sessions.end-all', {}, sessions[0].key)).result).toEqual({ ended: 1 })
  expect((await root.client.get(`${BASE}/profile`)).location).toMatch(/sign-in/)
  const own = JSON.parse(
    (await ana.client.get(`${BASE}/api/v1/sessions?filter=person_id:eq:${ana.id}`)).text,
  ).sessions
  expect((await act(ana, 'castellan.sessions.end-all', {}, own[0].key)).result).toEqual({ ended: 0 })
  expect((await ana.client.get(`${BASE}/profile`)).status).toBe(200)
})

test('makes a token that is shown once, and that a limit really limits', async () => {
  const made = await act(root, 'castellan.tokens.create', {
    name: 'ci',
    roles: ['superadmin'],
    actions: ['orders.list', 'castellan.tokens.create'],
  })
  const token = made.result['token'] as string
  expect(token).toMatch(/^cst_/)
  expect(JSON.stringify(await lastEvent('castellan.tokens.create'))).not.toContain(token)
  expect(JSON.stringify(await production.house.sql('select * from castellan_service_token'))).not.toContain(
    token,
  )

  const ask = (path: string) =>
    production.fetch(`${BASE}/api/v1${path}`, {
      headers: {
        'x-forwarded-for': '198.51.100.7',
        'x-forwarded-proto': 'https',
        authorization: `Bearer ${token}`,
      },
    })
  expect((await ask('/models/orders/records')).status).toBe(200)
  expect((await ask('/models/customers/records')).status).toBe(404)

  expect((await act(root, 'castellan.tokens.revoke', { token: 'ci' })).status).toBe(200)
  expect((await ask('/models/orders/records')).status).toBe(401)
  expect((await act(root, 'castellan.tokens.revoke', { token: 'ci' })).status).toBe(404)
})

test('shows a masked value with a reason, each time with an event, and nothing else by that way', async () => {
  const shown = await act(root, 'orders.reveal', { field: 'tax_number' }, '1', {
    reason: 'the customer asked',
  })
  expect(shown).toMatchObject({ status: 200, result: { field: 'tax_number', value: 'DE123' } })
  await act(root, 'orders.reveal', { field: 'tax_number' }, '1', { reason: 'the customer asked' })
  const events = (await production.house.sql(
    `select event from castellan_audit_event where action = 'orders.reveal' and outcome = 'done'`,
  )) as { event: string }[]
  expect(events).toHaveLength(2)
  expect(events[0]?.event).toContain('"field":"tax_number"')
  expect(events[0]?.event).not.toContain('DE123')

  expect((await act(root, 'orders.reveal', { field: 'tax_number' }, '1')).status).toBe(422)
  for (const field of ['status', 'nothing', 'id', '__proto__']) {
    expect(await act(root, 'orders.reveal', { field }, '1', { reason: 'the customer asked' })).toMatchObject({
      status: 422,
      fields: { field: ['is not a masked field of this record'] },
    })
  }
  const clerk = await production.signIn('support')
  expect(
    (await act(clerk, 'orders.reveal', { field: 'tax_number' }, '1', { reason: 'curious' })).status,
  ).toBe(403)
})

test('reads the roles and rules in force', async () => {
  const { status, result } = await act(root, 'castellan.policy.read')

  expect(status).toBe(200)
  expect(result['roles']).toContainEqual(
    expect.objectContaining({
      name: 'support',
      title: 'Support',
      description: expect.any(String),
      rules: expect.arrayContaining([expect.any(String)]),
    }),
  )
  const clerk = await production.signIn('support')
  expect((await act(clerk, 'castellan.policy.read')).status).toBe(404)
})

test('lets the system do only what rules name one by one', async () => {
  const { house } = production
  await asSystem(house.admin, house.clock.now, 'castellan.people.create', { ...dee, roles: ['superadmin'] })
  const system = systemPrincipal('test', house.clock.now)

  for (const [action, key] of [
    ['castellan.people.update', root.id],
    ['castellan.people.reject', root.id],
    ['castellan.agents.list', undefined],
    ['orders.list', undefined],
    ['orders.read', '1'],
  ] as const) {
    await expect(
      performAs(house.admin, system, action, { role: 'admin' }, key === undefined ? {} : { key }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/denied|not-found/) })
  }
})
