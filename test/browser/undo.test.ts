/** A mistaken change of several hundred orders is taken back in a real browser: how many clicks it takes, and what they show. */

import { DatabaseSync } from 'node:sqlite'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSignedInSite, type SignedInSite } from './site.ts'

let site: SignedInSite

beforeAll(async () => {
  site = await openSignedInSite()
}, 120_000)
afterAll(() => site.close())

function inShop<T>(work: (shop: DatabaseSync) => T): T {
  const shop = new DatabaseSync(site.shop, { timeout: 5000 })
  try {
    return work(shop)
  } finally {
    shop.close()
  }
}

/** So many orders, so that all that match are exactly those. */
const MISTAKEN = 500
/** Of the shop. */
const FIRST = 8501

async function changeByMistake(page: Page): Promise<void> {
  await page.goto(`${site.url}/m/orders?f=id:lte:${FIRST + MISTAKEN - 1}`)
  await page.getByLabel('Select all on this page').click()
  await page.locator('input[name=_all][value=match]').click()
  await page.locator('.bulk-bar').getByRole('button', { name: 'Edit' }).click()
  await page.locator('[name="_set.internal_note"]').click()
  await page.locator('[name=internal_note]').fill('Meant for one order alone.')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('main').getByRole('button', { name: 'Edit' }).click()
  await page.locator('[data-toast]').waitFor()
}

test('a mistaken change of 500 orders is undone in three clicks, which show first what changed since', async () => {
  const notes = () => inShop((shop) => shop.prepare('select id, internal_note from orders order by id').all())
  const before = notes()
  const context = await site.context({ javaScriptEnabled: false })
  const page = await context.newPage()
  await changeByMistake(page)
  inShop((shop) => shop.exec("update orders set internal_note = 'Called back.' where id in (8503, 8507)"))
  let clicks = 0
  const click = async (what: Locator): Promise<void> => {
    clicks += 1
    await what.click()
  }

  await click(page.locator('[data-toast]').getByRole('link', { name: 'See it in the audit log' }))
  await click(page.getByRole('button', { name: 'Undo…' }))
  await page.getByRole('heading', { name: 'Undo a change' }).waitFor()
  const plan = await page.getByRole('main').innerText()
  await click(page.getByRole('button', { name: 'Put back', exact: true }))

  await page.locator('[data-toast]').waitFor()
  expect(clicks).toBe(3)
  expect(plan).toContain(`Put ${MISTAKEN - 2} orders back as they were. 2 that changed since are left alone.`)
  expect(plan).toContain('“Meant for one order alone.”, and is “Called back.” now')
  expect(await page.locator('[data-toast]').textContent()).toContain(`${MISTAKEN - 2} records were put back.`)
  const isLate = (id: unknown): boolean => id === 8503 || id === 8507
  expect(notes()).toEqual(
    before.map((row) => (isLate(row['id']) ? { ...row, internal_note: 'Called back.' } : row)),
  )
  await context.close()
}, 180_000)
