import { expect, test } from 'vitest'
import { listAddress, readListAddress, readSort, sortBy, sortInForce, writeSort } from './address.ts'
import { ORDERS } from './fixture.ts'

function address(query: string) {
  return readListAddress(new URLSearchParams(query))
}

test('reads search, repeated filters, sort, cursor and page size', () => {
  expect(address('q=+ana+&f=status:eq:unpaid&f=total:gt:5&sort=-placed_at,id&cursor=abc&per=50')).toEqual({
    search: 'ana',
    filters: ['status:eq:unpaid', 'total:gt:5'],
    sort: [
      { field: 'placed_at', direction: 'desc' },
      { field: 'id', direction: 'asc' },
    ],
    cursor: 'abc',
    start: null,
    per: 50,
  })
})

test('takes only the page sizes on offer', () => {
  expect(address('per=100000').per).toBeNull()
  expect(address('per=fifty').per).toBeNull()
  expect(address('per=200').per).toBe(200)
})

test('does not look at filters beyond sixty', () => {
  const many = Array.from({ length: 90 }, (_, index) => `f=id:eq:${index}`).join('&')

  expect(address(many).filters).toHaveLength(60)
})

test('writes what it read', () => {
  const text = '/m/orders?q=ana&f=status%3Aeq%3Aunpaid&sort=-placed_at&per=50&cursor=abc'

  expect(listAddress('/m/orders', address(text.split('?')[1] ?? ''), { cursor: 'abc' })).toBe(text)
})

test('goes back to the first page when anything but the cursor changes', () => {
  expect(listAddress('/m/orders', address('cursor=abc&q=ana'), { search: 'lena' })).toBe('/m/orders?q=lena')
})

test('is the bare path when nothing is asked', () => {
  expect(listAddress('/m/orders', address(''))).toBe('/m/orders')
})

test('turns the direction when the sorted column is asked again', () => {
  expect(sortBy([], 'total')).toEqual([{ field: 'total', direction: 'asc' }])
  expect(sortBy([{ field: 'total', direction: 'asc' }], 'total')).toEqual([
    { field: 'total', direction: 'desc' },
  ])
})

test('ignores empty parts of a sort', () => {
  expect(writeSort(readSort(',-,-total, id,'))).toBe('-total,id')
})

test('sorts by a field whose name begins with a minus, both ways', () => {
  const model = { ...ORDERS, list: { ...ORDERS.list, sort: [] } }
  const inForce = (text: string) => sortInForce(model, readSort(text), ['-dash', 'id'])

  for (const direction of ['asc', 'desc'] as const) {
    const sort = [{ field: '-dash', direction }]
    expect(inForce(writeSort(sort))).toEqual(sort)
  }
  expect(inForce('-id')).toEqual([{ field: 'id', direction: 'desc' }])
  expect(inForce('-nothing')).toEqual([])
})
