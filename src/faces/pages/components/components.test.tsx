import fc from 'fast-check'
import { expect, test } from 'vitest'
import { initialsOf, toneOf } from './badge.tsx'
import { controlTies, Field, Input, Select, Textarea } from './field.tsx'
import { page } from './fixture.ts'
import { ErrorSummary, fieldErrors, HiddenFields, sentencesOf } from './form.tsx'
import { hx } from './hx.ts'
import { iconOr } from './icon-names.ts'
import { waitText } from './status.tsx'
import { DataTable, Pager } from './table.tsx'
import { Diff } from './timeline.tsx'

test('writes text as text, whatever is in it', async () => {
  const html = String(await (<Diff lines={[{ label: '<b>', before: '"><script>', after: "' onload=x" }]} />))

  expect(html).toContain('&quot;&gt;&lt;script&gt;')
  expect(html).toContain('&lt;b&gt;')
  expect(html).not.toContain('<script')
})

test('never shows the values of a masked change', async () => {
  const line = { label: 'Tax number', before: 'DE123', after: 'DE456', isMasked: true }

  const html = String(await (<Diff lines={[line]} />))

  expect(html).toContain('changed, not shown')
  expect(html).not.toContain('DE')
})

test('ties a control to its label, its hint and its error', async () => {
  const email = {
    id: 'email',
    label: 'E-mail',
    hint: 'For receipts.',
    error: 'E-mail is missing.',
    required: true,
  }

  const html = String(
    await (
      <Field page={page} {...email}>
        <Input {...controlTies(email)} name="email" />
      </Field>
    ),
  )

  expect(html).toContain('<label class="label" for="email">')
  expect(html).toContain('aria-describedby="email-hint email-error"')
  expect(html).toContain('aria-invalid="true"')
  expect(html).toContain('id="email-error"')
})

test('keeps a value that is no choice any more', async () => {
  const html = String(
    await (<Select name="status" value="archived" options={[{ value: 'open', label: 'Open' }]} />),
  )

  expect(html).toContain('<option value="archived" selected="">archived</option>')
})

test('keeps the line break that a text begins with', async () => {
  const html = String(await (<Textarea name="note" value={'\nsecond'} />))

  expect(html).toContain('>\n\nsecond</textarea>')
})

test('sends the fields of a form again, but never its token', async () => {
  const fields = new URLSearchParams('status=paid&tag=a&tag=b&_csrf=old&_reason=typo')

  const html = String(await (<HiddenFields fields={fields} except={['_reason']} />))

  expect(html.match(/name="tag"/g)).toHaveLength(2)
  expect(html).toContain('name="status" value="paid"')
  expect(html).not.toContain('_csrf')
  expect(html).not.toContain('_reason')
})

test('sums up the errors, each leading to its field', async () => {
  const html = String(
    await (<ErrorSummary page={page} errors={fieldErrors({ total: ['Total is missing.'] })} />),
  )

  expect(html).toContain('role="alert"')
  expect(html).toContain('1 field needs attention. Nothing was saved.')
  expect(html).toContain('<a href="#total">Total is missing.</a>')
})

test('shows no summary without errors', () => {
  expect(ErrorSummary({ page, errors: [] })).toBeNull()
})

test('makes sentences of what goes on from a field and of what stands alone', () => {
  expect(
    sentencesOf({ total: ['must be at most 500.00', 'Ask someone.'], x: ['is odd'] }, { total: 'Total' }),
  ).toEqual({
    total: ['Total must be at most 500.00.', 'Ask someone.'],
    x: ['x is odd.'],
  })
})

test('says by which column and which way a table is sorted', async () => {
  const sort = { href: '?sort=id', direction: 'desc' } as const
  const columns = [
    { label: 'Order', sort, cell: (id: number) => `#${id}` },
    { label: 'Total', align: 'end', cell: () => '1.00' },
  ] as const

  const html = String(await (<DataTable page={page} label="Orders" columns={columns} rows={[1, 2]} />))

  expect(html.match(/role="row"/g)).toHaveLength(3)
  expect(html.match(/aria-sort="descending"/g)).toHaveLength(1)
  expect(html).toContain('data-label="Total"')
})

test('shows what to do instead of an empty table', async () => {
  const html = String(
    await (<DataTable page={page} label="Orders" columns={[]} rows={[]} empty={<p>No orders match</p>} />),
  )

  expect(html).toContain('No orders match')
  expect(html).not.toContain('<table')
})

test('offers only the page that is there', async () => {
  const html = String(await (<Pager page={page} previous={null} next="?cursor=a" />))

  expect(html).toContain('href="?cursor=a"')
  expect(html).toMatch(/<button [^>]*disabled="" [^>]*aria-label="Previous page"/)
})

test('stamps every htmx element with the nonce of the page', () => {
  expect(hx(page, { get: '/m/orders', target: '#list', push: true })).toEqual({
    'hx-nonce': page.nonce,
    'hx-get': '/m/orders',
    'hx-target': '#list',
    'hx-push-url': 'true',
  })
})

test.each([
  ['Amara Okafor', 'AO'],
  ['Jean-Luc van Damme', 'JD'],
  ['ci', 'C'],
  ['Ωμέγα 𝒵eta', 'Ω𝒵'],
  ['', '?'],
])('takes the first letters of the first and last word: %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})

test.each([
  ['Paid', 'ok'],
  ['on_hold', 'warn'],
  ['Cancelled', 'bad'],
  ['in transit', 'info'],
  ['blue', 'neutral'],
  ['unpaid', 'warn'],
] as const)('gives %s the tone %s', (word, tone) => {
  expect(toneOf(word)).toBe(tone)
})

test('knows only the drawings of the sprite', () => {
  expect(iconOr('users', 'table-2')).toBe('users')
  expect(iconOr('"><script>', 'table-2')).toBe('table-2')
  expect(iconOr(null, 'table-2')).toBe('table-2')
})

test.each([
  [1, '1 second'],
  [59, '59 seconds'],
  [61, '2 minutes'],
  [3601, '2 hours'],
])('rounds a wait of %d s up', (seconds, text) => {
  expect(waitText(seconds)).toBe(text)
})

test('takes the first letters of the first and the last word, in any script', () => {
  const said = (name: string): string => {
    const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
    const last = words.length > 1 ? words.at(-1) : undefined
    return [words[0] ?? '?', last]
      .map((word) => Array.from(word ?? '')[0] ?? '')
      .join('')
      .toUpperCase()
  }
  const part = fc.oneof(
    fc.constantFrom(' ', '-', '.', 'é', 'ß', '𝒜', '李', '9', '’'),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      expect(initialsOf(parts.join(''))).toBe(said(parts.join('')))
    }),
  )
})
