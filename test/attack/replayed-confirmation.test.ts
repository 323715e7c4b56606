/** A confirmation that was given once is used for something else, by someone else, later, or again. */

import { expect, test } from 'vitest'
import { BASE, type Client } from '../client.ts'
import { signInWith } from '../house.ts'
import { api, type Reply } from './api.ts'
import { type Attack, openAttack } from './shop.ts'

const CONFIRMED = [
  {
    id: 'support-reads-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
  },
  {
    id: 'support-renames-after-confirmation',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.update'],
    obligations: { confirm: true },
  },
] as const

interface Ask {
  readonly client?: Client
  readonly key?: string
  readonly name?: string
}

function rename({ low }: Attack, ask: Ask, confirmation?: string): Promise<Reply> {
  const { client = low.client, key = '1', name = 'Changed' } = ask
  const body = { values: { name }, ...(confirmation !== undefined && { confirmation }) }
  return api(client, 'PATCH', `/models/customers/records/${key}`, body)
}

/** What the gate gave for the first renaming of the first customer. */
async function confirmation(attack: Attack): Promise<string> {
  const asked = await rename(attack, {})
  expect(asked.status).toBe(428)
  return String(asked.json['confirmation'])
}

const names = async ({ house }: Attack): Promise<string> =>
  JSON.stringify(await house.sql('select name from customers'))

/** Where triggers and the order of rows take a protection away that the other tests are about. */
const ON_SQLITE = { engine: 'sqlite' } as const

/** Makes the confirmation fit whatever was asked last: takes the binding off it. */
async function unbind({ house }: Attack): Promise<void> {
  await house.sql(
    'update castellan_confirmation set binding_hash = (select binding_hash from castellan_confirmation order by rowid desc limit 1)',
  )
}

test('control: what was asked goes through with its confirmation', async () => {
  await using attack = await openAttack(CONFIRMED)

  expect((await rename(attack, {}, await confirmation(attack))).status).toBe(200)
  expect(await names(attack)).toContain('Changed')
})

const OTHERS: Readonly<Record<string, (attack: Attack) => Promise<Ask>>> = {
  'another principal': async ({ house }) => ({ client: (await house.signIn({ role: 'support' })).client }),
  'another session of the same person': async ({ house, low }) => {
    const client = house.visitor()
    await signInWith(client, low.email, low.code())
    return { client }
  },
  'another input': async () => ({ name: 'Something else' }),
  'another record': async () => ({ key: '2' }),
  'the same input when the plan has changed': async ({ house }) => {
    await house.sql("update customers set name = 'Amara O.' where id = 1")
    return {}
  },
}

test.each(Object.entries(OTHERS))('does not serve %s', async (_, other) => {
  await using attack = await openAttack(CONFIRMED)
  const given = await confirmation(attack)
  const ask = await other(attack)
  const before = await names(attack)

  expect((await rename(attack, ask, given)).status).toBe(428)
  expect(await names(attack)).toBe(before)
})

test.each(Object.entries(OTHERS))('control: with its binding taken off it serves %s', async (_, other) => {
  await using attack = await openAttack(CONFIRMED, ON_SQLITE)
  const given = await confirmation(attack)
  const ask = await other(attack)
  const before = await names(attack)

  await rename(attack, ask)
  await unbind(attack)
  expect((await rename(attack, ask, given)).status).toBe(200)
  expect(await names(attack)).not.toBe(before)
})

/** The same state as when it was confirmed, so that only its use tells the two requests apart. */
const putBack = async ({ house }: Attack): Promise<void> => {
  await house.sql("update customers set name = 'Amara Okafor' where id = 1")
}

test('works once', async () => {
  await using attack = await openAttack(CONFIRMED)
  const given = await confirmation(attack)
  await rename(attack, {}, given)
  await putBack(attack)

  expect((await rename(attack, {}, given)).status).toBe(428)
  expect(await names(attack)).not.toContain('Changed')
})

test('control: with its use forgotten it works again', async () => {
  await using attack = await openAttack(CONFIRMED)
  const given = await confirmation(attack)
  await rename(attack, {}, given)
  await putBack(attack)
  await attack.house.sql('update castellan_confirmation set used_at = null')

  expect((await rename(attack, {}, given)).status).toBe(200)
})

test('of fifty uses at once, one goes through', async () => {
  await using attack = await openAttack(CONFIRMED, ON_SQLITE)
  const given = await confirmation(attack)
  await attack.house.sql(
    "create trigger back after update of name on customers begin update customers set name = 'Amara Okafor' where id = 1; end",
  )

  const answers = await Promise.all(Array.from({ length: 50 }, () => rename(attack, {}, given)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('does not last for more than ten minutes', async () => {
  await using attack = await openAttack(CONFIRMED)
  const given = await confirmation(attack)

  attack.house.clock.now += 10 * 60_000
  expect((await rename(attack, {}, given)).status).toBe(428)
  expect(await names(attack)).not.toContain('Changed')
})

test('control: a moment before it is still good', async () => {
  await using attack = await openAttack(CONFIRMED)
  const given = await confirmation(attack)

  attack.house.clock.now += 10 * 60_000 - 1
  expect((await rename(attack, {}, given)).status).toBe(200)
})

test('a form that makes up its confirmation, or says that it showed another plan, is asked again', async () => {
  await using attack = await openAttack(CONFIRMED)
  const { client } = attack.low

  for (const made of [
    { _confirmation: 'A'.repeat(43) },
    { _confirmation: '' },
    { _plan: '{"sentence":"Change customer.","effects":[],"changes":[]}' },
  ]) {
    const answer = await client.post(`${BASE}/m/customers/1/edit`, { name: 'Changed', ...made })
    expect(answer.status).toBe(428)
  }
  expect(await names(attack)).not.toContain('Changed')
})
