/** Several records at once, of which some or all lie outside of what somebody may see or change. */

import { expect, test } from 'vitest'
import type { Rule } from '../../src/policy/document.ts'
import { api } from './api.ts'
import { bulk, confirmed, namesIn, renamed, scopeOf } from './bulk.ts'
import { type Attack, openAttack, ROW_RULES, WITHOUT_FIELD_RULE, WITHOUT_ROW_RULE } from './shop.ts'

const NAMES = ['Amara Okafor', 'Jonas Lindqvist', 'Sofia Rossi', 'Omar Haddad']

const renameTwo = ({ low }: Attack) => confirmed(low.client, 'update', { keys: ['1', '2'], input: renamed() })

test('a record out of reach among the keys keeps all as they were', async () => {
  await using attack = await openAttack(ROW_RULES)

  expect((await renameTwo(attack)).status).toBe(404)
  expect(await namesIn(attack.house)).toEqual(NAMES)
})

test('control: without the row rule the same request changes it', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect((await renameTwo(attack)).status).toBe(200)
  expect(await namesIn(attack.house)).toEqual(['Changed', 'Changed', 'Sofia Rossi', 'Omar Haddad'])
})

test('one out of reach is answered in the bytes of one that is not there', async () => {
  await using attack = await openAttack(ROW_RULES)
  const answer = async (verb: string, key: string): Promise<string> => {
    const input = verb === 'update' ? { input: renamed() } : {}
    const { status, json } = await bulk(attack.low.client, verb, { keys: ['1', key], ...input })
    const { requestId: _requestId, ...problem } = json
    return `${status} ${JSON.stringify(problem)}`
      .replaceAll(`"${key}"`, 'KEY')
      .replaceAll(`\\"${key}\\"`, 'KEY')
  }

  for (const verb of ['update', 'delete']) expect(await answer(verb, '2')).toBe(await answer(verb, '99'))
  expect(await answer('update', '2')).toContain('404')
})

const renameAll = async ({ low }: Attack): Promise<number> => {
  const { token, count } = await scopeOf(low.client, 'update')
  const done = await confirmed(low.client, 'update', { scope: token, input: renamed() })
  expect(done.json['result']).toEqual({ matched: count, affected: count })
  return count
}

test('all that match are all within reach', async () => {
  await using attack = await openAttack(ROW_RULES)

  expect(await renameAll(attack)).toBe(2)
  expect(await namesIn(attack.house)).toEqual(['Changed', 'Jonas Lindqvist', 'Changed', 'Omar Haddad'])
})

test('control: without the row rule they are all there are', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)

  expect(await renameAll(attack)).toBe(4)
  expect(new Set(await namesIn(attack.house))).toEqual(new Set(['Changed']))
})

/** What a scope and its plan tell, without what is random. */
async function told({ low }: Attack, query: string): Promise<string> {
  const { token, count } = await scopeOf(low.client, 'update', query)
  const { status, json } = await bulk(low.client, 'update', { scope: token, input: renamed() })
  return JSON.stringify([count, status, json['plan'], json['detail']])
}

const QUERIES = ['', '&search=o', '&filter=region:ne:x', '&filter=id:in:1,2,3,4', '&filter=name:contains:a']

async function afterMoreHidden(attack: Attack): Promise<readonly (readonly string[])[]> {
  const before = await Promise.all(QUERIES.map((query) => told(attack, query)))
  const rows = Array.from({ length: 30 }, (_, n) => `(${n + 100}, 'Hidden a${n}', 'south', 'x', 'y')`)
  await attack.house.sql(`insert into customers values ${rows.join()}`)
  return [before, await Promise.all(QUERIES.map((query) => told(attack, query)))]
}

test('neither the count of all that match nor their plan depends on records out of reach', async () => {
  await using attack = await openAttack(ROW_RULES)
  const [before, after] = await afterMoreHidden(attack)

  expect(after).toEqual(before)
  expect(before?.[0]).toContain('Change 2 customers.')
  expect(JSON.stringify(before)).not.toMatch(/Jonas|Omar/)
})

test('control: without the row rule both tell of them', async () => {
  await using attack = await openAttack(WITHOUT_ROW_RULE)
  const [before, after] = await afterMoreHidden(attack)

  // those that are named by their keys stay the same four
  const isTold = QUERIES.map((_, index) => after?.[index] !== before?.[index])
  expect(isTold).toEqual(QUERIES.map((query) => !query.includes('id:in')))
  expect(JSON.stringify(before)).toMatch(/Jonas|Omar/)
})

/** Deletes customers, and sees of the orders those that are open. */
const deleting = (where: Rule['where']): readonly Rule[] => [
  {
    id: 'support-deletes-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read', 'customers.delete'],
  },
  {
    id: 'support-reads-open-orders',
    effect: 'permit',
    roles: ['support'],
    actions: ['orders.list', 'orders.read'],
    ...(where && { where }),
  },
]

async function planToDelete(rules: readonly Rule[], hidden: number): Promise<string> {
  await using attack = await openAttack(rules)
  const rows = Array.from({ length: hidden }, (_, n) => `(${n + 100}, 1, 'paid', '1.00')`)
  if (hidden > 0) await attack.house.sql(`insert into orders values ${rows.join()}`)
  const { status, json } = await bulk(attack.low.client, 'delete', { keys: ['1', '2'] })
  expect(status).toBe(428)
  return JSON.stringify(json['plan'])
}

test('what deleting would take along is counted without the records out of reach', async () => {
  const rules = deleting({ status: { eq: 'open' } })

  expect(await planToDelete(rules, 7)).toBe(await planToDelete(rules, 0))
})

test('control: whoever may list them is told of them', async () => {
  const rules = deleting(undefined)

  expect(await planToDelete(rules, 7)).not.toBe(await planToDelete(rules, 0))
  expect(await planToDelete(rules, 7)).toContain('9')
})

/** Changes all customers, of whom one is forbidden; sees those of the own region, or, as the control, all. */
const forbidding = ({
  isHidden,
  isForbidden,
}: {
  isHidden: boolean
  isForbidden: boolean
}): readonly Rule[] => [
  {
    id: 'support-reads-own-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
    ...(isHidden && { where: { region: { eq: 'north' } } }),
  },
  { id: 'support-changes-customers', effect: 'permit', roles: ['support'], actions: ['customers.update'] },
  ...(isForbidden
    ? ([
        {
          id: 'nobody-changes-otters',
          effect: 'forbid',
          actions: ['customers.update'],
          where: { nickname: { eq: 'otter-48' } },
        },
      ] as const)
    : []),
]

const renameThree = ({ low }: Attack) =>
  confirmed(low.client, 'update', { keys: ['1', '3', '4'], input: renamed() })

test('one that is refused and hidden keeps all as they were, and is not named', async () => {
  await using attack = await openAttack(forbidding({ isHidden: true, isForbidden: true }))
  const { status, text } = await renameThree(attack)

  expect([403, 404]).toContain(status)
  expect(text).not.toMatch(/Omar|otter/)
  expect(await namesIn(attack.house)).toEqual(NAMES)
})

test('control: whoever sees it is told which one', async () => {
  await using attack = await openAttack(forbidding({ isHidden: false, isForbidden: true }))
  const { status, text } = await renameThree(attack)

  expect(status).toBe(403)
  expect(text).toContain('Omar Haddad')
  expect(await namesIn(attack.house)).toEqual(NAMES)
})

test('control: without the refusal the same request changes all of them', async () => {
  await using attack = await openAttack(forbidding({ isHidden: true, isForbidden: false }))

  expect((await renameThree(attack)).status).toBe(200)
  expect(await namesIn(attack.house)).toEqual(['Changed', 'Jonas Lindqvist', 'Changed', 'Changed'])
})

test('what is changed may be outside of what somebody sees, and is not called by its name', async () => {
  await using attack = await openAttack(forbidding({ isHidden: true, isForbidden: false }))
  const { status, text } = await bulk(attack.low.client, 'update', { keys: ['1', '4'], input: renamed() })

  expect(status).toBe(428)
  expect(text).toContain('Amara')
  expect(text).not.toContain('Omar')
})

test('a field that may not be read chooses no records', async () => {
  await using attack = await openAttack(ROW_RULES)
  const ask = async (field: string): Promise<string> => {
    const { status, json } = await listed(attack, field)
    return `${status} ${JSON.stringify(json['fields'])}`.replaceAll(field, 'FIELD')
  }

  expect(await ask('nickname')).toBe(await ask('no_such_field'))
  expect(await ask('nickname')).toContain('422')
})

test('control: without the field rule it does, and the count tells its value', async () => {
  await using attack = await openAttack(WITHOUT_FIELD_RULE)

  expect((await listed(attack, 'nickname')).json['scope']).toMatchObject({ count: 1 })
})

function listed({ low }: Attack, field: string) {
  return api(low.client, 'GET', `/models/customers/records?limit=1&scope=update&filter=${field}:eq:zebra-77`)
}
