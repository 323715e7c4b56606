/** When hooks are asked, and what counts as a yes. What follows for pages and API is in test/attack. */

import { afterEach, expect, test, vi } from 'vitest'
import { compileOwnActions } from '../actions/own-action.ts'
import { AdminError } from '../errors.ts'
import { field, model } from '../model/fixture.ts'
import type { Hooks } from '../model/hook.ts'
import type { Model } from '../model/model.ts'
import type { ModelOptions } from '../model/options.ts'
import { refine } from '../model/refine.ts'
import type { Rule } from '../policy/document.ts'
import { openWorld, type World } from './fixture.ts'
import { type Asking, askHooks, unasked } from './hooks.ts'
import { defineAction } from './own-action.ts'

afterEach(() => {
  vi.useRealTimers()
})

const ALL: Rule = { id: 'all', effect: 'permit', roles: ['support'], actions: ['*.*'] }

const ASKING: Asking = {
  principal: {
    subject: { kind: 'person', id: 'ana', roles: [], attributes: {}, limitedTo: null },
    name: 'Ana',
    email: null,
    authentication: { methods: [], assurance: 2, at: 0 },
    sessionHash: null,
    sessionId: null,
    timeZone: 'UTC',
    locale: 'en',
  },
  origin: {
    id: 'request-1',
    traceparent: null,
    address: '',
    addressChain: [],
    userAgent: null,
    method: 'GET',
    route: '/',
  },
  now: 0,
}

function orders(hooks: Hooks): {
  readonly models: ReadonlyMap<string, Model>
  readonly asked: { model: Model; isWhole: boolean }[]
} {
  const [found] = refine([model('orders', [field('id', 'int')])], { orders: hooks }, { icons: [] })
  if (!found) throw new Error('There is no model.')
  return { models: new Map([['orders', found]]), asked: [{ model: found, isWhole: true }] }
}

test('refuses everything that has a hook before any was asked', () => {
  const { models } = orders({ hasChangePermission: () => true })
  const narrowing = unasked({ models })

  expect(narrowing.refusal('orders.update')).toEqual({ model: 'orders', hook: 'hasChangePermission' })
  expect(narrowing.refusal('orders.list')).toBeNull()
})

test('gives a hook five seconds', async () => {
  vi.useFakeTimers()
  const errors: unknown[] = []
  const { models, asked } = orders({ hasDeletePermission: () => new Promise(() => undefined) })

  const asking = askHooks({ models, onHookError: (error) => errors.push(error) }, ASKING, asked)
  await vi.advanceTimersByTimeAsync(5_000)

  expect((await asking).refusal('orders.delete')).toMatchObject({ hook: 'hasDeletePermission' })
  expect(String(errors[0])).toContain('hasDeletePermission of orders took longer than 5000 ms')
})

test('asks no other hook of a model that is not accessible', async () => {
  const hasAddPermission = vi.fn(() => true)
  const { models, asked } = orders({ isAccessible: () => false, hasAddPermission })

  const narrowing = await askHooks({ models }, ASKING, asked)

  expect(hasAddPermission).not.toHaveBeenCalled()
  for (const verb of ['list', 'read', 'create', 'history', 'refund', 'export']) {
    expect(narrowing.refusal(`orders.${verb}`), verb).toEqual({ model: 'orders', hook: 'isAccessible' })
  }
})

const NARROWED: Readonly<Record<string, readonly string[]>> = {
  hasAddPermission: ['create', 'import'],
  hasChangePermission: ['import', 'revert', 'update'],
  hasDeletePermission: ['delete', 'purge', 'restore'],
  hasExportPermission: ['export'],
}

test.each(Object.entries(NARROWED))('%s narrows its verbs and no other', async (hook, verbs) => {
  const { models, asked } = orders({ [hook]: () => false })
  const narrowing = await askHooks({ models }, ASKING, asked)

  const all = [
    'list',
    'read',
    'create',
    'update',
    'delete',
    'restore',
    'purge',
    'reveal',
    'export',
    'import',
    'history',
    'revert',
    'refund',
  ]
  expect(all.filter((verb) => narrowing.refusal(`orders.${verb}`) !== null).sort()).toEqual(verbs)
})

async function withOptions(
  options: Readonly<Record<string, ModelOptions>>,
  rules: readonly Rule[] = [ALL],
): Promise<World> {
  return openWorld({ rules, options })
}

test('asks once without and once with the record, inside of the transaction', async () => {
  const records: (string | null)[] = []
  await using world = await withOptions({
    orders: {
      hasChangePermission({ record }) {
        records.push(record && String(record['note']))
        return true
      },
    },
  })

  await world.gate.perform(world.call('orders.update', { key: '1', input: { values: { note: 'new' } } }))

  expect(records).toEqual([null, 'first'])
})

test('asks nothing where the policy refuses already', async () => {
  const isAccessible = vi.fn(() => true)
  await using world = await withOptions({ orders: { isAccessible } }, [
    { ...ALL, actions: ['orders.list', 'orders.read'] },
  ])

  await expect(
    world.gate.perform(world.call('orders.delete', { key: '1', input: null })),
  ).rejects.toMatchObject({ code: 'denied' })
  expect(isAccessible).not.toHaveBeenCalled()
})

test('tells whoever runs the application of an error, by the id of the request', async () => {
  const told: unknown[] = []
  await using world = await openWorld({
    rules: [ALL],
    options: {
      orders: {
        hasDeletePermission: () => {
          throw new Error('the rights service is down')
        },
      },
    },
    replace: (parts) => ({
      ...parts,
      onHookError: (error, { requestId }) => told.push([String(error), requestId]),
    }),
  })

  await expect(
    world.gate.perform(world.call('orders.delete', { key: '1', input: null })),
  ).rejects.toMatchObject({
    code: 'denied',
    message: 'orders.delete refused: hasDeletePermission of "orders" does not permit it.',
  })
  expect(told).toEqual([['Error: the rights service is down', 'request-1']])
})

test('hides what it refuses once the hooks have been asked, and everything before', async () => {
  await using world = await withOptions({
    orders: { isAccessible: () => true, hasAddPermission: () => false },
  })
  const ana = world.as()
  const may = (verb: string): boolean => world.gate.isPossible(ana, `orders.${verb}`, '192.0.2.1')
  expect([may('list'), may('create')]).toEqual([false, false])

  await world.gate.settle(ana, world.call('orders.list').origin)

  expect([may('list'), may('create')]).toEqual([true, false])
  expect(world.gate.writable(ana, 'orders', 'create', '192.0.2.1')).toEqual([])
  expect(world.gate.writable(ana, 'orders', 'update', '192.0.2.1')).toContain('note')
  expect(world.gate.refusal(ana, 'orders.create', '192.0.2.1')).toMatchObject({ code: 'denied' })
  expect(world.gate.refusal(ana, 'orders.list', '192.0.2.1')).toBeNull()
})

const settle = defineAction({
  name: 'settle',
  label: 'Settle',
  on: 'record',
  run: ({ target }) => target.update({ status: 'paid' }),
})
const settleAll = defineAction({
  name: 'settle-all',
  label: 'Settle all',
  on: 'model',
  async run({ records }) {
    await records.update('orders', '1', { status: 'paid' })
  },
})

async function withActions(orders: ModelOptions): Promise<World> {
  const plain = model('orders', [field('id', 'int')], { source: 'application' })
  const { actions } = compileOwnActions(plain, [settle, settleAll], new Map([['orders', plain]]))
  return openWorld({ rules: [ALL], options: { orders }, actions })
}
const statusOf = async (world: World): Promise<unknown> =>
  (await world.sql('select status from orders where id = 1'))[0]?.['status']

test('an action of the application changes its record although the model only allows viewing', async () => {
  await using world = await withActions({ allowedActions: ['view'] })

  await world.gate.perform(world.call('orders.settle', { key: '1', input: {} }))

  expect(await statusOf(world)).toBe('paid')
})

test('what an action does beside its record is held to the hooks and options like a call of its own', async () => {
  for (const options of [{ hasChangePermission: () => false }, { allowedActions: ['view'] }] as const) {
    await using world = await withActions(options)

    await expect(world.gate.perform(world.call('orders.settle-all', { input: {} }))).rejects.toBeInstanceOf(
      AdminError,
    )
    expect(await statusOf(world)).toBe('open')
  }
})

test('control: without them it does', async () => {
  await using world = await withActions({})

  await world.gate.perform(world.call('orders.settle-all', { input: {} }))

  expect(await statusOf(world)).toBe('paid')
})

test('an action of a model that is not accessible is refused', async () => {
  await using world = await withActions({ isAccessible: () => false })

  await expect(
    world.gate.perform(world.call('orders.settle', { key: '1', input: {} })),
  ).rejects.toMatchObject({ code: 'denied' })
})

test('code that fails to work a field out is a bug, and told as one', async () => {
  const value = (): never => {
    throw new Error('no')
  }
  await using world = await withOptions({
    orders: { fields: { age: { computed: { from: ['id'], value } } } },
  })

  await expect(world.gate.perform(world.call('orders.read', { key: '1' }))).rejects.toThrow(
    'models.orders.fields.age.computed failed.',
  )
})
