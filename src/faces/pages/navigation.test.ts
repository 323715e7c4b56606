import { expect, test } from 'vitest'
import type { PageContext } from './context.ts'
import { navigationOf } from './navigation.ts'

interface Options {
  readonly models?: readonly { readonly name: string; readonly group?: string; readonly icon?: string }[]
  readonly isPossible?: (action: string) => boolean
}

/** A page over these models, whose reader may do what `isPossible` says. */
function page({ models = [], isPossible = () => true }: Options): PageContext {
  const all = models.map(({ name, group = null, icon = null }) => [
    name,
    { name, group, icon, labelPlural: name.charAt(0).toUpperCase() + name.slice(1) },
  ])
  return {
    principal: {},
    c: { get: () => ({ address: '' }) },
    house: {
      gate: {
        models: new Map(all as []),
        isPossible: (_principal: unknown, action: string) => isPossible(action),
      },
    },
  } as unknown as PageContext
}

test('lists only what could be permitted', () => {
  const groups = navigationOf(
    page({
      models: [{ name: 'orders' }, { name: 'salaries' }],
      isPossible: (action) => action === 'orders.list' || action === 'castellan.audit.list',
    }),
  )

  expect(groups.map((group) => [group.label, group.entries.map((entry) => entry.path)])).toEqual([
    [null, ['/']],
    ['Records', ['/m/orders']],
    ['Security', ['/audit']],
  ])
})

test('leaves out the models of its own and a group with nothing in it', () => {
  const groups = navigationOf(
    page({
      models: [{ name: 'castellan.people' }],
      isPossible: (action) => action.startsWith('castellan.people'),
    }),
  )

  expect(groups.map((group) => group.label)).toEqual([null, 'Security'])
})

test('keeps the groups that models name, in the order they come', () => {
  const groups = navigationOf(
    page({
      models: [
        { name: 'orders', group: 'Commerce' },
        { name: 'tags', group: 'Catalogue' },
        { name: 'customers', group: 'Commerce' },
      ],
    }),
  )

  expect(groups[1]).toMatchObject({
    label: 'Commerce',
    entries: [{ path: '/m/orders' }, { path: '/m/customers' }],
  })
  expect(groups[2]).toMatchObject({ label: 'Catalogue' })
})

test('gives every place a letter of its own, while there are letters', () => {
  const models = [{ name: 'orders' }, { name: 'order_items' }, { name: 'a' }, { name: 'addresses' }]

  const keys = navigationOf(page({ models })).flatMap((group) => group.entries.map((entry) => entry.goKey))

  expect(keys).toEqual(['d', 'o', 'e', null, null, 'a', 'p', 'r', 's', 'k'])
})

test('draws what a name usually means, and takes the icon that was chosen', () => {
  const models = [
    { name: 'orders' },
    { name: 'widgets' },
    { name: 'parts', icon: 'boxes' },
    { name: 'x', icon: 'no such' },
  ]

  const icons = navigationOf(page({ models }))[1]?.entries.map((entry) => entry.icon)

  expect(icons).toEqual(['shopping-cart', 'table-2', 'boxes', 'table-2'])
})
