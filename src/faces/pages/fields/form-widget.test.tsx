import { expect, test } from 'vitest'
import { field, model } from '../../../model/fixture.ts'
import type { Field, Model } from '../../../model/model.ts'
import { page } from '../components/fixture.ts'
import { ORDERS } from '../record/fixture.ts'
import { FormWidget } from './form-widget.tsx'
import type { FormField, PickerOptions } from './widget-props.ts'

async function drawn(
  one: Field,
  row: Partial<FormField> = {},
  { on = model('orders', []), picker }: { on?: Model; picker?: PickerOptions } = {},
): Promise<string> {
  const full = { field: one, text: '', errors: [], isMasked: false, ...row }
  return String(await (<FormWidget page={page} model={on} row={full} picker={picker} />))
}

test('ties label, hint and error to the control, and says the field in the error', async () => {
  const html = await drawn(field('total', 'decimal', { label: 'Total', help: 'With tax.' }), {
    text: 'abc',
    errors: ['must be a decimal number such as 12.00, as text'],
  })

  expect(html).toContain('for="field-total"')
  expect(html).toContain('aria-describedby="field-total-hint field-total-error"')
  expect(html).toContain('aria-invalid="true"')
  expect(html).toContain('Total must be a decimal number such as 12.00<')
  expect(html).toContain('value="abc"')
})

test('keeps a number as text, so that no digit is rounded', async () => {
  const html = await drawn(field('id', 'bigint'), { text: '9007199254740993' })

  expect(html).toContain('type="text"')
  expect(html).toContain('inputmode="numeric"')
})

test('puts a hidden false before a checkbox', async () => {
  const html = await drawn(field('gift', 'bool'), { text: 'true' })

  expect(html.indexOf('value="false"')).toBeGreaterThan(0)
  expect(html.indexOf('value="false"')).toBeLessThan(html.indexOf('value="true"'))
  expect(html).toContain('checked')
})

test('keeps a value that is none of the choices choosable', async () => {
  const status = field('status', 'enum', { choices: [{ value: 'paid', label: 'Paid' }] })

  const html = await drawn(status, { text: 'legacy' })

  expect(html).toMatch(/value="legacy"[^>]*checked/)
})

test('never sends a secret to the page, typed or stored', async () => {
  const html = await drawn(field('token', 'text', { sensitivity: 'secret' }), { text: 'hunter2' })

  expect(html).not.toContain('hunter2')
  expect(html).toContain('type="password"')
})

test('says that a masked value stays when its input is left empty', async () => {
  const html = await drawn(field('tax_number', 'text', { sensitivity: 'personal' }), { isMasked: true })

  expect(html).toContain('Leave it empty to keep the value.')
})

test('offers a list of records while it is short, and a key with a link when it is long', async () => {
  const customer = ORDERS.fields.find((one) => one.name === 'customer_id') ?? field('none')
  const picker = {
    source: '/admin/m/customers/~options',
    current: 'Lena',
    listHref: '/admin/m/customers',
    label: 'customers',
  }

  const short = await drawn(
    customer,
    { text: '3' },
    { on: ORDERS, picker: { ...picker, options: [{ value: '3', label: 'Lena' }] } },
  )
  const long = await drawn(customer, { text: '3' }, { on: ORDERS, picker: { ...picker, options: null } })

  expect(short).toContain('<option value="3" selected')
  expect(short).toContain('>Customer')
  expect(long).toMatch(/<input[^>]*value="3"/)
  expect(long).toContain('data-current="Lena"')
  expect(long).toContain('href="/admin/m/customers"')
})

test('says the zone of an instant', async () => {
  const html = await drawn(field('placed_at', 'timestamptz'), { text: '2026-11-20T09:41:07' })

  expect(html).toContain('type="datetime-local"')
  expect(html).toContain('Time in UTC.')
})
