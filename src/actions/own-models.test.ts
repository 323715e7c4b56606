import { expect, test } from 'vitest'
import { field, model } from '../model/fixture.ts'
import { ownModels } from './own-models.ts'

const COLUMNS: Readonly<Record<string, string>> = {
  castellan_person:
    'id email email_canonical name is_active attributes time_zone locale created_at last_seen_at',
  castellan_session:
    'id token_hash person_id methods assurance address user_agent created_at proved_at last_seen_at expires_at refresh_family refresh_generation refresh_key refresh_seen_at',
  castellan_service_token: 'id name token_hash actions created_at expires_at last_used_at revoked_at',
  castellan_agent: 'id person_id name token_hash actions created_at expires_at last_used_at revoked_at',
  castellan_key: 'id purpose state created_at public_key wrapped',
  castellan_field: 'id source model field type guess sensitivity decided_by found_at decided_at',
  castellan_audit_event:
    'entry id sequence occurred_at principal_kind principal_id principal_label session action kind severity model record_key record_label outcome is_change code reason ticket address request_id event leaf',
}

/** The tables as a source would introspect them; one may lack a column. */
function tables({ without = '' } = {}) {
  return Object.entries(COLUMNS).map(([table, columns]) =>
    model(
      table,
      columns
        .split(' ')
        .filter((name) => name !== without)
        .map((name) => field(name, 'text', { sensitivity: name === 'session' ? 'secret' : 'internal' })),
      { source: 'store' },
    ),
  )
}

test('names Castellan’s own models, none of which can be written as records', () => {
  const models = ownModels(tables())

  expect(models.map(({ name }) => name)).toEqual([
    'castellan.people',
    'castellan.sessions',
    'castellan.tokens',
    'castellan.agents',
    'castellan.keys',
    'castellan.fields',
    'castellan.audit',
    'castellan.policy',
  ])
  for (const { writable, source } of models) {
    expect(writable).toMatchObject({ create: false, update: false, delete: false })
    expect(source).toBe('store')
  }
})

test('shows nothing that proves who someone is', () => {
  const shown = ownModels(tables()).flatMap(({ fields }) => fields.map(({ column }) => column))

  expect(shown).toContain('email')
  expect(
    shown.filter((name) => /hash|secret|refresh|canonical|leaf|wrapped|public_key|^event$/.test(name)),
  ).toEqual([])
})

test('lists, filters, sorts, searches and titles only by fields that are there', () => {
  const models = ownModels(tables())
  const byName = new Map(models.map((one) => [one.name, new Set(one.fields.map(({ name }) => name))]))
  let looked = 0

  for (const { name, list, title, key, relations } of models) {
    const fields = byName.get(name)
    const names = [
      ...list.columns,
      ...list.filters,
      ...list.search.filter((place) => !place.includes('.')),
      ...list.sort.map(({ field }) => field),
      ...title,
      ...(key ?? []),
      ...relations.flatMap(({ from }) => from),
    ]
    for (const one of names) expect(fields).toContain(one)
    for (const { target, to } of relations) for (const one of to) expect(byName.get(target)).toContain(one)
    looked += names.length
  }
  expect(looked).toBeGreaterThan(50)
})

test('refuses a store that lacks a table or a column', () => {
  expect(() => ownModels(tables().slice(1))).toThrow('castellan_person')
  expect(() => ownModels(tables({ without: 'is_active' }))).toThrow('is_active')
})
