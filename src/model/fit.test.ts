/** What the validators of an application say, in our words where they have none of their own. */

import { expect, test } from 'vitest'
import { z } from 'zod'
import { fitValues, type Problems } from './fit.ts'
import { field, model } from './fixture.ts'
import type { Model, Value, Values } from './model.ts'
import type { AnySchema, ModelOptions } from './options.ts'
import { refine } from './refine.ts'

const FIELDS = [
  field('id', 'int'),
  field('text', 'text', { nullable: true }),
  field('count', 'int'),
  field('big', 'bigint'),
]

function things(options: ModelOptions): Model {
  const [found] = refine([model('things', FIELDS)], { things: options }, { icons: [] })
  if (!found) throw new Error('There is no model.')
  return found
}

async function problems(
  options: ModelOptions,
  values: Values,
  verb: 'create' | 'update' = 'update',
): Promise<Problems> {
  return (await fitValues(things(options), verb, values)).problems
}

const said = async (
  validate: AnySchema,
  name: string,
  value: Value,
): Promise<readonly string[] | undefined> =>
  (await problems({ fields: { [name]: { validate } } }, { [name]: value }))[name]

test.each<[AnySchema, string, Value, string]>([
  [z.string().min(3), 'text', 'x', 'must have at least 3 characters'],
  [z.string().max(1), 'text', 'xy', 'must have at most 1 character'],
  [z.email(), 'text', 'x', 'must be an e-mail address'],
  [z.url(), 'text', 'x', 'must be an address such as https://example.com'],
  [z.string().regex(/^A/), 'text', 'x', 'must be of the form that was agreed'],
  [z.enum(['a', 'b']), 'text', 'x', 'must be one of "a", "b"'],
  [z.number().min(2), 'count', 1, 'must be at least 2'],
  [z.number().lt(2), 'count', 3, 'must be less than 2'],
  [z.number().multipleOf(5), 'count', 3, 'must be a multiple of 5'],
  [z.bigint().max(2n), 'big', 3n, 'must be at most 2'],
  [z.number(), 'text', 'x', 'must be a number'],
  [z.string().min(3, 'Three at least.'), 'text', 'x', 'Three at least.'],
  [z.string().refine(() => Promise.resolve(false), 'is not known'), 'text', 'x', 'is not known'],
])('says what a value must be: %#', async (validate, name, value, expected) => {
  expect(await said(validate, name, value)).toEqual([expected])
})

test('checks no value that is not there', async () => {
  expect(await said(z.string().min(3), 'text', null)).toBeUndefined()
})

test('holds a field to its choices, and numbers to theirs', async () => {
  const options: ModelOptions = { fields: { count: { choices: ['1', '2'] } } }

  expect(await problems(options, { count: 2 })).toEqual({})
  expect(await problems(options, { count: 3 })).toEqual({ count: ['must be one of "1", "2"'] })
})

test('a schema of changes asks for nothing that was not given, and fills nothing in', async () => {
  const update = z.object({ text: z.string().min(2), count: z.number().default(7) })

  const { values, problems: found } = await fitValues(things({ update }), 'update', { text: 'xy' })

  expect([values, found]).toEqual([{ text: 'xy' }, {}])
})

test('a schema of new records asks for what it names, and fills in what it says', async () => {
  const create = z.object({ text: z.string(), count: z.number().default(7) })

  expect(await problems({ create }, {}, 'create')).toEqual({ text: ['must have a value'] })
  expect((await fitValues(things({ create }), 'create', { text: 'x' })).values).toEqual({
    text: 'x',
    count: 7,
  })
})

test('a rule over several fields speaks of the record where it names none of them', async () => {
  const create = z
    .object({ text: z.string(), count: z.number() })
    .refine(({ count }) => count > 1, 'These do not go together.')

  expect(await problems({ create }, { text: 'x', count: 1 }, 'create')).toEqual({
    '': ['These do not go together.'],
  })
})

test('leaves what the application stamps out of the schema', async () => {
  const options: ModelOptions = {
    update: z.strictObject({ text: z.string() }),
    stamped: ['count'],
    prepare: (input) => input,
  }
  const { values, problems: found } = await fitValues(things(options), 'update', { text: 'x', count: 3 })

  expect([values, found]).toEqual([{ text: 'x', count: 3 }, {}])
})
