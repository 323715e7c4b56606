import { expect, test } from 'vitest'
import { type Classification, classified, stricter } from './classified.ts'
import { field, model } from './fixture.ts'
import { isAllowed } from './refined.ts'

const CUSTOMERS = model('customers', [
  field('id', 'bigint', { sensitivity: 'public' }),
  field('name', 'text', { sensitivity: 'internal' }),
  field('code', 'text', { sensitivity: 'secret' }),
])

const GUESSED: Classification = { sensitivity: 'public', isDecided: false }

function customers(known: Readonly<Record<string, Classification>>, declared: readonly string[] = []) {
  return classified(
    CUSTOMERS,
    ({ name }) => known[name],
    ({ name }) => declared.includes(name),
  )
}

test('hides a field that is not known, as one of a person or more', () => {
  const { model: made, waiting } = customers({ id: GUESSED })

  expect(made.fields.map(({ hidden, sensitivity }) => [hidden, sensitivity])).toEqual([
    [false, 'public'],
    [true, 'personal'],
    [true, 'secret'],
  ])
  expect(waiting.map(({ name }) => name)).toEqual(['name', 'code'])
  expect(waiting.map(({ sensitivity }) => sensitivity)).toEqual(['internal', 'secret'])
})

test('keeps the stricter of two guesses, and what somebody decided as it is', () => {
  const { model: made } = customers({
    id: GUESSED,
    name: { sensitivity: 'personal', isDecided: false },
    code: { sensitivity: 'internal', isDecided: true },
  })

  expect(made.fields.map(({ sensitivity }) => sensitivity)).toEqual(['public', 'personal', 'internal'])
  const guessed = customers({ id: GUESSED, name: GUESSED, code: GUESSED })
  expect(guessed.model.fields.map(({ sensitivity }) => sensitivity)).toEqual(['public', 'internal', 'secret'])
})

test('leaves what the application declares alone', () => {
  const { model: made, waiting } = customers({ id: GUESSED }, ['name', 'code'])

  expect(made.fields).toEqual(CUSTOMERS.fields)
  expect(waiting).toEqual([])
})

test('closes a model whose key waits, and no other', () => {
  const closed = customers({ name: GUESSED, code: GUESSED }).model
  const open = customers({ id: GUESSED }).model

  expect(closed.refined?.hooks.isAccessible).toBeDefined()
  for (const verb of ['list', 'read', 'create', 'update', 'delete', 'export']) {
    expect(isAllowed(closed, verb), verb).toBe(false)
    expect(isAllowed(open, verb), verb).toBe(true)
  }
})

test('closes a model of which nothing can be seen', () => {
  const bare = { ...CUSTOMERS, key: null }
  const { model: made } = classified(
    bare,
    () => undefined,
    () => false,
  )

  expect(isAllowed(made, 'list')).toBe(false)
})

test('knows which of two is stricter', () => {
  expect(stricter('public', 'secret')).toBe('secret')
  expect(stricter('personal', 'internal')).toBe('personal')
})
