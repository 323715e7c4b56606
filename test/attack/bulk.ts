/** Several records at once, over the API: what the attack tests on bulk actions ask. */

import { expect } from 'vitest'
import type { Client } from '../client.ts'
import type { House } from '../house.ts'
import { api, type Reply } from './api.ts'

export interface Bulk {
  readonly keys?: readonly string[]
  readonly scope?: string
  readonly input?: unknown
  readonly confirmation?: unknown
}

export function bulk(client: Client, verb: string, body: Bulk, model = 'customers'): Promise<Reply> {
  return api(client, 'POST', `/models/${model}/actions/${verb}`, body)
}

/** Asks, and confirms what was shown; a refusal is answered as it came. */
export async function confirmed(client: Client, verb: string, body: Bulk, model?: string): Promise<Reply> {
  const asked = await bulk(client, verb, body, model)
  if (asked.status !== 428) return asked
  return bulk(client, verb, { ...body, confirmation: asked.json['confirmation'] }, model)
}

export interface Scope {
  readonly token: string
  readonly count: number
}

/** All that the list shows, sealed for the verb. */
export async function scopeOf(client: Client, verb: string, query = '', model = 'customers'): Promise<Scope> {
  const reply = await api(client, 'GET', `/models/${model}/records?limit=1&scope=${verb}${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.json['scope'] as Scope
}

export const renamed = (name = 'Changed'): { readonly values: { readonly name: string } } => ({
  values: { name },
})

/** The names of all customers, in the order of their keys. */
export async function namesIn(house: House): Promise<readonly string[]> {
  const rows = await house.sql('select name from customers order by id')
  return rows.map((row) => (row as { name: string }).name)
}
