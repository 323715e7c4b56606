/**
 * The pages keep their own policy: the browser has nothing to report before
 * sign-in and in use. At rest it is asked on each page by `accessibility.test.ts`;
 * that text stays text is `stored-script.test.ts`.
 */

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listen } from './report.ts'
import { openSite, type Site, saveRecoveryCodes, setUp } from './site.ts'

let site: Site
let state: Awaited<ReturnType<BrowserContext['storageState']>>
let context: BrowserContext
let page: Page
let reports: string[]
let setUpReports: readonly string[]

beforeAll(async () => {
  site = await openSite()
  const first = await site.visitor()
  const own = await first.newPage()
  setUpReports = await listen(own)
  await setUp(own, site)
  await saveRecoveryCodes(own)
  state = await first.storageState()
  await first.close()
})
afterAll(() => site?.close())
beforeEach(async () => {
  context = await site.visitor({ storageState: state })
  page = await context.newPage()
  reports = await listen(page)
})
afterEach(() => context?.close())

test('would hear of an inline script, of a style in the markup, of markup from text, and of a warning', async () => {
  await page.route(site.url, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(
      '</main>',
      '<script>window.__ran = 1</script><p style="color: red">',
    )
    await route.fulfill({ response, body })
  })
  await page.goto(site.url)
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p>')).catch(() => null)
  await page.evaluate(() => console.warn('a warning'))

  expect(await page.evaluate(() => '__ran' in window)).toBe(false)
  await expect.poll(() => reports.join('\n')).toMatch(/warning: a warning/)
  for (const directive of ['script-src', 'style-src', 'require-trusted-types-for']) {
    expect(reports.join('\n')).toContain(`violation of ${directive}`)
  }
})

test('hears of nothing from the set-up link to the first change', () => {
  expect(setUpReports).toEqual([])
})

test('hears of nothing before sign-in', async () => {
  const visitor = await site.visitor()
  const own = await visitor.newPage()
  const heard = await listen(own)
  for (const path of ['/sign-in', '/m/orders', '/set-up?token=used', '/sign-in/second-factor', '/nothing']) {
    const response = await own.goto(`${site.url}${path}`)
    expect(response?.headers()['content-security-policy']).toContain("require-trusted-types-for 'script'")
  }
  await visitor.close()

  expect(heard).toEqual([])
})

test('hears of nothing while a list is searched, sorted, turned and gone back from', async () => {
  await page.goto(`${site.url}/m/orders`)
  const form = page.locator('form[role=search][data-htmx-powered]')
  await form.waitFor()
  await page.getByRole('columnheader', { name: 'Total' }).getByRole('link').click()
  await page.waitForURL(/sort=/)
  await page.getByRole('link', { name: 'Next page' }).click()
  await page.waitForURL(/cursor=/)
  await page.getByRole('searchbox').fill('okaf')
  await page.waitForURL(/q=okaf/)
  await page.goBack()
  await page.waitForURL(/cursor=/)
  await expect.poll(() => page.locator('.row-link').count()).toBeGreaterThan(10)

  expect(reports).toEqual([])
})
