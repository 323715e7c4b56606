/** A rule whose list is empty, or whose attribute the principal lacks: it narrows to nothing and never widens. */

import { expect, test } from 'vitest'
import type { Condition, Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { openHouse } from '../house.ts'
import { api } from './api.ts'
import { policyWith, SHOP } from './shop.ts'

const NOTHING_FITS: Readonly<Record<string, Condition>> = {
  'an empty list': { region: { in: [] } },
  'an attribute that is absent': { region: { eq: { principal: 'region' } } },
  'a list in an attribute that is absent': { region: { in: { principal: 'regions' } } },
  'a comparison with an absent attribute': { region: { lt: { principal: 'region' } } },
  'another than an absent attribute': { region: { ne: { principal: 'region' } } },
  'an absent attribute among others': { region: { in: [{ principal: 'region' }] } },
  'an empty list behind a relation’s back': { and: [{ name: { ne: '' } }, { region: { in: [] } }] },
}
/** The same conditions where they fit something. */
const FITTING: Condition = { region: { eq: { principal: 'region' } } }

interface Seen {
  readonly listed: number
  readonly read: number
  readonly page: boolean
  readonly written: number
}

async function look(
  where: Condition | null,
  attributes: Readonly<Record<string, string>> = {},
  more: readonly Rule[] = [],
): Promise<Seen> {
  const rule: Rule = {
    id: 'support-works-with-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read', 'customers.update'],
    ...(where && { where }),
  }
  const house = await openHouse({ sql: SHOP, policy: policyWith([rule, ...more]) })
  try {
    const { client } = await house.signIn({ role: 'support', attributes })
    const list = await api(client, 'GET', '/models/customers/records?count=exact')
    const read = await api(client, 'GET', '/models/customers/records/1')
    const page = await client.get(`${BASE}/m/customers`)
    const write = await api(client, 'PATCH', '/models/customers/records/1', { values: { name: 'X' } })
    return {
      listed: ((list.json['records'] ?? []) as unknown[]).length,
      read: read.status,
      page: page.text.includes('Amara'),
      written: write.status,
    }
  } finally {
    await house.close()
  }
}

test.each(Object.entries(NOTHING_FITS))('%s reaches nothing', async (_, where) => {
  expect(await look(where)).toEqual({ listed: 0, read: 404, page: false, written: 404 })
})

test('control: with the attribute there the same rule reaches what fits', async () => {
  expect(await look(FITTING, { region: 'north' })).toEqual({ listed: 2, read: 200, page: true, written: 200 })
})

test('control: without the condition it reaches everything', async () => {
  expect(await look(null)).toEqual({ listed: 4, read: 200, page: true, written: 200 })
})

test('an attribute that is empty matches only what is empty', async () => {
  expect(await look(FITTING, { region: '' })).toMatchObject({ listed: 0, read: 404 })
})

test('a prohibition that can’t be decided for want of an attribute forbids', async () => {
  const forbid: Rule = {
    id: 'not-beyond-own-region',
    effect: 'forbid',
    roles: ['support'],
    actions: ['customers.*'],
    where: { region: { ne: { principal: 'region' } } },
  }

  expect(await look(null, { region: 'north' }, [forbid])).toMatchObject({ listed: 2, read: 200 })
  expect(await look(null, {}, [forbid])).toMatchObject({ listed: 0, page: false })
})

test('an empty choice is no rule that an admin starts with', async () => {
  for (const where of [{ or: [] }, { and: [] }, { region: {} }])
    await expect(look(where)).rejects.toMatchObject({ code: 'misconfigured' })
})

test('a filter with an empty list finds nothing', async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const { client } = await house.signIn({ role: 'support' })
    for (const filter of ['region:in:', 'region:in:[]', 'id:in:,,'])
      expect(
        (await api(client, 'GET', `/models/customers/records?filter=${filter}`)).json['records'],
        filter,
      ).toEqual([])
    expect(
      (await api(client, 'GET', '/models/customers/records?filter=region:in:north')).json['records'],
    ).toHaveLength(2)
  } finally {
    await house.close()
  }
})
