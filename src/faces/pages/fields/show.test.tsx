import { expect, test } from 'vitest'
import type { RecordView } from '../../../gate/records.ts'
import { fieldOf } from '../../../model/model.ts'
import { ORDERS, order, page } from '../record/fixture.ts'
import { ShowField } from './show.tsx'

async function shown(
  name: string,
  record: RecordView = order(),
  as: 'cell' | 'sheet' = 'cell',
): Promise<string> {
  const field = fieldOf(ORDERS, name)
  if (!field) throw new TypeError(name)
  return String(
    await (
      <ShowField page={page} model={ORDERS} field={field} record={record} as={as} revealHref="/reveal" />
    ),
  )
}

test('shows a status as a word with a tone, and a choice that is none as plain text', async () => {
  expect(await shown('status')).toBe('<span class="badge ok">Paid</span>')
  expect(await shown('channel')).toBe('Web')
})

test('leads to the related record by its title, escaped', async () => {
  const html = await shown('customer_id')

  expect(html).toContain('href="/admin/m/customers/3"')
  expect(html).toContain('Lena &lt;b&gt;')
})

test('shows the bare key where the related record may not be read', async () => {
  expect(await shown('customer_id', { ...order(), related: { customer: null } })).toBe('3')
})

test('groups the digits of an amount and keeps every one of them', async () => {
  expect(await shown('total')).toBe('1,234,567.50')
  expect(await shown('total', order({ total: '-9007199254740993.10' }))).toBe('-9,007,199,254,740,993.10')
  expect(await shown('id', order({ id: 1234567n }))).toBe('1234567')
})

test('says how long ago, with the exact time at hand', async () => {
  const html = await shown('placed_at')

  expect(html).toContain('3 min ago')
  expect(html).toContain('datetime="2026-11-20T11:57:00Z"')
})

test('shows a value that is not of its type as it is', async () => {
  expect(await shown('placed_at', order({ placed_at: 'soon <i>' }))).toBe('soon &lt;i&gt;')
})

test('says "none" for no value and "empty" for an empty text', async () => {
  expect(await shown('note')).toContain('none')
  expect(await shown('note', order({ note: '' }))).toContain('empty')
})

test('shows dots for a masked value, with the way to reveal it on the record only', async () => {
  expect(await shown('tax_number')).not.toContain('/reveal')
  expect(await shown('tax_number', order(), 'sheet')).toContain('href="/reveal"')
})

test('clips long text in a list and shows all of it on the record', async () => {
  const record = order({ note: 'x'.repeat(500) })

  expect((await shown('note', record)).length).toBeLessThan(150)
  expect(await shown('note', record, 'sheet')).toContain('x'.repeat(500))
})

test('indents JSON only where no digit is lost', async () => {
  expect(await shown('meta', order({ meta: '{"a":1}' }), 'sheet')).toContain('&quot;a&quot;: 1')
  expect(await shown('meta', order({ meta: '{"a":9007199254740993}' }), 'sheet')).toContain(
    '9007199254740993',
  )
})

test('links an address only when it is one of the web', async () => {
  expect(await shown('note', order({ note: 'https://example.com/x' }), 'sheet')).toContain(
    'rel="noopener noreferrer"',
  )
  expect(await shown('note', order({ note: 'javascript:alert(1)' }), 'sheet')).not.toContain('href')
})
