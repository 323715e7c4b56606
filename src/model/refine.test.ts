/** What options may say, and what they are told when they can't. */

import { expect, test } from 'vitest'
import { z } from 'zod'
import { AdminError, type Mistake } from '../errors.ts'
import { field, model } from './fixture.ts'
import type { Model } from './model.ts'
import type { ModelOptions } from './options.ts'
import { refine } from './refine.ts'
import { isAllowed, isTyped } from './refined.ts'

const CUSTOMERS = model(
  'customers',
  [
    field('id', 'int', { generated: true }),
    field('name'),
    field('tax_number', 'text', { sensitivity: 'personal' }),
    field('password_hash', 'text', { sensitivity: 'secret' }),
    field('photo', 'bytes'),
    field('deleted_at', 'timestamp', { nullable: true, readonly: true }),
  ],
  {
    title: ['name'],
    list: {
      columns: ['name'],
      filters: ['name'],
      search: ['name'],
      sort: [{ field: 'name', direction: 'asc' }],
      perPage: 50,
    },
    softDelete: { field: 'deleted_at', kind: 'instant' },
  },
)
const ORDERS = model(
  'orders',
  [
    field('id', 'int'),
    field('customer_id', 'int', { label: 'Customer' }),
    field('status', 'enum', {
      choices: [
        { value: 'open', label: 'Open' },
        { value: 'paid', label: 'Paid' },
      ],
    }),
    field('total', 'decimal', { scale: 2 }),
    field('version', 'int'),
    field('made_by'),
    field('removed', 'bool'),
  ],
  {
    relations: [
      {
        name: 'customer',
        label: 'Customer',
        kind: 'one',
        target: 'customers',
        from: ['customer_id'],
        to: ['id'],
        onDelete: 'restrict',
      },
    ],
    list: {
      columns: ['id', 'status'],
      filters: ['status', 'total'],
      search: ['customer.name'],
      sort: [],
      perPage: 50,
    },
  },
)
const VIEW = model('totals', [field('sum', 'decimal')], {
  kind: 'view',
  writable: { create: false, update: false, delete: false, reason: 'It is a view.' },
})
const MODELS = [CUSTOMERS, ORDERS, VIEW]

/** As an application without types would write it. */
type Loose = Readonly<Record<string, unknown>>

function refined(options: Readonly<Record<string, ModelOptions>>): ReadonlyMap<string, Model> {
  return new Map(refine(MODELS, options, { icons: ['truck', 'users'] }).map((one) => [one.name, one]))
}

function orders(options: ModelOptions): Model {
  const found = refined({ orders: options }).get('orders')
  if (!found) throw new Error('There is no such model.')
  return found
}

function mistakes(options: Loose): readonly Mistake[] {
  try {
    refine(MODELS, options as Readonly<Record<string, ModelOptions>>, { icons: ['truck', 'users'] })
  } catch (error) {
    if (error instanceof AdminError) return error.mistakes
    throw error
  }
  return []
}

const told = (options: Loose): readonly string[] =>
  mistakes(options).map(({ id, place, problem, remedy }) => `${id} ${place}: ${problem} ${remedy}`)

const WRONG: readonly (readonly [string, Loose, string])[] = [
  ['a model', { order: {} }, 'M301 models.order: there is no model "order". Did you mean "orders"?'],
  [
    'a model of ours',
    { 'castellan.people': {} },
    "M301 models.castellan.people: Castellan's own models are not set up by options. Leave it out.",
  ],
  [
    'an option',
    { orders: { lable: 'x' } },
    'M302 models.orders.lable: there is no such option. Did you mean "label"?',
  ],
  [
    'an option within',
    { orders: { list: { colums: [] } } },
    'M302 models.orders.list.colums: there is no such option. Did you mean "columns"?',
  ],
  [
    'an option of a field',
    { orders: { fields: { total: { hiden: true } } } },
    'M302 models.orders.fields.total.hiden: there is no such option. Did you mean "hidden"?',
  ],
  [
    'an option that is planned',
    { orders: { list: { savedViews: [] } } },
    'M303 models.orders.list.savedViews: this option is not honoured yet. Leave it out.',
  ],
  [
    'tabs',
    { orders: { form: { update: { tabs: [] } } } },
    'M303 models.orders.form.update.tabs: this option is not honoured yet. Leave it out.',
  ],
  [
    'rows of what is one',
    { orders: { relations: { customer: { inline: true } } } },
    'M309 models.orders.relations.customer.inline: "customer" is no relation to many, so it has no rows. Leave it out.',
  ],
  [
    'a field that says whose row it is',
    {
      customers: {
        relations: {
          orders: {
            kind: 'many',
            target: 'orders',
            from: 'id',
            to: 'customer_id',
            inline: { fields: ['customer_id'] },
          },
        },
      },
    },
    'M309 models.customers.relations.orders.inline.fields[0]: "customer_id" says which record the row belongs to, so nobody types it.',
  ],
  [
    'an order that is none',
    {
      customers: {
        relations: {
          orders: {
            kind: 'many',
            target: 'orders',
            from: 'id',
            to: 'customer_id',
            inline: { order: 'total' },
          },
        },
      },
    },
    'M309 models.customers.relations.orders.inline.order: "total" is of the type decimal; an order is a whole number.',
  ],
  [
    'a tree of two models',
    { orders: { relations: { customer: { tree: true } } } },
    'M309 models.orders.relations.customer.tree: "customer" does not lead from one record of "orders" to another.',
  ],
  [
    'a number',
    { orders: { list: { perPage: 500 } } },
    'M304 models.orders.list.perPage: must be at most 200. Change it, or leave it out.',
  ],
  [
    'a word',
    { orders: { allowedActions: ['view', 'destroy'] } },
    'M304 models.orders.allowedActions[1]: must be one of "view", "create", "update", "delete", "export", "import". Change it, or leave it out.',
  ],
  [
    'no function',
    { orders: { isAccessible: true } },
    'M304 models.orders.isAccessible: must be a function. Change it, or leave it out.',
  ],
  [
    'no schema',
    { orders: { fields: { total: { validate: {} } } } },
    'M304 models.orders.fields.total.validate: must be a schema of zod 4. Change it, or leave it out.',
  ],
  [
    'a column',
    { orders: { list: { columns: ['id', 'totl'] } } },
    'M305 models.orders.list.columns[1]: "orders" has no field "totl". Did you mean "total"?',
  ],
  ['a title', { orders: { title: 'nam' } }, 'M305 models.orders.title: "orders" has no field "nam".'],
  [
    'a field',
    { orders: { fields: { totl: { label: 'x' } } } },
    'M305 models.orders.fields.totl: "orders" has no field "totl". Did you mean "total"? A new one needs "computed".',
  ],
  [
    'a field of a schema',
    { orders: { create: z.object({ totl: z.string() }) } },
    'M305 models.orders.create.totl: "orders" has no field "totl". Did you mean "total"?',
  ],
  [
    'a sort',
    { orders: { list: { sort: ['-totl'] } } },
    'M305 models.orders.list.sort[0]: "orders" has no field "totl". Did you mean "total"?',
  ],
  [
    'a relation',
    { orders: { relations: { custmer: { label: 'x' } } } },
    'M306 models.orders.relations.custmer: "orders" has no relation "custmer". Did you mean "customer"? A new one needs "target", "from" and "to".',
  ],
  [
    'a search over a relation',
    { orders: { list: { search: ['custmer.name'] } } },
    'M306 models.orders.list.search[0]: "custmer" is no relation of "orders" to one record. Did you mean "customer"?',
  ],
  [
    'a relation to no one record',
    { orders: { relations: { other: { target: 'customers', from: 'made_by', to: 'name' } } } },
    'M306 models.orders.relations.other.to: several records of "customers" may have the same name.',
  ],
  [
    'a relation of unlike fields',
    { orders: { relations: { other: { target: 'customers', from: 'made_by', to: 'id' } } } },
    'M306 models.orders.relations.other: "made_by" is of the type text, and "id" of the type int.',
  ],
  [
    'a foreign key told again',
    { orders: { relations: { customer: { target: 'customers' } } } },
    'M307 models.orders.relations.customer.target: the database itself says where "customer" leads.',
  ],
  [
    'what a view cannot',
    { totals: { allowedActions: ['view', 'update'] } },
    'M307 models.totals.allowedActions[1]: "update" is not possible: It is a view.',
  ],
  [
    'a choice the database does not take',
    { orders: { fields: { status: { choices: ['open', 'pad'] } } } },
    'M307 models.orders.fields.status.choices[1]: the database takes no "pad". Did you mean "paid"?',
  ],
  [
    'a number made writable',
    { customers: { fields: { id: { readonly: false } } } },
    'M307 models.customers.fields.id.readonly: "id" cannot be written: the database itself fills it in.',
  ],
  [
    'stamps that nobody writes',
    { orders: { stamped: ['made_by'] } },
    'M307 models.orders.stamped: nothing writes these fields without "prepare".',
  ],
  [
    'an answer to no question',
    { orders: { inaccessible: () => null } },
    'M307 models.orders.inaccessible: nothing refuses a visitor without "isAccessible".',
  ],
  [
    'a default for a field that is not offered',
    { orders: { form: { create: { readonly: ['total'], defaults: { total: '1.00' } } } } },
    'M307 models.orders.form.create.defaults.total: "total" of "orders" is not offered in the form.',
  ],
  [
    'a secret key',
    { orders: { fields: { id: { sensitivity: 'secret' } } } },
    'M308 models.orders.fields.id.sensitivity: "id" names the record in every address, so it cannot be secret.',
  ],
  [
    'a hidden key',
    { orders: { fields: { id: { hidden: true } } } },
    'M308 models.orders.fields.id.hidden: "id" names the record in every address, so it cannot be hidden.',
  ],
  [
    'a personal computed field',
    { orders: { fields: { x: { sensitivity: 'personal', computed: { from: [], value: () => null } } } } },
    'M308 models.orders.fields.x.sensitivity: a computed field cannot be personal',
  ],
  [
    'a secret column',
    { customers: { list: { columns: ['password_hash'] } } },
    'M309 models.customers.list.columns[0]: "password_hash" is secret, so nobody reads it.',
  ],
  [
    'a masked filter',
    { customers: { list: { filters: ['tax_number'] } } },
    'M309 models.customers.list.filters[0]: "tax_number" is personal, so it is masked.',
  ],
  [
    'a computed sort',
    { orders: { fields: { x: { computed: { from: ['id'], value: () => 1 } } }, list: { sort: ['x'] } } },
    'M309 models.orders.list.sort[0]: "x" is computed, so the database knows nothing of it.',
  ],
  [
    'a computed title',
    { orders: { fields: { x: { computed: { from: ['id'], value: () => 1 } } }, title: 'x' } },
    'M309 models.orders.title: "x" is computed',
  ],
  [
    'computing from a secret',
    { customers: { fields: { x: { computed: { from: ['password_hash'], value: () => 1 } } } } },
    'M309 models.customers.fields.x.computed.from[0]: "password_hash" is secret, so nobody reads it.',
  ],
  [
    'a mark that marks nothing',
    { orders: { softDelete: { field: 'total' } } },
    'M309 models.orders.softDelete.field: "total" is of the type decimal; a mark is true or false, or an instant.',
  ],
  [
    'a version that counts nothing',
    { orders: { concurrency: 'made_by' } },
    'M309 models.orders.concurrency: "made_by" is of the type text; it takes a whole number or an instant.',
  ],
  [
    'a widget',
    { orders: { fields: { total: { widget: 'email' } } } },
    'M309 models.orders.fields.total.widget: "email" is for text without choices.',
  ],
  [
    'a drawing',
    { orders: { icon: 'truk' } },
    'M310 models.orders.icon: there is no drawing "truk". Did you mean "truck"?',
  ],
  [
    'a schema of no object',
    { orders: { create: z.string() } },
    'M311 models.orders.create: is no schema of an object.',
  ],
  [
    'a schema that is worked over',
    { orders: { create: z.object({}).transform(() => 1) } },
    'M311 models.orders.create: is no schema of an object.',
  ],
  [
    'a rule over fields that a change may not bring',
    { orders: { update: z.object({ total: z.string(), made_by: z.string() }).refine(() => true) } },
    'M311 models.orders.update: has a rule over several fields, and a change brings only those that changed.',
  ],
]

test.each(WRONG)('refuses %s that is wrong, with its place and a remedy', (_, options, expected) => {
  const found = told(options)

  expect(found).toHaveLength(1)
  expect(found[0]).toContain(expected)
})

test('tells every mistake at once', () => {
  const found = mistakes({
    order: {},
    orders: { title: 'nam', list: { columns: ['totl'], filters: ['x', 'y'] } },
    customers: { lable: 1 },
  })

  expect(found.map(({ id }) => id)).toEqual(['M301', 'M302', 'M305', 'M305', 'M305', 'M305'])
})

test('leaves a model as it is that nobody speaks of', () => {
  expect(refined({ orders: { label: 'X' } }).get('customers')).toBe(CUSTOMERS)
})

test('drops what was guessed of a field that is closed, and opens what is opened', () => {
  const closed = orders({ fields: { status: { hidden: true }, total: { sensitivity: 'personal' } } })
  expect(closed.list).toMatchObject({ columns: ['id'], filters: [] })

  const opened = refined({ customers: { fields: { tax_number: { sensitivity: 'internal' } } } }).get(
    'customers',
  )
  expect(opened?.list.filters).toEqual(['name', 'tax_number'])
})

test('calls the field of a relation after it, unless the field has a name of its own', () => {
  const label = (options: ModelOptions): string | undefined =>
    orders(options).fields.find(({ name }) => name === 'customer_id')?.label

  expect(label({ relations: { customer: { label: 'Buyer' } } })).toBe('Buyer')
  expect(
    label({ relations: { customer: { label: 'Buyer' } }, fields: { customer_id: { label: 'Bought by' } } }),
  ).toBe('Bought by')
})

test('narrows what can be done to what is allowed, and says why', () => {
  const only = orders({ labelPlural: 'Orders', allowedActions: ['view', 'update'] })

  expect(only.writable).toEqual({
    create: false,
    update: true,
    delete: false,
    reason: 'Orders are set up to allow view and update only.',
  })
  const verbs = [
    'list',
    'read',
    'history',
    'reveal',
    'create',
    'update',
    'delete',
    'restore',
    'purge',
    'export',
    'import',
    'refund',
  ]
  expect(verbs.filter((verb) => isAllowed(only, verb))).toEqual([
    'list',
    'read',
    'history',
    'reveal',
    'update',
    'refund',
  ])
  expect(verbs.filter((verb) => isAllowed(ORDERS, verb))).toEqual(verbs)
})

test('lets nobody type stamps, a count of changes, or what a form or schema leaves out', () => {
  const narrow = orders({
    stamped: ['made_by'],
    prepare: (input) => input,
    concurrency: 'version',
    form: { update: { readonly: ['total'] } },
    create: z.object({ total: z.string(), made_by: z.string() }),
  })
  const typed = (verb: 'create' | 'update'): readonly string[] =>
    narrow.fields.filter((one) => isTyped(narrow, verb, one)).map(({ name }) => name)

  expect(typed('create')).toEqual(['total'])
  expect(typed('update')).toEqual(['id', 'customer_id', 'status', 'removed'])
})

test('takes the mark off a field that marks nothing any more', () => {
  const customers = refined({ customers: { softDelete: false } }).get('customers')

  expect(customers?.softDelete).toBeNull()
  expect(customers?.fields.find(({ name }) => name === 'deleted_at')?.readonly).toBe(false)
})

test('puts models with a place before the others', () => {
  const order = refine(MODELS, { totals: { order: 2 }, orders: { order: 1 } }, { icons: [] })

  expect(order.map(({ name }) => name)).toEqual(['orders', 'totals', 'customers'])
})

test('keeps a schema that takes more than it names open for the other fields', () => {
  const loose = orders({ update: z.looseObject({ total: z.string() }) })

  expect(loose.refined?.update.only).toBeNull()
})
