/** "All that match", sealed for one use, is used by someone else, for something else, made up, old, or again. */

import { expect, test } from 'vitest'
import type { Identity } from '../../src/identity/identity.ts'
import type { Rule } from '../../src/policy/document.ts'
import type { HouseOptions } from '../house.ts'
import { withParts } from './assemble.ts'
import { bulk, confirmed, namesIn, renamed, scopeOf } from './bulk.ts'
import { type Attack, openAttack } from './shop.ts'

const RULES: readonly Rule[] = [
  {
    id: 'support-keeps-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read', 'customers.update', 'customers.delete'],
    fields: { except: ['nickname'] },
  },
  {
    id: 'support-keeps-orders',
    effect: 'permit',
    roles: ['support'],
    actions: ['orders.list', 'orders.read', 'orders.update'],
  },
]
const NORTH = '&filter=region:eq:north'
const HOUR = 60 * 60_000
/** A session that outlives what the scope does. */
const LONG = { sessionTimeoutMinutes: 240 } as const

function withIdentity(change: (identity: Identity) => Partial<Identity>): Partial<HouseOptions> {
  return { assemble: withParts({ identity: (plain) => ({ ...plain, ...change(plain) }) }) }
}

/** A scope is good for everything and everyone. */
const UNBOUND = withIdentity((plain) => ({
  seal: (purpose, text, binding) => plain.seal(purpose, text, purpose === 'scope' ? '' : binding),
  open: (purpose, sealed, binding) => plain.open(purpose, sealed, purpose === 'scope' ? '' : binding),
}))

/** Whoever can write JSON can write a scope. */
const UNSEALED = withIdentity((plain) => ({
  seal: (purpose, text, binding) =>
    purpose === 'scope' ? Buffer.from(text).toString('base64url') : plain.seal(purpose, text, binding),
  open: (purpose, sealed, binding) =>
    purpose === 'scope' ? Buffer.from(sealed, 'base64url').toString() : plain.open(purpose, sealed, binding),
}))

/** As the seal opens, but for one member. */
function opening(members: object): Partial<HouseOptions> {
  return withIdentity((plain) => ({
    open(purpose, sealed, binding) {
      const text = plain.open(purpose, sealed, binding)
      return purpose === 'scope' && text !== null ? JSON.stringify({ ...JSON.parse(text), ...members }) : text
    },
  }))
}

const input = renamed()

/** Made for one thing, and used to rename customers. */
const OTHERS: Readonly<Record<string, (attack: Attack) => Promise<string>>> = {
  'of another principal': async ({ house }) => {
    const other = await house.signIn({ role: 'support' })
    return (await scopeOf(other.client, 'update', NORTH)).token
  },
  'of another action': async ({ low }) => (await scopeOf(low.client, 'delete', NORTH)).token,
  'of another model': async ({ low }) => (await scopeOf(low.client, 'update', '', 'orders')).token,
}

async function use(attack: Attack, other: (attack: Attack) => Promise<string>): Promise<number> {
  const { status } = await confirmed(attack.low.client, 'update', { scope: await other(attack), input })
  return status
}

test.each(Object.entries(OTHERS))('does not take a scope %s', async (_, other) => {
  await using attack = await openAttack(RULES)
  const before = await namesIn(attack.house)

  expect(await use(attack, other)).toBe(422)
  expect(await namesIn(attack.house)).toEqual(before)
})

test.each(Object.entries(OTHERS))(
  'control: with its binding taken off it takes a scope %s',
  async (_, other) => {
    await using attack = await openAttack(RULES, UNBOUND)

    expect(await use(attack, other)).toBe(200)
    expect(await namesIn(attack.house)).toContain('Changed')
  },
)

test('even unbound it asks nothing that its user may not ask', async () => {
  await using attack = await openAttack(RULES, UNBOUND)
  const top = await attack.house.signIn({ role: 'superadmin' })
  const { token, count } = await scopeOf(top.client, 'update', '&filter=nickname:eq:zebra-77')

  expect(count).toBe(1)
  expect((await bulk(attack.low.client, 'update', { scope: token, input })).status).toBe(422)
})

/** Four customers that nobody counted. */
const MADE_UP = Buffer.from(
  JSON.stringify({ filters: [], search: null, trash: 'without', count: 4, at: Date.UTC(2026, 10, 20, 10) }),
).toString('base64url')

test('does not take one that is made up or changed', async () => {
  await using attack = await openAttack(RULES)
  const { token } = await scopeOf(attack.low.client, 'update', NORTH)
  const middle = Math.floor(token.length / 2)
  const flipped = token[middle] === 'A' ? 'B' : 'A'
  const before = await namesIn(attack.house)

  const made = [MADE_UP, '', 'x', token.slice(0, -3), `${token}AAAA`, token.toUpperCase(), token.repeat(2)]
  for (const scope of [...made, `${token.slice(0, middle)}${flipped}${token.slice(middle + 1)}`]) {
    expect([scope, (await bulk(attack.low.client, 'update', { scope, input })).status]).toEqual([scope, 422])
  }
  expect(await namesIn(attack.house)).toEqual(before)
  expect((await confirmed(attack.low.client, 'update', { scope: token, input })).status).toBe(200)
})

test('control: with nothing sealed it takes the one that is made up', async () => {
  await using attack = await openAttack(RULES, UNSEALED)

  expect((await confirmed(attack.low.client, 'update', { scope: MADE_UP, input })).status).toBe(200)
  expect(new Set(await namesIn(attack.house))).toEqual(new Set(['Changed']))
})

async function oneMore(attack: Attack): Promise<number> {
  const { token } = await scopeOf(attack.low.client, 'update', NORTH)
  await attack.house.sql("update customers set region = 'north' where id = 4")
  return (await confirmed(attack.low.client, 'update', { scope: token, input })).status
}

test('does not take one when others match by then', async () => {
  await using attack = await openAttack(RULES)

  expect(await oneMore(attack)).toBe(409)
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: had it counted what there is now, it would change what nobody chose', async () => {
  await using attack = await openAttack(RULES, opening({ count: 3 }))

  expect(await oneMore(attack)).toBe(200)
  expect((await namesIn(attack.house))[3]).toBe('Changed')
})

/** As many as before and others: what was confirmed was for those that were shown. */
async function otherTwo(attack: Attack, isBound: boolean): Promise<number> {
  const { client } = attack.low
  const { token } = await scopeOf(client, 'update', NORTH)
  const asked = await bulk(client, 'update', { scope: token, input })
  await attack.house.sql("update customers set region = 'south' where id = 3")
  await attack.house.sql("update customers set region = 'north' where id = 4")
  if (!isBound) await unbind(attack, { scope: token })
  const { confirmation } = asked.json
  return (await bulk(client, 'update', { scope: token, input, confirmation })).status
}

/** Makes every confirmation fit what this asks. */
async function unbind({ low, house }: Attack, selection: { scope?: string; keys?: string[] }): Promise<void> {
  const seen = new Set(await hashes(house))
  await bulk(low.client, 'update', { ...selection, input })
  const fresh = (await hashes(house)).find((one) => !seen.has(one))
  expect(fresh).toBeDefined()
  await house.sql(`update castellan_confirmation set binding_hash = ${fresh}`)
}

async function hashes(house: Attack['house']): Promise<readonly string[]> {
  const rows = await house.sql('select quote(binding_hash) as hash from castellan_confirmation')
  return rows.map((row) => (row as { hash: string }).hash)
}

const ON_SQLITE = { engine: 'sqlite' } as const

test('as many others are not what was confirmed', async () => {
  await using attack = await openAttack(RULES)

  expect(await otherTwo(attack, true)).toBe(428)
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: with the confirmation unbound they are changed unseen', async () => {
  await using attack = await openAttack(RULES, ON_SQLITE)

  expect(await otherTwo(attack, false)).toBe(200)
  expect((await namesIn(attack.house))[3]).toBe('Changed')
})

async function otherKeys(attack: Attack, isBound: boolean): Promise<number> {
  const { client } = attack.low
  const { confirmation } = (await bulk(client, 'update', { keys: ['1', '3'], input })).json
  if (!isBound) await unbind(attack, { keys: ['2', '4'] })
  return (await bulk(client, 'update', { keys: ['2', '4'], input, confirmation })).status
}

test('a confirmation is for the records that were shown and for no others', async () => {
  await using attack = await openAttack(RULES)

  expect(await otherKeys(attack, true)).toBe(428)
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: unbound it serves others', async () => {
  await using attack = await openAttack(RULES, ON_SQLITE)

  expect(await otherKeys(attack, false)).toBe(200)
  expect((await namesIn(attack.house))[1]).toBe('Changed')
})

/** The same request again, on records that are again as they were. */
async function again(attack: Attack, isForgotten: boolean): Promise<number> {
  const { client } = attack.low
  const before = await namesIn(attack.house)
  const { token } = await scopeOf(client, 'update', NORTH)
  const { confirmation } = (await bulk(client, 'update', { scope: token, input })).json
  const body = { scope: token, input, confirmation }
  expect((await bulk(client, 'update', body)).status).toBe(200)
  for (const [index, name] of before.entries()) {
    await attack.house.sql(`update customers set name = '${name}' where id = ${index + 1}`)
  }
  if (isForgotten) await attack.house.sql('update castellan_confirmation set used_at = null')
  return (await bulk(client, 'update', body)).status
}

test('does nothing a second time', async () => {
  await using attack = await openAttack(RULES)

  expect(await again(attack, false)).toBe(428)
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: with its use forgotten it does', async () => {
  await using attack = await openAttack(RULES)

  expect(await again(attack, true)).toBe(200)
  expect(await namesIn(attack.house)).toContain('Changed')
})

async function late(attack: Attack, ms: number): Promise<number> {
  const { token } = await scopeOf(attack.low.client, 'update', NORTH)
  attack.house.clock.now += ms
  return (await confirmed(attack.low.client, 'update', { scope: token, input })).status
}

test('does not last for more than an hour', async () => {
  await using attack = await openAttack(RULES, LONG)

  expect(await late(attack, HOUR + 1)).toBe(422)
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: at the hour it is still good', async () => {
  await using attack = await openAttack(RULES, LONG)

  expect(await late(attack, HOUR)).toBe(200)
})

/** 1,001 customers. */
async function fill({ house }: Attack): Promise<void> {
  const rows = Array.from({ length: 997 }, (_, n) => `(${n + 5}, 'More', 'more', null, null)`)
  await house.sql(`insert into customers values ${rows.join()}`)
}

const MANY: Rule = {
  id: 'support-changes-many',
  effect: 'permit',
  roles: ['support'],
  actions: ['customers.bulk-update'],
}
const keysTo = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n + 1))

async function renameMany(attack: Attack, count: number): Promise<readonly number[]> {
  await fill(attack)
  const { client } = attack.low
  const named = await bulk(client, 'update', { keys: keysTo(count), input })
  const { token } = await scopeOf(client, 'update', `&filter=id:lte:${count}`)
  return [named.status, (await bulk(client, 'update', { scope: token, input })).status]
}

test('more than 100 take the right to many', async () => {
  await using attack = await openAttack(RULES)

  expect(await renameMany(attack, 101)).toEqual([403, 403])
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: with that right the same requests go on to their confirmation', async () => {
  await using attack = await openAttack([...RULES, MANY])

  expect(await renameMany(attack, 101)).toEqual([428, 428])
})

test('more than 1,000 are too many for everybody', async () => {
  await using attack = await openAttack([...RULES, MANY])

  expect(await renameMany(attack, 1_001)).toEqual([422, 422])
  expect(await namesIn(attack.house)).not.toContain('Changed')
})

test('control: 1,000 are not', async () => {
  await using attack = await openAttack([...RULES, MANY])

  expect(await renameMany(attack, 1_000)).toEqual([428, 428])
})
