/** A column is dropped and comes back with another meaning, under a policy that was written for the first. */

import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { openHouse } from '../house.ts'
import { api } from './api.ts'
import { policyWith } from './shop.ts'

const SQL = `create table notes (id integer primary key, topic text not null, remark text);
  insert into notes (id, topic, remark) values (1, 'first', 'as it was');`
const rule = (fields?: readonly string[]): readonly Rule[] => [
  {
    id: 'support-reads-notes',
    effect: 'permit',
    roles: ['support'],
    actions: ['notes.list', 'notes.read'],
    ...(fields && { fields }),
  },
]

test('a column that comes while the admin runs is neither shown nor asked about', async () => {
  const house = await openHouse({ sql: SQL, policy: policyWith(rule()) })
  try {
    const { client } = await house.signIn({ role: 'support' })
    await house.sql("alter table notes add column diagnosis text default 'canary'")

    for (const path of ['/models/notes/records', '/models/notes/records/1', '/models/notes']) {
      const { status, text } = await api(client, 'GET', path)
      expect([path, status]).toEqual([path, 200])
      expect(text, path).not.toMatch(/canary|diagnosis/)
    }
    expect((await api(client, 'GET', '/models/notes/records?filter=diagnosis:eq:canary')).status).toBe(422)
  } finally {
    await house.close()
  }
})

test('a rule that lists fields grants none of the columns that come later, not even after a start', async () => {
  const seen = async (fields?: readonly string[]): Promise<string> => {
    const sql = `${SQL} alter table notes add column extra text default 'canary';`
    const house = await openHouse({ sql, policy: policyWith(rule(fields)) })
    try {
      const { client } = await house.signIn({ role: 'support' })
      return (await api(client, 'GET', '/models/notes/records/1')).text
    } finally {
      await house.close()
    }
  }

  expect(await seen(['id', 'topic', 'remark'])).not.toMatch(/canary|extra/)
  // control: without the list of fields the same request reads it
  expect(await seen()).toMatch(/canary/)
})

test('a policy that names a field which is gone starts no admin, so the next of that name inherits nothing unseen', async () => {
  const start = (sql: string) => openHouse({ sql, policy: policyWith(rule(['id', 'remark'])) })

  await expect(start(`${SQL} alter table notes drop column remark;`)).rejects.toThrow(/remark/)
  // control: with the column there the same policy starts
  const house = await start(SQL)
  await house.close()
})

test('a column that comes back under a name that tells of a secret is one, whatever a rule says', async () => {
  const again = `${SQL} alter table notes drop column remark; alter table notes add column access_token text default 'canary';`
  const house = await openHouse({ sql: again, policy: policyWith(rule()) })
  try {
    const { client } = await house.signIn({ role: 'support' })
    expect((await api(client, 'GET', '/models/notes/records/1')).text).not.toMatch(/canary|access_token/)
  } finally {
    await house.close()
  }
})
