import { expect, test } from 'vitest'
import { fieldOf, type Model } from '../../model/model.ts'
import type { Catalog, CatalogColumn, CatalogForeignKey, CatalogTable } from '../catalog.ts'
import type { Schema } from '../data-source.ts'
import { schemaOf } from './describe.ts'
import type { DescribeOptions } from './draft.ts'
import { asOwn } from './own.ts'

function column(name: string, differing: Partial<CatalogColumn> = {}): CatalogColumn {
  return {
    name,
    type: name.endsWith('id') ? 'int' : 'text',
    dbType: 'text',
    isNullable: false,
    hasDefault: false,
    defaultValue: null,
    isGenerated: false,
    isWritable: true,
    comment: null,
    maxLength: null,
    scale: null,
    choices: null,
    ...differing,
  }
}

/** A writable table with these columns, and the key `id` when it has such a column. */
function table(
  name: string,
  columns: readonly (string | CatalogColumn)[],
  differing: Partial<CatalogTable> = {},
): CatalogTable {
  const all = columns.map((one) => (typeof one === 'string' ? column(one) : one))
  return {
    schema: null,
    name,
    kind: 'table',
    comment: null,
    columns: all,
    primaryKey: all.some((one) => one.name === 'id') ? ['id'] : [],
    indexes: [],
    foreignKeys: [],
    rows: 10,
    rights: { insert: true, update: true, delete: true },
    hasInsertTrigger: false,
    rightsReason: null,
    definition: '',
    ...differing,
  }
}

function to(
  targetTable: string,
  columns: readonly string[],
  differing: Partial<CatalogForeignKey> = {},
): CatalogForeignKey {
  return {
    columns,
    targetSchema: null,
    targetTable,
    targetColumns: null,
    onDelete: 'restrict',
    ...differing,
  }
}

function described(
  tables: readonly CatalogTable[],
  options: Partial<DescribeOptions> = {},
  catalog: Partial<Catalog> = {},
): Schema {
  return schemaOf(
    { tables, leftOut: [], notes: [], ...catalog },
    { source: 'main', tables: 'application', isReadOnly: false, ...options },
  )
}

function modelOf(schema: Schema, name: string): Model {
  const found = schema.models.find((model) => model.name === name)
  if (!found) throw new TypeError(`There is no model "${name}".`)
  return found
}

function names({ models }: Schema): readonly string[] {
  return models.map(({ name }) => name)
}

test('names models after tables, schemas and the source’s prefix', () => {
  const tables = [table('orders', ['id']), table('orders', ['id'], { schema: 'archive' })]

  expect(names(described(tables))).toEqual(['orders', 'archive.orders'])
  expect(names(described(tables, { source: 'crm', prefix: 'crm.' }))).toEqual([
    'crm.orders',
    'crm.archive.orders',
  ])
})

test.each([
  [
    ['wp_posts', 'wp_users', 'wp_comments'],
    ['Post', 'User', 'Comment'],
  ],
  [
    ['wp_posts', 'wp_users'],
    ['Wp post', 'Wp user'],
  ],
  [
    ['wp_posts', 'wp_users', 'orders'],
    ['Wp post', 'Wp user', 'Order'],
  ],
  [
    ['tbl_customers', 'tblOrders', 'tbls', 'tb_lines'],
    ['Customer', 'Order', 'Tbl', 'Line'],
  ],
  [
    ['order_items', 'order_notes', 'order_'],
    ['Order item', 'Order note', 'Order'],
  ],
])('labels the tables %j without what says nothing', (tables, labels) => {
  const { models } = described(tables.map((name) => table(name, ['id'])))

  expect(models.map(({ name }) => name)).toEqual(tables)
  expect(models.map(({ label }) => label)).toEqual(labels)
})

test('relates models by the names they have, prefix and schema included', () => {
  const tables = [
    table('people', ['id']),
    table('notes', ['id', 'person_id'], { schema: 'crm', foreignKeys: [to('people', ['person_id'])] }),
  ]
  const schema = described(tables, { source: 'two', prefix: 'two.' })

  expect(modelOf(schema, 'two.crm.notes').relations).toMatchObject([{ name: 'person', target: 'two.people' }])
  expect(modelOf(schema, 'two.people').relations).toMatchObject([{ name: 'notes', target: 'two.crm.notes' }])
})

test.each([
  ['castellan.people', null, 'reserved-name'],
  ['people', 'castellan', 'reserved-name'],
  ['', null, 'unusable-name'],
  ['..', null, 'unusable-name'],
  ['a*', null, 'unusable-name'],
])('takes in no table called "%s" in the schema %s', (name, schema, code) => {
  const { models, warnings } = described([table(name, ['id'], { schema }), table('a', ['id'])])

  expect(models.map((model) => model.table)).toEqual(['a'])
  expect(warnings).toMatchObject([{ code }])
})

test('leaves out both of two tables with one name, whichever comes first', () => {
  const tables = [table('crm.notes', ['id']), table('notes', ['id'], { schema: 'crm' })]

  for (const some of [tables, tables.toReversed()]) {
    const { models, warnings } = described([...some, table('a', ['id'])])
    expect(models.map(({ name }) => name)).toEqual(['a'])
    expect(warnings).toMatchObject([{ code: 'name-taken', model: 'crm.notes' }])
  }
})

test('finds keys only where they hold for every record', () => {
  const unique = { name: 'u', columns: ['code'], isUnique: true, isPartial: false }
  const keyOf = (index: object, code = column('code')): readonly string[] | null =>
    modelOf(described([table('a', [code], { indexes: [{ ...unique, ...index }] })]), 'a').key

  expect(keyOf({})).toEqual(['code'])
  expect(keyOf({ isUnique: false })).toBeNull()
  expect(keyOf({ isPartial: true })).toBeNull()
  expect(keyOf({ columns: ['code', null] })).toBeNull()
  expect(keyOf({}, column('code', { isNullable: true }))).toBeNull()
})

test('has no key where a part of it may not be read', () => {
  const schema = described([table('a', ['code'], { primaryKey: ['code', 'unseen'] })])

  expect(modelOf(schema, 'a')).toMatchObject({ key: null, writable: { create: true, update: false } })
  expect(schema.warnings).toMatchObject([{ code: 'no-key', model: 'a' }])
})

test('says what can be written, and why not', () => {
  const none = { insert: false, update: false, delete: false }
  const writable = (differing: Partial<CatalogTable>, isReadOnly = false): object =>
    modelOf(described([table('a', ['id', 'name'], differing)], { isReadOnly }), 'a').writable

  expect(writable({})).toEqual({ create: true, update: true, delete: true, reason: null })
  expect(writable({}, true)).toMatchObject({ update: false, reason: 'The database can only be read.' })
  expect(writable({ rights: none, rightsReason: 'No.' })).toMatchObject({ create: false, reason: 'No.' })
  expect(writable({ rights: { ...none, update: true }, rightsReason: 'Not all.' })).toEqual({
    create: false,
    update: true,
    delete: false,
    reason: 'Not all.',
  })
  expect(writable({ primaryKey: [] })).toMatchObject({ create: true, update: false, delete: false })
})

test('makes no record that needs a value which nobody can give', () => {
  const shape = column('shape', { type: 'opaque', dbType: 'geometry' })
  const writable = (one: CatalogColumn, hasInsertTrigger = false): object =>
    modelOf(described([table('a', ['id', one], { hasInsertTrigger })]), 'a').writable

  expect(writable(shape)).toMatchObject({ create: false, update: true })
  expect(writable({ ...shape, type: 'text', isWritable: false })).toMatchObject({ create: false })
  expect(writable({ ...shape, isNullable: true })).toMatchObject({ create: true, reason: null })
  expect(writable({ ...shape, hasDefault: true })).toMatchObject({ create: true })
  expect(writable(shape, true)).toMatchObject({ create: true })
})

test('writes no field that the source computes, forbids or does not know', () => {
  const fields = modelOf(
    described([
      table('a', [
        'id',
        column('plain'),
        column('computed', { isGenerated: true }),
        column('forbidden', { isWritable: false, isNullable: true }),
        column('odd', { type: 'opaque', isNullable: true }),
      ]),
    ]),
    'a',
  ).fields

  expect(fields.filter(({ readonly }) => readonly).map(({ name }) => name)).toEqual([
    'computed',
    'forbidden',
    'odd',
  ])
})

test('takes comments for descriptions and help', () => {
  const schema = described([
    table('a', ['id', column('name', { comment: 'As they say it' })], { comment: 'Who we know' }),
  ])

  expect(modelOf(schema, 'a').description).toBe('Who we know')
  expect(fieldOf(modelOf(schema, 'a'), 'name')?.help).toBe('As they say it')
})

test('keeps field names apart from what forms and objects have of their own', () => {
  const schema = described([table('a', ['id', '_csrf', '_csrf_', 'constructor', 'toString'])])

  expect(modelOf(schema, 'a').fields.map(({ name, column }) => [column, name])).toEqual([
    ['id', 'id'],
    ['_csrf', '_csrf__'],
    ['_csrf_', '_csrf_'],
    ['constructor', 'constructor_'],
    ['toString', 'toString_'],
  ])
})

test('offers tables first, then those that tie others together, then views', () => {
  const tables = [
    table('a_tags', ['a_id', 'tag_id', column('note', { isNullable: true })], {
      primaryKey: ['a_id', 'tag_id'],
      foreignKeys: [to('z', ['a_id']), to('tags', ['tag_id'])],
    }),
    table('lines', ['a_id', 'tag_id', 'quantity'], {
      primaryKey: ['a_id', 'tag_id'],
      foreignKeys: [to('z', ['a_id']), to('tags', ['tag_id'])],
    }),
    table('totals', ['id'], { kind: 'view' }),
    table('tags', ['id']),
    table('z', ['id']),
  ]

  expect(names(described(tables))).toEqual(['lines', 'tags', 'z', 'a_tags', 'totals'])
})

test('groups by schema, by source, and views by themselves', () => {
  const plain = table('a', ['id'])
  const view = table('b', ['id'], { kind: 'view' })
  const inSchema = table('c', ['id'], { schema: 'human_resources' })
  const groups = (schema: Schema): readonly (string | null)[] => schema.models.map(({ group }) => group)

  expect(groups(described([plain, view]))).toEqual([null, 'Views'])
  expect(groups(described([plain, inSchema]))).toEqual([null, 'Human resources'])
  expect(groups(described([inSchema]))).toEqual([null])
  expect(groups(described([plain, inSchema, view], { source: 'crm', prefix: 'crm.' }))).toEqual([
    'Crm',
    'Crm: Human resources',
    'Crm',
  ])
})

test('warns of foreign keys that lead nowhere, and of where they led', () => {
  const leftOut = [{ schema: null, name: 'hidden', code: 'no-right', detail: 'No.' }]
  const tables = [
    table('a', ['id', 'gone_id', 'hidden_id'], {
      foreignKeys: [to('gone', ['gone_id']), to('hidden', ['hidden_id'])],
    }),
  ]
  const { models, warnings } = described(tables, {}, { leftOut })

  expect(models[0]?.relations).toEqual([])
  expect(warnings).toMatchObject([
    { code: 'no-right', model: 'hidden' },
    { code: 'broken-foreign-key', model: 'a', detail: expect.stringContaining('to no table') },
    {
      code: 'broken-foreign-key',
      model: 'a',
      detail: expect.stringContaining('"hidden", which is left out'),
    },
  ])
})

test('takes two foreign keys of the same columns for one relation', () => {
  const tables = [
    table('people', ['id']),
    table('notes', ['id', 'person_id'], {
      foreignKeys: [to('people', ['person_id']), to('people', ['person_id'])],
    }),
  ]

  expect(modelOf(described(tables), 'notes').relations).toHaveLength(1)
  expect(modelOf(described(tables), 'people').relations).toHaveLength(1)
})

test('tells two tables apart whose names differ in case alone', () => {
  const tables = [
    table('Users', ['id']),
    table('users', ['id']),
    table('notes', ['id', 'user_id'], { foreignKeys: [to('users', ['user_id'])] }),
  ]
  const schema = described(tables)

  expect(modelOf(schema, 'notes').relations).toMatchObject([{ target: 'users' }])
  expect(modelOf(schema, 'Users').relations).toEqual([])
})

test('shows the notes of the engine at their models', () => {
  const about = { schema: 'crm', name: 'notes' }
  const notes = [
    { table: about, column: 'body', code: 'no-right', detail: 'No.' },
    { table: null, column: null, code: 'no-right', detail: 'None at all.' },
  ]
  const { warnings } = described([table('a', ['id'])], {}, { notes })

  expect(warnings).toEqual([
    { code: 'no-right', model: 'crm.notes', field: 'body', detail: 'No.' },
    { code: 'no-right', model: null, field: null, detail: 'None at all.' },
  ])
})

test('takes the own tables by their own names, with types by their columns', () => {
  const own = asOwn(
    table('person', ['id', 'created_at', 'is_active', 'methods', 'at', 'name'], { schema: 'castellan' }),
  )
  const [model] = described([own], { tables: 'own' }).models

  expect(model?.name).toBe('castellan.person')
  expect(model?.fields.map(({ name, type }) => [name, type])).toEqual([
    ['id', 'int'],
    ['created_at', 'timestamptz'],
    ['is_active', 'bool'],
    ['methods', 'json'],
    ['at', 'text'],
    ['name', 'text'],
  ])
})

test.each<[string, CatalogTable]>([
  ['a column', table('a', ['id', 'name', 'more'])],
  ['the type of a column', table('a', ['id', column('name', { dbType: 'varchar(9)' })])],
  ['what a column may hold', table('a', ['id', column('name', { isNullable: true })])],
  ['the choices of a column', table('a', ['id', column('name', { choices: ['a'] })])],
  ['the key', table('a', ['id', 'name'], { primaryKey: ['name'] })],
  [
    'an index',
    table('a', ['id', 'name'], {
      indexes: [{ name: 'i', columns: ['id'], isUnique: false, isPartial: false }],
    }),
  ],
  ['a foreign key', table('a', ['id', 'name'], { foreignKeys: [to('a', ['name'])] })],
  ['a check', table('a', ['id', 'name'], { definition: 'CHECK (id > 0)' })],
  ['the name', table('b', ['id', 'name'])],
])('changes the fingerprint with %s', (_, changed) => {
  const before = described([table('a', ['id', 'name'])]).fingerprint

  expect(described([table('a', ['id', 'name'])]).fingerprint).toBe(before)
  expect(described([changed]).fingerprint).not.toBe(before)
})

test('leaves records, rights and comments out of the fingerprint', () => {
  const rights = { insert: false, update: false, delete: false }
  const other = table('a', ['id', column('name', { comment: 'x', isWritable: false })], {
    rows: 10_000_000,
    rights,
    rightsReason: 'No.',
    comment: 'x',
  })

  expect(described([other]).fingerprint).toBe(described([table('a', ['id', 'name'])]).fingerprint)
})

test('finds tables of links, and takes none for one that says more', () => {
  const links = (
    columns: readonly (string | CatalogColumn)[],
    differing: Partial<CatalogTable> = {},
  ): CatalogTable =>
    table('links', columns, {
      primaryKey: ['post_id', 'tag_id'],
      foreignKeys: [to('posts', ['post_id']), to('tags', ['tag_id'])],
      ...differing,
    })
  const found = (one: CatalogTable): readonly string[] => {
    const { models } = described([table('posts', ['id', 'title']), table('tags', ['id', 'name']), one])
    return models.flatMap(({ name, relations }) =>
      relations.filter(({ kind }) => kind === 'many-to-many').map((relation) => `${name}.${relation.name}`),
    )
  }
  const both = ['posts.tags', 'tags.posts']
  const made = column('made_at', { type: 'timestamp', hasDefault: true })
  const unique = { name: 'u', columns: ['post_id', 'tag_id'], isUnique: true, isPartial: false }

  expect(found(links(['post_id', 'tag_id']))).toEqual(both)
  expect(found(links(['post_id', 'tag_id', made]))).toEqual(both)
  expect(
    found(
      links([column('id', { hasDefault: true }), 'post_id', 'tag_id'], {
        primaryKey: ['id'],
        indexes: [unique],
      }),
    ),
  ).toEqual(both)
  expect(found(links(['post_id', 'tag_id', column('amount', { hasDefault: true })]))).toEqual([])
  expect(found(links(['post_id', 'tag_id', 'note']))).toEqual([])
  expect(found(links(['post_id', 'tag_id'], { primaryKey: ['post_id'] }))).toEqual([])
  expect(
    found(links([column('id', { hasDefault: true }), 'post_id', 'tag_id'], { primaryKey: ['id'] })),
  ).toEqual([])
  expect(
    found(
      links(['post_id', 'tag_id'], {
        foreignKeys: [to('posts', ['post_id']), to('tags', ['tag_id']), to('tags', ['post_id'])],
      }),
    ),
  ).toEqual([])
})

test('calls links between records of one table after what they lead to', () => {
  const schema = described([
    table('people', ['id', 'name']),
    table('follows', ['follower_id', 'followed_id'], {
      primaryKey: ['follower_id', 'followed_id'],
      foreignKeys: [to('people', ['follower_id']), to('people', ['followed_id'])],
    }),
  ])

  expect(modelOf(schema, 'people').relations.filter(({ kind }) => kind === 'many-to-many')).toMatchObject([
    { name: 'followed', label: 'Followed', through: { from: ['follower_id'], to: ['followed_id'] } },
    { name: 'follower', label: 'Follower', through: { from: ['followed_id'], to: ['follower_id'] } },
  ])
})
