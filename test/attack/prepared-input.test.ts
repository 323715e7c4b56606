/** What the application makes of an input is no way round the policy, and no way for a visitor to write its stamps. */

import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { currentContext } from '../../src/gate/current-context.ts'
import type { ModelOptions } from '../../src/model/options.ts'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { act, api, type Reply } from './api.ts'
import { policyWith } from './shop.ts'

const SQL = `
  create table notes (
    id integer primary key, title text not null, slug text, owner text not null default 'nobody',
    made_by text not null default '', made_from text, made_at timestamp
  );
  insert into notes (id, title, owner) values (1, 'First', 'noor');
`
const WRITES: Rule = {
  id: 'support-writes-notes',
  effect: 'permit',
  roles: ['support'],
  actions: ['notes.list', 'notes.read', 'notes.create', 'notes.update', 'notes.history'],
  fields: ['id', 'title', 'slug'],
}

let house: Awaited<ReturnType<typeof openHouse>>
afterEach(() => house.close())

async function open(notes: ModelOptions, rule: Rule = WRITES): Promise<SignedIn> {
  house = await openHouse({ sql: SQL, policy: policyWith([rule]), models: { notes } })
  return house.signIn({ name: 'Noor', role: 'support' })
}

const note = async (): Promise<Record<string, unknown>> =>
  ((await house.sql('select * from notes where id = 1')) as Record<string, unknown>[])[0] ?? {}
const change = ({ client }: SignedIn, values: unknown): Promise<Reply> =>
  api(client, 'PATCH', '/models/notes/records/1', { values })

/** Stamps who and from where, and makes a slug. */
const STAMPING: ModelOptions = {
  stamped: ['made_by', 'made_from', 'made_at'],
  prepare: (input, { principal, request, now }) => ({
    ...input,
    ...(typeof input['title'] === 'string' && { slug: input['title'].toLowerCase() }),
    made_by: principal.name,
    made_from: request.address,
    made_at: new Date(now).toISOString().slice(0, 23),
  }),
}

test('stamps are written although the policy grants nobody their fields', async () => {
  const person = await open(STAMPING)

  expect((await change(person, { title: 'Second' })).status).toBe(200)
  expect(await note()).toMatchObject({
    title: 'Second',
    slug: 'second',
    made_by: 'Noor',
    made_from: '127.0.0.1',
  })
})

test('control: fields that are no stamps are refused when prepare writes them', async () => {
  const { stamped: _, ...without } = STAMPING
  const person = await open(without)
  const answer = await change(person, { title: 'Second' })

  expect(answer.status).toBe(422)
  expect(Object.keys(answer.json['fields'] as object).sort()).toEqual(['made_at', 'made_by', 'made_from'])
  expect(await note()).toMatchObject({ title: 'First', made_by: '' })
})

test('nobody types a stamp, the superadmin included, and no form offers it', async () => {
  await open(STAMPING)
  const top = await house.signIn({ name: 'Top', role: 'superadmin' })

  expect((await change(top, { title: 'Second', made_by: 'someone else' })).status).toBe(422)
  const created = { values: { title: 'x', made_by: 'someone else' } }
  expect((await api(top.client, 'POST', '/models/notes/records', created)).status).toBe(422)
  expect((await top.client.get(`${BASE}/m/notes/1/edit`)).text).not.toContain('name="made_by"')
  await top.client.post(`${BASE}/m/notes/1/edit`, {
    title: 'Third',
    made_by: 'someone else',
    _original: '{}',
  })
  expect(await note()).toMatchObject({ title: 'Third', made_by: 'Top' })
})

test('control: without the stamp the superadmin types it', async () => {
  await open({})
  const top = await house.signIn({ name: 'Top', role: 'superadmin' })

  expect((await change(top, { made_by: 'someone else' })).status).toBe(200)
  expect(await note()).toMatchObject({ made_by: 'someone else' })
})

test('what prepare answers is parsed again: a wrong type, an unknown field and a secret are refused', async () => {
  for (const [made, field] of [
    [{ title: 7 }, 'title'],
    [{ title: 'x', nothing: 1 }, 'nothing'],
    [{ title: 'x', owner: 'noor' }, 'owner'],
  ] as const) {
    const person = await open({ prepare: () => made })
    const answer = await change(person, { title: 'Second' })

    expect([field, answer.status]).toEqual([field, 422])
    expect(answer.json['fields']).toHaveProperty(field)
    expect(await note()).toMatchObject({ title: 'First', owner: 'noor' })
    await house.close()
  }
  await open({})
})

test('a condition of the policy sees the prepared value', async () => {
  const rule: Rule = { ...WRITES, fields: ['id', 'title', 'slug', 'owner'], where: { owner: { eq: 'noor' } } }
  const person = await open({ prepare: (input) => ({ ...input, owner: 'someone else' }) }, rule)

  expect((await change(person, { title: 'Second' })).status).toBe(403)
  expect(await note()).toMatchObject({ title: 'First', owner: 'noor' })
})

test('control: a prepared value that fits the condition is written', async () => {
  const rule: Rule = { ...WRITES, fields: ['id', 'title', 'slug', 'owner'], where: { owner: { eq: 'noor' } } }
  const person = await open({ prepare: (input) => ({ ...input, owner: 'noor' }) }, rule)

  expect((await change(person, { title: 'Second' })).status).toBe(200)
})

test('an error in prepare writes nothing and is recorded', async () => {
  const person = await open({
    prepare: () => {
      throw new Error('no')
    },
  })

  expect((await change(person, { title: 'Second' })).status).toBe(500)
  expect(await note()).toMatchObject({ title: 'First' })
  const events = (await house.sql(
    "select event from castellan_audit_event where action = 'notes.update'",
  )) as {
    event: string
  }[]
  expect(events.map(({ event }) => JSON.parse(String(event)).outcome)).toEqual(['failed'])
})

test('a stamp that differs each time can still be confirmed', async () => {
  const person = await open(STAMPING, { ...WRITES, obligations: { confirm: true } })
  const first = await change(person, { title: 'Second' })
  expect(first.status).toBe(428)
  const plan = JSON.stringify(first.json['plan'])
  expect(plan).toContain('Second')
  expect(plan).not.toContain('made_at')
  house.clock.now += 5_000

  const confirmation = String(first.json['confirmation'])
  const second = await act(
    person.client,
    'notes.update',
    { values: { title: 'Second' } },
    { key: '1', confirmation },
  )
  expect(second.status).toBe(200)
  expect(await note()).toMatchObject({ made_by: 'Noor' })
})

test('control: with another value of its own the confirmation is of no use', async () => {
  const person = await open(STAMPING, { ...WRITES, obligations: { confirm: true } })
  const confirmation = String((await change(person, { title: 'Second' })).json['confirmation'])

  const other = await act(
    person.client,
    'notes.update',
    { values: { title: 'Third' } },
    { key: '1', confirmation },
  )
  expect(other.status).toBe(428)
  expect(await note()).toMatchObject({ title: 'First' })
})

test('a schema of its own checks values at their fields, and takes no field that it does not name', async () => {
  const person = await open({ update: z.object({ title: z.string().trim().min(3).max(20) }) })

  const short = await change(person, { title: ' x ' })
  expect(short.json['fields']).toEqual({ title: ['must have at least 3 characters'] })
  expect((await change(person, { title: 'Second', slug: 's' })).json['fields']).toHaveProperty('slug')
  expect((await change(person, { title: '  Second  ' })).status).toBe(200)
  expect(await note()).toMatchObject({ title: 'Second' })
})

test('control: without the schema the same values are written', async () => {
  const person = await open({})

  expect((await change(person, { title: ' x ', slug: 's' })).status).toBe(200)
  expect(await note()).toMatchObject({ title: ' x ', slug: 's' })
})

test('a schema for new records leaves changes alone, and the other way round', async () => {
  const person = await open({ create: z.object({ title: z.string().startsWith('New') }) })

  const made = await api(person.client, 'POST', '/models/notes/records', { values: { title: 'Old' } })
  expect(made.json['fields']).toHaveProperty('title')
  expect((await change(person, { title: 'Old' })).status).toBe(200)
})

test('a schema is asked before the policy, and tells nothing of a model that is not theirs', async () => {
  await open({ update: z.object({ title: z.string().min(3) }) })
  const stranger = await house.signIn({ role: 'security-officer' })

  expect((await change(stranger, { title: 'x' })).status).toBe(404)
})

test('each request has a context of its own, however they overlap', async () => {
  const gates: (() => void)[] = []
  const seen: [string, string | undefined][] = []
  const person = await open({
    prepare: async (input) => {
      const before = currentContext()?.principal.name
      await new Promise<void>((resolve) => {
        gates.push(resolve)
        if (gates.length === 2) for (const open of gates) open()
      })
      seen.push([String(input['title']), before === currentContext()?.principal.name ? before : 'mixed'])
      return input
    },
  })
  const other = await house.signIn({ name: 'Ida', role: 'support' })
  const send = ({ client }: SignedIn, title: string): Promise<Reply> =>
    api(client, 'POST', '/models/notes/records', { values: { title } })

  await Promise.all([send(person, 'of Noor'), send(other, 'of Ida')])

  expect(seen.toSorted()).toEqual([
    ['of Ida', 'Ida'],
    ['of Noor', 'Noor'],
  ])
  expect(currentContext()).toBeNull()
})

test('stamps alone are no change: a record that is saved as it was stays as it was', async () => {
  const person = await open({ ...STAMPING, prepare: (input) => ({ ...input, made_by: 'Noor' }) })

  expect((await change(person, { title: 'First' })).status).toBe(200)
  expect((await change(person, {})).status).toBe(200)
  expect(await note()).toMatchObject({ title: 'First', made_by: '' })
})

test('control: beside a change they are written', async () => {
  const person = await open({ ...STAMPING, prepare: (input) => ({ ...input, made_by: 'Noor' }) })

  expect((await change(person, { title: 'Second' })).status).toBe(200)
  expect(await note()).toMatchObject({ title: 'Second', made_by: 'Noor' })
})
