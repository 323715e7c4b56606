import { expect, test } from 'vitest'
import { field, model } from '../model/fixture.ts'
import { applyOverlay } from './apply-overlay.ts'
import type { Schema } from './data-source.ts'
import type { FieldOverlay, ModelOverlay } from './overlay.ts'

const PLAIN: FieldOverlay = {
  column: '',
  property: null,
  help: null,
  choices: null,
  isHidden: false,
  sensitivity: null,
  maxLength: null,
  readonlyReason: null,
}
const BARE: ModelOverlay = {
  schema: null,
  table: 'orders',
  entity: null,
  description: null,
  fields: [],
  relations: [],
  softDeleteColumn: null,
  codeOnWrite: [],
}

const schema: Schema = {
  fingerprint: '',
  models: [
    model('orders', [
      field('id', 'bigint'),
      field('note', 'text', { maxLength: 40, hidden: true }),
      field('customer_id', 'bigint'),
    ]),
    model('archive.orders', [field('id', 'bigint')], { table: 'orders', schema: 'archive' }),
    model('customers', [field('id', 'bigint'), field('region', 'text')], { key: ['id'] }),
  ],
  warnings: [],
  rows: new Map(),
}

function laid(one: Partial<ModelOverlay>, writes: 'refuse' | 'sql' = 'refuse') {
  const { models, warnings } = applyOverlay(schema, { from: 'ORM', models: [{ ...BARE, ...one }] }, writes)
  return { orders: models[0], archived: models[1], warnings: warnings.map(({ code }) => code) }
}

test('names one table and not its namesake in another schema', () => {
  const { orders, archived } = laid({ entity: 'PurchaseOrder', schema: 'public' })

  expect(orders?.label).toBe('Purchase order')
  expect(archived?.label).not.toBe('Purchase order')
  expect(laid({ entity: 'Old', schema: 'archive' }).orders?.label).not.toBe('Old')
})

test('knows the schema that bare names lead to by its own name', () => {
  const users = (schema: string | null): Schema['models'][number] =>
    model(schema ? `${schema}.users` : 'users', [field('id', 'bigint'), field('note', 'text')], {
      table: 'users',
      schema,
    })
  const hides = (said: string | null, defaultSchema?: string): readonly string[] => {
    const fields = [{ ...PLAIN, column: 'note', isHidden: true }]
    const { models } = applyOverlay(
      { ...schema, models: [users(null), users('public')], ...(defaultSchema && { defaultSchema }) },
      { from: 'ORM', models: [{ ...BARE, table: 'users', schema: said, fields }] },
      'refuse',
    )
    return models.filter((one) => one.fields[1]?.hidden).map(({ name }) => name)
  }

  expect(hides('app', 'app')).toEqual(['users'])
  expect(hides(null, 'app')).toEqual(['users'])
  expect(hides('public', 'app')).toEqual(['public.users'])
  expect(hides('archive', 'app')).toEqual([])
})

test('guards more than the database is known to need, and never less', () => {
  const said = (known: 'internal' | 'secret', overlaid: 'public' | 'personal' | 'secret') => {
    const models = [model('orders', [field('note', 'text', { sensitivity: known })])]
    const fields = [{ ...PLAIN, column: 'note', sensitivity: overlaid }]
    const laidOver = applyOverlay(
      { ...schema, models },
      { from: 'ORM', models: [{ ...BARE, fields }] },
      'refuse',
    )
    return laidOver.models[0]?.fields[0]?.sensitivity
  }

  expect([said('secret', 'public'), said('secret', 'personal')]).toEqual(['secret', 'secret'])
  expect([said('internal', 'secret'), said('internal', 'public')]).toEqual(['secret', 'internal'])
})

test('never shows what is hidden, nor takes more than the column holds', () => {
  const { orders } = laid({ fields: [{ ...PLAIN, column: 'note', isHidden: false, maxLength: 400 }] })

  expect(orders?.fields[1]).toMatchObject({ hidden: true, maxLength: 40 })
})

test('relates what no foreign key does', () => {
  const relation = { name: 'buyer', kind: 'one', targetSchema: null, targetTable: 'customers' } as const
  const { orders } = laid({ relations: [{ ...relation, from: ['customer_id'], to: ['id'] }] })

  expect(orders?.relations).toMatchObject([{ name: 'buyer', target: 'customers', from: ['customer_id'] }])
})

test('relates nothing to several records as if they were one', () => {
  const relation = { name: 'area', kind: 'one', targetSchema: null, targetTable: 'customers' } as const
  const { orders, warnings } = laid({ relations: [{ ...relation, from: ['note'], to: ['region'] }] })
  const many = laid({ relations: [{ ...relation, kind: 'many', from: ['note'], to: ['region'] }] })

  expect([orders?.relations, warnings]).toEqual([[], ['unknown-relation']])
  expect(many.orders?.relations).toMatchObject([{ name: 'area', kind: 'many' }])
})

test('says what the database does not have', () => {
  const relation = {
    name: 'x',
    kind: 'one',
    targetSchema: null,
    targetTable: 'nothing',
    from: ['id'],
    to: ['id'],
  } as const

  expect(laid({ table: 'gone' }).warnings).toEqual(['unknown-table'])
  expect(laid({ fields: [{ ...PLAIN, column: 'gone' }] }).warnings).toEqual(['unknown-column'])
  expect(laid({ relations: [relation] }).warnings).toEqual(['unknown-relation'])
})

test('keeps what code writes read-only until its owner chooses', () => {
  const codeOnWrite = ['the hook beforeUpdate']

  expect(laid({ codeOnWrite }).orders?.writable).toMatchObject({
    create: false,
    update: false,
    delete: false,
  })
  expect(laid({ codeOnWrite }).orders?.writable.reason).toContain('the hook beforeUpdate')
  expect(laid({ codeOnWrite }, 'sql').orders?.writable).toMatchObject({ create: true, reason: null })
})
