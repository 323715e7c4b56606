/** The main job with scripts: find a record by half a name, change it, see who changed it. Then the fast hands. */

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ANA, findOrder, openSignedInSite, type SignedInSite } from './site.ts'

let site: SignedInSite
let context: BrowserContext
let page: Page

beforeAll(async () => {
  site = await openSignedInSite()
})
afterAll(() => site?.close())
beforeEach(async () => {
  context = await site.context()
  page = await context.newPage()
})
afterEach(() => context?.close())

/** A status that the form on the page does not have now. */
async function anotherStatus(): Promise<string> {
  const now = await page.locator('[name=status]').inputValue()
  return now === 'packed' ? 'shipped' : 'packed'
}

test('finds an order by half a name while typing, saves it with Ctrl S, and says who changed what', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.locator('form[role=search][data-htmx-powered]').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('okaf')
  await page.waitForURL(/[?&]q=okaf/)
  const rows = page.locator('#list tbody tr')
  await expect.poll(() => rows.first().innerText()).toMatch(/Okafor/)
  expect(await rows.count()).toBeGreaterThan(0)
  for (const text of await rows.allInnerTexts()) expect(text).toMatch(/Okafor/)

  await page.locator('.row-link').first().click()
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  const status = await anotherStatus()
  await page.locator('[name=status]').selectOption(status)
  await expect.poll(() => page.locator('[data-dirty]').innerText()).toBe('1 unsaved change')
  await page.keyboard.press('Control+s')

  const toast = page.locator('[data-toast]')
  await toast.waitFor()
  expect(new URL(page.url()).searchParams.has('event')).toBe(false)
  await toast.getByRole('link').click()
  await page.waitForURL('**/history**')
  const latest = page.locator('.timeline > li').first()
  expect(await latest.innerText()).toContain(ANA.name)
  expect((await latest.locator('.diff ins').innerText()).toLowerCase()).toBe(status)
  expect(await latest.locator('.diff del').innerText()).not.toBe('')
})

test('finds the record behind a relation by typing, with the keyboard alone', async () => {
  const path = await findOrder(page, site)
  await page.goto(`${site.url}${path}/edit`)
  const picker = page.locator('cst-relation').filter({ has: page.locator('[name=customer_id]') })
  const before = await picker.locator('[name=customer_id]').inputValue()
  const input = picker.getByRole('combobox')

  await input.fill('adeye')
  const options = picker.getByRole('option')
  await options.first().waitFor()
  expect(await options.first().innerText()).toMatch(/Adeyemi/)
  await input.press('Enter')

  expect(await input.inputValue()).toMatch(/Adeyemi/)
  expect(await picker.locator('[name=customer_id]').inputValue()).not.toBe(before)
  await page.keyboard.press('Control+s')
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('main').innerText()).toMatch(/Adeyemi/)
})

test('goes back to what was chosen when the text in a picker is no choice', async () => {
  const path = await findOrder(page, site)
  await page.goto(`${site.url}${path}/edit`)
  const picker = page.locator('cst-relation').filter({ has: page.locator('[name=customer_id]') })
  const input = picker.getByRole('combobox')
  const before = await input.inputValue()
  expect(before).not.toBe('')

  await input.fill('nobody is called that')
  await expect.poll(() => picker.innerText()).toContain('No matches')
  await input.press('Tab')

  expect(await input.inputValue()).toBe(before)
})

test('warns before unsaved changes are lost, and lets go once they are saved or there are none', async () => {
  const path = await findOrder(page, site)
  let warnings = 0
  page.on('dialog', (dialog) => {
    warnings += 1
    return dialog.dismiss()
  })

  await page.goto(`${site.url}${path}/edit`)
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.waitForURL(`**${path}`)
  expect(warnings).toBe(0)

  await page.goto(`${site.url}${path}/edit`)
  await page.locator('[name=status]').selectOption(await anotherStatus())
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect.poll(() => warnings).toBe(1)
  expect(page.url()).toMatch(/\/edit$/)

  await page.keyboard.press('Control+s')
  await page.locator('[data-toast]').waitFor()
  expect(warnings).toBe(1)
})

test('goes to a page by the palette, and by its letter after G', async () => {
  await page.goto(site.url)

  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type('products')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/m/products')

  const key = await page.locator('a.navigation-link[data-go]').first().getAttribute('data-go')
  const href = await page.locator('a.navigation-link[data-go]').first().getAttribute('href')
  expect(key).toMatch(/^[a-z]$/)
  await page.keyboard.press('g')
  await page.keyboard.press(key ?? '')
  await page.waitForURL((url) => url.pathname.replace(/\/$/, '') === href?.replace(/\/$/, ''))
})

test('moves the focus from row to row, opens the row, and turns pages by keys', async () => {
  await page.goto(`${site.url}/m/orders`)
  const links = page.locator('.row-link')
  const focused = (): Promise<number> =>
    links.evaluateAll((all) => all.indexOf(document.activeElement as HTMLElement))
  const first = await links.first().innerText()

  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(await focused()).toBe(1)
  await page.keyboard.press('k')
  expect(await focused()).toBe(0)

  await page.keyboard.press(']')
  await page.waitForURL(/cursor=/)
  await expect.poll(() => links.first().innerText()).not.toBe(first)
  await page.keyboard.press('[')
  await expect.poll(() => links.first().innerText()).toBe(first)
  await page.keyboard.press('j')
  const href = await links.first().getAttribute('href')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${href}`)
})

test('leaves single keys alone while one types, and shows the sheet of them otherwise', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.keyboard.press('/')
  await page.keyboard.type('?jc')
  expect(await page.locator('input[type=search]').inputValue()).toBe('?jc')
  expect(await page.locator('#shortcuts').isVisible()).toBe(false)

  await page.locator('h1').click()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await page.locator('#shortcuts').isVisible()).toBe(false)
})

test('switches the theme where one is, and keeps it for the next page', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.getByRole('button', { name: /^Account/ }).click()
  const kept = page.waitForResponse((response) => response.url().endsWith('/theme'))
  await page.getByRole('button', { name: 'Dark' }).click()
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark')
  await kept
  expect(page.url()).toMatch(/\/m\/orders$/)

  await page.reload()
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
})
