/**
 * Text that tries to be a script, kept in the database and in addresses, shown
 * on every page that shows text. The browser is told to ignore the page's
 * policy, so that escaping alone has to hold.
 */

import { DatabaseSync } from 'node:sqlite'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listen } from './report.ts'
import { openSignedInSite, type SignedInSite } from './site.ts'

const RUN = 'window.__xss=1'
const CORPUS = [
  'Probe',
  `<img src=x onerror=${RUN}>`,
  `"><svg/onload=${RUN}>`,
  `' autofocus onfocus=${RUN} x='`,
  `<script>${RUN}</script>`,
  `</script></title></textarea></select><script>${RUN}</script>`,
  `javascript:${RUN}`,
  `<a href="javascript:${RUN}">x</a>`,
  `<form action="javascript:${RUN}"><input formaction="javascript:${RUN}" type=submit>`,
  `<div hx-get="/admin" hx-trigger="load" hx-on:load="${RUN}">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `{{constructor.constructor('${RUN}')()}}`,
  '<style>*{display:none}</style>',
  '&lt;b&gt;&amp;&quot;&#39;',
  '\u2028\u2029\u202e<!--',
].join(' ')
/** Where a field is short, and where it looks like an address. */
const SHORT = `javascript:${RUN}`

let site: SignedInSite
let context: BrowserContext
let page: Page
let reports: string[]

beforeAll(async () => {
  site = await openSignedInSite()
  plant()
})
afterAll(() => site?.close())
beforeEach(async () => {
  context = await site.context({ bypassCSP: true })
  page = await context.newPage()
  reports = await listen(page)
})
afterEach(() => context?.close())

/** A category, a product of it and a customer whose every text is the corpus. */
function plant(): void {
  const shop = new DatabaseSync(site.shop, { timeout: 5000 })
  shop.prepare('insert into categories (id, name, slug) values (9000, ?, ?)').run(CORPUS, CORPUS)
  shop
    .prepare(
      `insert into products (id, sku, name, category_id, price, attributes, description) values (9000, ?, ?, 9000, '1.00', ?, ?)`,
    )
    .run(SHORT, CORPUS, JSON.stringify({ [CORPUS]: CORPUS }), CORPUS)
  shop
    .prepare(
      `insert into customers (id, name, email, phone, region, tax_number, password_hash, external_id, notes)
       values (9000, ?, ?, ?, 'emea', ?, 'x', '00000000-0000-4000-8000-0000000090000', ?)`,
    )
    .run(CORPUS, CORPUS, SHORT, SHORT, CORPUS)
  shop.close()
}

interface Seen {
  readonly ran: boolean
  readonly scripts: number
  readonly addresses: readonly string[]
  readonly handlers: readonly string[]
}

/** Opens a page and looks at what became of it. */
async function open(path: string): Promise<void> {
  await page.goto(`${site.url}${path}`)
  await expectHarmless()
}

async function expectHarmless(): Promise<void> {
  const seen = await page.evaluate((): Seen => {
    const all = [...document.querySelectorAll('*')]
    // not `element.attributes`: in a form that is the field of that name
    const named = (test: (name: string, value: string) => boolean): string[] =>
      all.flatMap((element) =>
        element
          .getAttributeNames()
          .map((name): [string, string] => [name, element.getAttribute(name) ?? ''])
          .filter(([name, value]) => test(name, value))
          .map(([name, value]) => `${element.localName} ${name}=${value}`),
      )
    return {
      ran: '__xss' in window,
      scripts: document.scripts.length,
      addresses: named(
        (name, value) =>
          /^(href|src|action|formaction|xlink:href)$/.test(name) && !/^(https?:|[/#])/.test(value),
      ),
      handlers: named((name) => name.startsWith('on')),
    }
  })
  expect(seen).toEqual({ ran: false, scripts: 1, addresses: [], handlers: [] })
  expect(reports).toEqual([])
}

test('would run where it were not escaped', async () => {
  await page.setContent(CORPUS)

  await expect.poll(() => page.evaluate(() => '__xss' in window)).toBe(true)
})

test('stays text in a list, also as the label of a relation', async () => {
  await open('/m/categories?q=Probe')
  expect(await page.locator('.row-link').first().textContent()).toBe(CORPUS)

  await open('/m/products?q=Probe')
  expect(await page.locator('#list tbody').textContent()).toContain(CORPUS)
  expect(await page.locator('#list tbody a[href$="/m/categories/9000"]').textContent()).toBe(CORPUS)

  await open('/m/customers?q=Probe')
  expect(await page.locator('#list tbody').textContent()).toContain(CORPUS)
})

test('stays text on a record, in its heading, its title and its trail', async () => {
  await open('/m/products/9000')

  expect(await page.locator('h1').textContent()).toBe(CORPUS)
  expect(await page.title()).toContain('<img src=x onerror')
  const values = await page.locator('main dd').evaluateAll((all) => all.map((one) => one.textContent))
  expect(values.filter((value) => value?.includes(CORPUS)).length).toBeGreaterThanOrEqual(3)
  await open('/m/customers/9000')
  expect(await page.locator('main').textContent()).toContain(CORPUS)
})

test('stays text in a form, in what is wrong with it, in the history and in the log', async () => {
  await open('/m/products/9000/edit')
  expect(await page.locator('[name=name]').inputValue()).toBe(CORPUS)
  expect(await page.locator('textarea[name=description]').inputValue()).toBe(CORPUS)
  expect(await page.locator('[name=category_id] option:checked').textContent()).toBe(CORPUS)

  await page.locator('[name=price]').fill(SHORT)
  await page.locator('[name=description]').fill(`${CORPUS} again`)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-error-summary]').waitFor()
  await expectHarmless()
  expect(await page.locator('[name=price]').inputValue()).toBe(SHORT)
  expect(await page.locator('[name=description]').inputValue()).toBe(`${CORPUS} again`)

  await page.locator('[name=price]').fill('2.00')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-toast]').waitFor()
  await expectHarmless()

  await open('/m/products/9000/history')
  expect(await page.locator('.diff del').allTextContents()).toContain(CORPUS)
  expect(await page.locator('.diff ins').allTextContents()).toContain(`${CORPUS} again`)
  await open('/audit')
  expect(await page.locator('main').textContent()).toContain(CORPUS)
  const details = page.locator('details', { has: page.locator('a[href*="/audit/"]') }).first()
  await details.locator('summary').click()
  await details.getByRole('link', { name: 'Open event' }).click()
  await page.getByRole('heading', { level: 1, name: /^Event / }).waitFor()
  await expectHarmless()
  expect(await page.locator('.diff ins').allTextContents()).toContain(`${CORPUS} again`)
})

test('stays text in a picker, a plan and a palette', async () => {
  await open('/m/order_items/new')
  await page.getByRole('combobox', { name: /Product/ }).fill('Probe')
  const option = page.getByRole('option').first()
  await option.waitFor()
  expect(await option.textContent()).toContain(CORPUS)
  await option.click()
  await expectHarmless()

  await open('/m/categories/9000/delete')
  expect(await page.locator('main').textContent()).toContain(CORPUS)
  await page.keyboard.press('Control+k')
  await expectHarmless()
})

test('stays text when it comes by the address', async () => {
  const text = encodeURIComponent(CORPUS)
  const addresses = [
    `/m/products?q=${text.slice(0, 180)}`,
    `/m/products?f=name:contains:${text}`,
    `/m/products?f=${text}&sort=${text}&per=${text}&cursor=${text}`,
    `/m/products/new?name=${text}`,
    `/m/products/9000?event=${text}`,
    `/m/${text}`,
    `/m/products/${text}`,
    `/audit?q=${text}&actor=${text}`,
    `/people?q=${text.slice(0, 180)}`,
    `/sign-in?next=${encodeURIComponent(SHORT)}`,
    `/set-up?token=${text}`,
    `/${text}`,
  ]
  for (const address of addresses) await open(address)

  await open(`/m/products/new?name=${text}`)
  expect(await page.locator('[name=name]').inputValue()).toBe(CORPUS)
})
