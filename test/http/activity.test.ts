/** The activity of a period, as overseers see it: counted rightly on every engine, and by nobody who sees but a part of the log. */

import { expect, onTestFinished, test } from 'vitest'
import type { Activity } from '../../src/gate/recorded.ts'
import { permit } from '../../src/policy/permit.ts'
import { SEEDED_POLICY } from '../../src/policy/seeded.ts'
import { act, api } from '../attack/api.ts'
import { BASE } from '../client.ts'
import { STORE_ENGINES } from '../engine.ts'
import { openHouse } from '../house.ts'

const SQL = `
  create table orders (id integer primary key, status text not null);
  insert into orders values (1, 'open'), (2, 'open');
`
const OWN = permit('support-sees-own-activity', {
  roles: ['support'],
  actions: ['castellan.audit.activity'],
  where: { principal_id: { eq: { principal: 'id' } } },
})

test.each(STORE_ENGINES)('counts by hour, person, role and resource: %s', async (engine) => {
  const house = await openHouse({
    engine,
    sql: SQL,
    policy: { ...SEEDED_POLICY, rules: [...SEEDED_POLICY.rules, OWN] },
  })
  onTestFinished(() => house.close())
  const ana = await house.signIn({ role: 'superadmin', name: 'Ana' })
  const update = (client: typeof ana.client, values: object) =>
    api(client, 'PATCH', '/models/orders/records/1', { values })
  await update(ana.client, { status: 'paid' })
  // her session has ended by then
  house.clock.now += 2 * 3_600_000
  const ben = await house.signIn({ role: 'support', name: 'Ben' })
  const eve = await house.signIn({ role: 'auditor', name: 'Eve' })
  await update(ben.client, { status: 'shipped' })
  expect((await api(ben.client, 'DELETE', '/models/orders/records/2')).status).toBe(403)

  const { json } = await act(eve.client, 'castellan.audit.activity', { days: 1 })
  const found = json['result'] as Activity

  expect(found.isWhole).toBe(true)
  expect(found.hours.map(({ hour }) => hour)).toEqual(['2026-11-20T10', '2026-11-20T12'])
  expect(found.models.find(({ label }) => label === 'orders')).toEqual({
    label: 'orders',
    events: 3,
    changes: 2,
    refused: 1,
  })
  expect(found.people.find(({ label }) => label === 'Ben')).toMatchObject({ roles: ['support'], refused: 1 })
  expect(found.roles.map(({ label }) => label)).toEqual(expect.arrayContaining(['superadmin', 'support']))
  const sum = (of: readonly { readonly events: number }[]): number =>
    of.reduce((all, { events }) => all + events, 0)
  expect([sum(found.hours), sum(found.people), sum(found.models)]).toEqual(
    Array.from({ length: 3 }, () => found.total.events),
  )
  const page = await eve.client.get(`${BASE}/audit/activity?days=30`)
  expect(page.text).toContain('Events by person')
  expect(page.text).toContain('/audit?actor=Ben')
  // a rule for a part of the log is none for counts over all of it
  expect((await ben.client.get(`${BASE}/audit/activity`)).status).toBe(403)
})
