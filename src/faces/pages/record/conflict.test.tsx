import { expect, test } from 'vitest'
import { fieldOf } from '../../../model/model.ts'
import { ConflictPage } from './conflict.tsx'
import { ORDERS, order, page } from './fixture.ts'
import { conflictOf, formFields, textsOf } from './form.ts'

const FIELDS = formFields(ORDERS, ['status', 'note', 'total'], 'update')

async function drawn(): Promise<string> {
  const original = { status: 'unpaid', note: 'a', total: '5.00' }
  const typed = { status: 'paid', note: 'mine', total: '5.00' }
  const record = order({ status: 'unpaid', note: 'theirs', total: '9.00' })
  const current = textsOf(FIELDS, record.values)
  const conflict = conflictOf(FIELDS, typed, original, current)
  return String(
    await (
      <ConflictPage
        page={page}
        model={ORDERS}
        record={record}
        conflict={conflict}
        along={[]}
        posted={new Map()}
        current={current}
        reason="because"
        ticket=""
        cancelHref="/back"
      />
    ),
  )
}

test('lets each clash be chosen, yours at first', async () => {
  expect(fieldOf(ORDERS, 'note')).toBeDefined()

  const html = await drawn()

  expect(html).toMatch(/name="note" value="mine"[^>]*checked/)
  expect(html).toMatch(/name="note" value="theirs"/)
})

test('sends along what only you changed, and not what only they changed', async () => {
  const html = await drawn()

  expect(html).toContain('<input type="hidden" name="status" value="paid"')
  expect(html).not.toMatch(/name="total"/)
})

test('saves on top knowingly: with the version that was shown, and the reason kept', async () => {
  const html = await drawn()

  expect(html).toContain('name="_version" value="v1"')
  expect(html).toContain('name="_reason" value="because"')
  expect(html).toContain('&quot;total&quot;:&quot;9.00&quot;')
})
