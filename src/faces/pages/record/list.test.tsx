import { expect, test } from 'vitest'
import type { RecordList } from '../../../gate/records.ts'
import { readListAddress } from './address.ts'
import { filterChips, isSomeIgnored } from './filter-chips.ts'
import { ORDERS, order, page } from './fixture.ts'
import { type ListProps, ListRegion } from './list.tsx'
import { countText, phonePlaces, searchPlaceholder } from './list-view.ts'

const QUERYABLE = ['id', 'customer_id', 'status', 'total', 'placed_at']

const LIST: RecordList = {
  records: [order()],
  page: { next: 'sealed', previous: null },
  count: { value: 10_000, kind: 'at-least' },
  readable: ['id', 'customer_id', 'status', 'total'],
  queryable: QUERYABLE,
}

const ASKABLE = { models: new Map(), queryable: () => new Set(QUERYABLE) }

async function drawn(query: string, differing: Partial<ListProps> = {}): Promise<string> {
  const address = readListAddress(new URLSearchParams(query))
  const chips = filterChips(ORDERS, address.filters, ASKABLE)
  const props: ListProps = {
    page,
    model: ORDERS,
    address,
    list: LIST,
    chips,
    hasIgnoredFilter: isSomeIgnored(chips),
    isTrash: false,
    ...differing,
  }
  return String(await (<ListRegion {...props} />))
}

test('makes the first column the link to the record', async () => {
  const html = await drawn('')

  expect(html).toMatch(/<a class="row-link" href="\/admin\/m\/orders\/7"[^>]*>#7</)
})

test('says how the list is sorted, and asks for the other way round', async () => {
  const html = await drawn('sort=total')

  expect(html).toContain('aria-sort="ascending"')
  expect(html).toContain('href="/admin/m/orders?sort=-total"')
})

test('keeps filters and page size when it goes on, and seals nothing itself', async () => {
  const html = await drawn('f=status:eq:paid&per=100')

  expect(html).toContain('/admin/m/orders?f=status%3Aeq%3Apaid&amp;per=100&amp;cursor=sealed')
})

test('shows a filter that means nothing as an ignored one with its way out', async () => {
  const html = await drawn('f=nonsense')

  expect(html).toContain('Filter ignored')
  expect(html).toContain('aria-label="Remove filter Filter ignored"')
})

test('tells an empty list from one where nothing matches', async () => {
  const none = { ...LIST, records: [], page: { next: null, previous: null } }

  expect(await drawn('q=xyz', { list: none })).toContain('No orders match')
  expect(await drawn('', { list: none })).toContain('No orders yet')
})

test('says a capped count as one', () => {
  const number = (value: number): string => value.toLocaleString('en-US')

  expect(countText(LIST.count, number)).toBe('10,000+ records')
  expect(countText({ value: 1, kind: 'exact' }, number)).toBe('1 record')
  expect(countText(null, number)).toBeNull()
})

test('names what the search looks at, the title and the relations first', () => {
  expect(searchPlaceholder(ORDERS, page.house.gate.models, [...QUERYABLE, 'note'])).toBe(
    'Search ID, customer, note',
  )
  expect(
    searchPlaceholder({ ...ORDERS, list: { ...ORDERS.list, search: [] } }, new Map(), QUERYABLE),
  ).toBeNull()
})

test('gives each column one place on a phone', () => {
  const columns = ['id', 'customer_id', 'status', 'channel', 'total'].map(
    (name) => ORDERS.fields.find((field) => field.name === name) ?? ORDERS.fields[0],
  )

  expect(
    phonePlaces(
      ORDERS,
      columns.filter((field) => field !== undefined),
    ),
  ).toEqual(['title', 'subtitle', 'status', 'hidden', 'value'])
})
