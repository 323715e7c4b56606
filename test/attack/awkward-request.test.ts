/** A request bears what no browser would send, in every place that takes something: it is refused or answered, and is no fault. */

import { expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { openHouse } from '../house.ts'
import { api } from './api.ts'
import { SHOP } from './shop.ts'

const AWKWARD = [
  '%00',
  '-0',
  '1e400',
  'NaN',
  '%ED%A0%80',
  '__proto__',
  '%F0%9F%98%80',
  '{}',
  '(',
  'not()',
  '%',
  '"',
  ',',
  'x'.repeat(5000),
  '-1',
  '9999999999999999999999',
]
const OF_PAGES = ['f', 'q', 'sort', 'per', 'cursor', 'at', 'by', 'field', 'event']
const OF_THE_API = ['filter', 'search', 'sort', 'limit', 'cursor', 'count', 'fields']
const FIELDS = ['id', 'name', 'customer.name', 'orders.status', 'orders.total']
const OPERATORS = ['eq', 'lt', 'in', 'contains', 'isNull', 'within']
const DEEP = `{"filter":${'{"not":'.repeat(5000)}1${'}'.repeat(5000)}}`
const BODIES = [
  DEEP,
  { filter: { all: [] } },
  { filter: 'x' },
  { filter: null },
  { sort: 5 },
  [],
  'null',
  '5',
]

/** Every place of an address that takes a value. */
function pathsWith(value: string): readonly string[] {
  const list = '/api/v1/models/customers/records'
  return [
    ...OF_PAGES.map((name) => `/m/customers?${name}=${value}`),
    ...OF_PAGES.map((name) => `/m/customers/~options?${name}=${value}`),
    ...OF_THE_API.map((name) => `${list}?${name}=${value}`),
    ...FIELDS.flatMap((field) => OPERATORS.map((operator) => `${list}?filter=${field}:${operator}:${value}`)),
    `/m/customers/${value}`,
    `${list}/${value}`,
    `/api/v1/audit/events/${value}`,
  ]
}

test('nothing that a request bears is a fault', { timeout: 300_000 }, async () => {
  const house = await openHouse({ sql: SHOP })
  try {
    const { client } = await house.signIn({ role: 'superadmin' })
    const answers: (readonly [string, number])[] = []
    const look = async (path: string): Promise<void> => {
      answers.push([path.slice(0, 120), (await client.get(`${BASE}${path}`)).status])
    }
    for (const path of AWKWARD.flatMap(pathsWith)) await look(path)
    for (const body of BODIES) {
      answers.push([
        JSON.stringify(body).slice(0, 120),
        (await api(client, 'POST', '/models/customers/query', body)).status,
      ])
    }

    expect(answers.length).toBeGreaterThan(500)
    expect(answers.filter(([, status]) => status >= 500)).toEqual([])
    expect(answers.some(([, status]) => status === 200)).toBe(true)
  } finally {
    await house.close()
  }
})

test('control: a page that fails is seen as a fault', async () => {
  const broken = {
    path: '/broken',
    title: 'Broken',
    render: (): never => {
      throw new TypeError('It fails.')
    },
  }
  const house = await openHouse({ sql: SHOP, pages: [broken] })
  try {
    const { client } = await house.signIn({ role: 'superadmin' })

    expect((await client.get(`${BASE}/broken`)).status).toBe(500)
  } finally {
    await house.close()
  }
})
