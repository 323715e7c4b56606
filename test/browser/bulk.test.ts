/** Choosing records in a real browser: by mouse and keys, and without scripts. */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSignedInSite, type SignedInSite } from './site.ts'

let site: SignedInSite

beforeAll(async () => {
  site = await openSignedInSite()
}, 120_000)
afterAll(() => site.close())

const rows = (page: Page) => page.locator('tbody input[name=k]')
const bar = (page: Page) => page.locator('.bulk-bar')

test('rows are chosen one by one, by range and all at once; Escape lets go of them', async () => {
  const context = await site.context()
  const page = await context.newPage()
  await page.goto(`${site.url}/m/orders`)
  expect(await bar(page).isVisible()).toBe(false)

  await rows(page).nth(0).click()
  await rows(page)
    .nth(4)
    .click({ modifiers: ['Shift'] })
  expect(await page.locator('.bulk-count').textContent()).toBe('5 selected')
  await page.locator('tbody .row-link').nth(6).focus()
  await page.keyboard.press('x')
  expect(await page.locator('.bulk-count').textContent()).toBe('6 selected')
  await page.getByLabel('Select all on this page').click()
  const count = await rows(page).count()
  expect(await page.locator('.bulk-count').textContent()).toBe(`${count} selected`)
  await page.keyboard.press('Escape')
  expect(await page.locator('tbody input[name=k]:checked').count()).toBe(0)
  expect(await bar(page).isVisible()).toBe(false)
  await context.close()
})

test('what is typed in is ticked, and the change leads back to the list', async () => {
  const context = await site.context()
  const page = await context.newPage()
  await page.goto(`${site.url}/m/orders`)
  await rows(page).nth(0).click()
  await rows(page).nth(1).click()
  await bar(page).getByRole('button', { name: 'Edit' }).click()

  await page.locator('[name=internal_note]').fill('Seen by two.')
  await page.keyboard.press('Tab')
  expect(await page.locator('[name="_set.internal_note"]').isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Change 2 orders.').waitFor()
  await page.getByRole('main').getByRole('button', { name: 'Edit' }).click()
  await page.locator('[data-toast]').waitFor()

  expect(await page.locator('[data-toast]').textContent()).toContain('2 orders changed.')
  await context.close()
})

test('without scripts the same form does it', async () => {
  const context = await site.context({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${site.url}/m/orders`)
  expect(await bar(page).isVisible()).toBe(false)
  await rows(page).nth(2).click()
  expect(await bar(page).isVisible()).toBe(true)

  await bar(page).getByRole('button', { name: 'Edit' }).click()
  await page.locator('[name="_set.internal_note"]').click()
  await page.locator('[name=internal_note]').fill('Seen without.')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('main').getByRole('button', { name: 'Edit' }).click()

  expect(await page.locator('[data-toast]').textContent()).toContain('1 order changed.')
  await context.close()
})
