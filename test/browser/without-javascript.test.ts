/** Everything that staff do, with scripts switched off: plain links, plain forms, whole pages. */

import { DatabaseSync } from 'node:sqlite'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ANA, findOrder, nextCode, openSite, type Site, saveRecoveryCodes, setUp, signIn } from './site.ts'

const BEN = { name: 'Ben Adler', email: 'ben@example.com' }
const CLEO = { name: 'Cleo Marsh', email: 'cleo@example.com' }
const DORA = { name: 'Dora Lind', email: 'dora@example.com' }
const EVE = { name: 'Eve Stone', email: 'eve@example.com' }
const NO_SCRIPTS = { javaScriptEnabled: false }

let site: Site
/** The session of the first administrator. */
let state: Awaited<ReturnType<BrowserContext['storageState']>>
let context: BrowserContext
let page: Page

beforeAll(async () => {
  site = await openSite()
  const first = await site.visitor(NO_SCRIPTS)
  const own = await first.newPage()
  await setUp(own, site)
  await saveRecoveryCodes(own)
  state = await first.storageState()
  await first.close()
})
afterAll(() => site?.close())
beforeEach(async () => {
  context = await site.visitor({ ...NO_SCRIPTS, storageState: state })
  page = await context.newPage()
})
afterEach(() => context?.close())

const heading = (): Promise<string> => page.getByRole('heading', { level: 1 }).innerText()
const keys = (): Promise<string[]> => page.locator('.row-link').allInnerTexts()

/** Makes a person and signs them in, in a context that is nobody's yet. @returns their `otpauth://` URI. */
async function signInAs(person: typeof BEN, role: string): Promise<string> {
  const totpUri = await site.addPerson(person, role)
  await context.close()
  context = await site.visitor(NO_SCRIPTS)
  page = await context.newPage()
  await signIn(page, site, { ...person, totpUri })
  return totpUri
}

test('runs no script at all here', async () => {
  await page.goto(`${site.url}/m/orders`)

  expect(await page.locator('[data-htmx-powered]').count()).toBe(0)
  expect(await page.locator('.palette-button').isVisible()).toBe(false)
  expect(await page.getByRole('button', { name: 'Search', exact: true }).isVisible()).toBe(true)
})

test('does the main job: searches, opens, changes, and shows who changed what', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.getByRole('searchbox').fill('okaf')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  const rows = page.locator('#list tbody tr')
  expect(await rows.count()).toBeGreaterThan(0)
  for (const text of await rows.allInnerTexts()) expect(text).toContain('Okafor')

  await page.locator('.row-link').first().click()
  await page.getByRole('link', { name: 'Edit', exact: true }).click()
  const now = await page.locator('[name=status]').inputValue()
  const next = now === 'packed' ? 'shipped' : 'packed'
  await page.locator('[name=status]').selectOption(next)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-toast]').getByRole('link').click()

  const latest = page.locator('.timeline > li').first()
  expect(await latest.innerText()).toContain(ANA.name)
  expect((await latest.locator('.diff').innerText()).toLowerCase()).toMatch(
    new RegExp(`${now}[\\s\\S]*${next}`),
  )
})

test('keeps what was typed beside what is wrong with it, under a summary that leads there', async () => {
  const path = await findOrder(page, site)
  await page.goto(`${site.url}${path}/edit`)
  await page.locator('[name=total]').fill('twelve')
  await page.locator('[name=internal_note]').fill('Keep <b>me</b>')
  const answer = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  expect((await answer).status()).toBe(422)
  expect(await page.locator('[name=total]').inputValue()).toBe('twelve')
  expect(await page.locator('[name=internal_note]').inputValue()).toBe('Keep <b>me</b>')
  expect(await page.locator('[name=total]').getAttribute('aria-invalid')).toBe('true')
  const link = page.locator('[data-error-summary] a')
  expect(await link.innerText()).toMatch(/^Total /)
  await link.click()
  expect(await page.locator('[name=total]:target').count()).toBe(1)

  await page.locator('[name=total]').fill('12.50')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('main').innerText()).toMatch(/12\.50/)
})

test('makes a record whose relation is a list or a key', async () => {
  await page.goto(`${site.url}/m/staff_notes/new`)
  const customer = page.locator('[name=customer_id]')
  await customer.fill('1')
  await page.locator('[name=author]').fill(ANA.name)
  await page.locator('[name=body]').fill('Called back.')
  await page.getByRole('button', { name: 'Create staff note' }).click()

  await page.locator('[data-toast]').waitFor()
  expect(page.url()).toMatch(/\/m\/staff_notes\/\d+\?event=/)

  await page.goto(`${site.url}/m/products/new`)
  const category = page.locator('select[name=category_id]')
  expect(await category.locator('option').count()).toBeGreaterThan(3)
  await category.selectOption({ index: 2 })
  await page.locator('[name=sku]').fill('NEW-1')
  await page.locator('[name=name]').fill('Harbour lamp')
  await page.locator('[name=price]').fill('19.90')
  await page.getByRole('button', { name: 'Create product' }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await heading()).toMatch(/Harbour lamp|NEW-1/)
})

test('turns pages forth and back, sorts both ways, and adds and removes filters', async () => {
  await page.goto(`${site.url}/m/orders`)
  const first = await keys()
  expect(first.length).toBeGreaterThan(10)
  await page.getByRole('link', { name: 'Next page' }).click()
  const second = await keys()
  expect(second.some((key) => first.includes(key))).toBe(false)
  await page.getByRole('link', { name: 'Previous page' }).click()
  expect(await keys()).toEqual(first)

  const column = page.getByRole('columnheader', { name: 'Total' })
  await column.getByRole('link').click()
  const one = await column.getAttribute('aria-sort')
  await column.getByRole('link').click()
  const other = await column.getAttribute('aria-sort')
  expect([one, other].sort()).toEqual(['ascending', 'descending'])

  await page.getByRole('button', { name: 'Filter' }).click()
  await page.locator('#filter-panel').getByRole('link', { name: 'Status', exact: true }).click()
  await page.getByRole('checkbox', { name: /^Refunded/ }).check()
  await page.getByRole('button', { name: 'Add filter' }).click()
  const chip = page.locator('.chip')
  expect(await chip.innerText()).toMatch(/Status\s+Change filter Status:\s+is\s+Refunded/i)
  expect((await keys()).length).toBeGreaterThan(0)
  for (const text of await page.locator('#list tbody tr').allInnerTexts()) expect(text).toContain('Refunded')
  expect(await column.getAttribute('aria-sort')).toBe(other)
  await chip.getByRole('link', { name: /^Remove filter/ }).click()
  expect(await chip.count()).toBe(0)
})

test('puts a filter together, is told what is wrong with it, and loses nothing', async () => {
  await page.goto(`${site.url}/m/orders/~filter`)
  await page.locator('[name="n.m"]').selectOption('any')
  await page.locator('[name="n.0.f"]').selectOption('total')
  await page.getByRole('button', { name: 'Choose' }).click()
  await page.locator('[name="n.0.o"]').selectOption('gte')
  await page.locator('[name="n.0.v"]').fill('much')
  await page.getByRole('button', { name: 'Apply filters' }).click()

  expect(await page.locator('.filter-row .error').innerText()).toContain('decimal number')
  expect(await page.locator('[name="n.0.v"]').inputValue()).toBe('much')

  await page.locator('[name="n.0.v"]').fill('2000')
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.locator('[name="n.1.f"]').selectOption('status')
  await page.getByRole('button', { name: 'Choose' }).click()
  await page.locator('[name="n.1.v"]').selectOption('refunded')
  await page.getByRole('button', { name: 'Apply filters' }).click()

  expect(decodeURIComponent(page.url())).toContain('f=any(total:gte:2000.00,status:eq:refunded)')
  expect(await page.locator('.chip').innerText()).toMatch(
    /Any of\s+Change filter Any of:\s+Total is at least 2000.00 or Status is Refunded/,
  )
  expect((await keys()).length).toBeGreaterThan(0)
})

test('shows a filter that means nothing as one to be removed', async () => {
  await page.goto(`${site.url}/m/orders?f=colour:eq:green`)

  const chip = page.locator('.chip.bad')
  expect(await chip.innerText()).toMatch(/ignored/i)
  expect((await keys()).length).toBeGreaterThan(10)
  await chip.getByRole('link').click()
  expect(await page.locator('.chip').count()).toBe(0)
})

test('switches the theme and comes back to the same page', async () => {
  await page.goto(`${site.url}/m/customers`)
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('button', { name: 'Dark' }).click()

  expect(page.url()).toMatch(/\/m\/customers$/)
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
})

test('shows what deleting takes along, refuses what is held, and deletes once it is confirmed', async () => {
  await signInAs(BEN, 'admin')

  await page.goto(`${site.url}/m/categories/1/delete`)
  expect(await page.locator('main').innerText()).toContain('This cannot be done now.')
  expect(await page.getByRole('button', { name: 'Delete category' }).count()).toBe(0)

  const path = await findOrder(page, site)
  await page.goto(`${site.url}/m/tags`)
  const tags = await keys()
  await page.locator('.row-link').first().click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('link', { name: /^Delete tag/ }).click()
  expect(await heading()).toMatch(/^Delete /)
  expect(await page.locator('.effects li.deleted').count()).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Delete tag' }).click()
  expect(await page.locator('[data-toast]').innerText()).toContain('deleted')
  expect(await keys()).toEqual(tags.slice(1))

  await page.goto(`${site.url}${path}`)
  expect(await heading()).toMatch(/^Order /)
})

test('asks who it is before a role is granted long after signing in, and keeps what was chosen', async () => {
  await site.addPerson(CLEO, 'support')
  const totpUri = await signInAs(EVE, 'superadmin')
  await page.goto(`${site.url}/people?q=cleo`)
  await page.locator('.row-link').first().click()
  await page.getByLabel('Role', { exact: true }).selectOption('admin')
  proveLongAgo()
  await page.getByRole('button', { name: 'Grant role' }).click()
  expect(await heading()).toBe('Confirm that it is you')

  await page.getByLabel('Code').fill('000000')
  await page.getByRole('button', { name: 'Continue' }).click()
  expect(await page.getByLabel('Code').getAttribute('aria-invalid')).toBe('true')

  await page.getByLabel('Code').fill(nextCode(totpUri))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('.line-list').first().innerText()).toMatch(/Admin/)
})

/** A server that runs keeps its own clock, so the proof is made older instead: an hour, in the store. */
function proveLongAgo(): void {
  const store = new DatabaseSync(site.shop, { timeout: 5000 })
  const { changes } = store
    .prepare('update castellan_session set proved_at = ?')
    .run(new Date(Date.now() - 60 * 60_000).toISOString())
  store.close()
  expect(Number(changes)).toBeGreaterThan(0)
}

test('signs out, and then asks for a sign-in that leads back', async () => {
  await signInAs(DORA, 'support')
  await page.goto(`${site.url}/profile`)
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  expect(page.url()).toMatch(/\/sign-in/)

  await page.goto(`${site.url}/m/orders`)
  expect(page.url()).toMatch(/\/sign-in\?next=/)
  await page.goBack()
  await page.goForward()
  expect(await page.locator('#navigation').count()).toBe(0)
})
