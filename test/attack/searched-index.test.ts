/** A search of a large table goes by what indexes there are, and by none over a field that its reader may not query. */

import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Rule } from '../../src/policy/document.ts'
import { BASE } from '../client.ts'
import { ENGINE, openTestDatabase } from '../engine.ts'
import { openHouse, type SignedIn } from '../house.ts'
import { fillLarge } from '../large.ts'
import { api } from './api.ts'
import { policyWith } from './shop.ts'

/** Of the record 1998, by an index of its own, and of its customer, through the index of the relation where that serves. */
const HIDDEN = ENGINE === 'mariadb' ? ['R5822143'] : ['R5822143', 'R1999']

/** The index over `kind` finds the beginning of a text on MariaDB, and elsewhere nothing of a search. */
const BY_KIND =
  ENGINE === 'mariadb'
    ? { kept: 'Searches ID and the beginning of kind', open: /Searches [^.]*\bref\b[^.]*beginning of kind/i }
    : { kept: 'Searches kind without an index', open: /Searches [^.]*\bref\b[^.]*; not kind\b/i }

const KEPT: readonly Rule[] = [
  {
    id: 'support-reads-events',
    effect: 'permit',
    roles: ['support'],
    actions: ['events.list', 'events.read'],
    fields: { except: ['ref'] },
  },
  {
    id: 'support-reads-customers',
    effect: 'permit',
    roles: ['support'],
    actions: ['customers.list', 'customers.read'],
    fields: { except: ['name'] },
  },
]
const OPEN: readonly Rule[] = KEPT.map(({ fields: _fields, ...rule }) => rule)

async function openLarge(rules: readonly Rule[]): Promise<SignedIn> {
  const home = await openTestDatabase(ENGINE)
  await fillLarge(home, ENGINE, { isSearchable: true })
  const house = await openHouse({
    engine: ENGINE,
    home,
    policy: policyWith(rules),
    models: { events: { list: { search: ['id', 'ref', 'kind', 'customer.name'] } } },
  })
  onTestFinished(() => house.close())
  return await house.signIn({ role: 'support' })
}

const Listed = z.object({ records: z.array(z.object({ key: z.string() })) })

async function found({ client }: SignedIn, search: string): Promise<readonly string[]> {
  const { json } = await api(client, 'GET', `/models/events/records?limit=5&search=${search}`)
  return Listed.parse(json).records.map(({ key }) => key)
}

test('finds nothing by the index of a field that is kept, and does not name it', async () => {
  const low = await openLarge(KEPT)

  for (const hidden of HIDDEN) expect(await found(low, hidden)).toEqual([])
  expect(await found(low, '1998')).toEqual(['1998'])
  const { text } = await low.client.get(`${BASE}/m/events?q=${HIDDEN[0]}`)
  expect(text).toContain(BY_KIND.kept)
  expect(text).not.toMatch(/Searches[^.]*\bref\b|customer name/i)
})

test('control: without the field rules both are found by their index', async () => {
  const low = await openLarge(OPEN)

  for (const hidden of HIDDEN) expect(await found(low, hidden)).toContain('1998')
  const { text } = await low.client.get(`${BASE}/m/events?q=${HIDDEN[0]}`)
  expect(text).toMatch(BY_KIND.open)
})
