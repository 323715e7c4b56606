/** Rows, sets of links and duplicates in a browser, with scripts and without. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { createDemoShop } from '../../src/demo/generate.ts'
import type { Serving } from '../../src/node.ts'
import { isDeep } from '../runs.ts'
import { listen } from './report.ts'
import { openVisitors, type Site, saveRecoveryCodes, setUp, type Visitors } from './site.ts'

let folder: string
let shop: string
let server: Serving
let admin: Awaited<ReturnType<typeof built>>['admin']
let visitors: Visitors
let site: Pick<Site, 'url' | 'setUpUrl'>
let state: Awaited<ReturnType<BrowserContext['storageState']>>

async function built(file: string) {
  const { createAdmin }: typeof import('../../src/index.ts') = await import(resolve('dist/index.js'))
  const { serve }: typeof import('../../src/node.ts') = await import(resolve('dist/node.js'))
  const admin = createAdmin({
    database: `sqlite:${file}`,
    secretKeys: ['kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx'],
    debug: true,
    log: 'silent',
    models: {
      orders: {
        relations: {
          order_items: { inline: { fields: ['product_id', 'quantity', 'unit_price', 'discount_percent'] } },
        },
      },
      categories: { relations: { categories: { inline: { order: 'position' } } } },
    },
  })
  return { admin, serve }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-related-'))
  shop = join(folder, 'shop.db')
  const database = await openSqlite({ file: shop, ifMissing: 'create' })
  await createDemoShop(database)
  await database.close()
  const made = await built(shop)
  admin = made.admin
  const { setUpToken } = await admin.initialize()
  ;[server, visitors] = await Promise.all([made.serve(admin, { port: 0 }), openVisitors()])
  const url = `${server.origin}/admin`
  site = { url, setUpUrl: `${url}/set-up?token=${setUpToken}` }
  const context = await visitors.visitor()
  const page = await context.newPage()
  await setUp(page, site as Site)
  await saveRecoveryCodes(page)
  state = await context.storageState()
  await context.close()
})

afterAll(async () => {
  await visitors?.close()
  await server?.close()
  await admin?.close()
  rmSync(folder, { recursive: true, force: true })
})

const SHOTS = process.env['TEST_SHOTS']

/** For whoever wants to look: `TEST_SHOTS` names a folder. */
async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

function rows(text: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(shop, { timeout: 5000 })
  try {
    return database.prepare(text).all()
  } finally {
    database.close()
  }
}

/** The record's page after a change; the event is in its address until the page's script has told of it. */
const saved = (model: string, key: number | string): RegExp =>
  new RegExp(`/m/${model}/${key}([?]event=[^&]+)?$`)

/** An order of the shop with that many lines, another one for each way to look at it. */
function orderWith(lines: number, place: number): number {
  const found = rows(
    `select order_id from order_items group by order_id having count(*) = ${lines} and max(line_number) = ${lines}
    order by order_id limit 1 offset ${place}`,
  )
  return Number(found[0]?.['order_id'])
}

/** Dark is looked at on the phone; a deep run looks at it on a wide screen as well. */
const WAYS = [
  ['light', 0, { colorScheme: 'light' }],
  ['dark', 1, { colorScheme: 'dark' }],
  ['phone', 2, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ['without scripts', 3, { javaScriptEnabled: false }],
] as const

describe.each(WAYS.filter(([name]) => isDeep || name !== 'dark'))('%s', (name, place, options) => {
  const isScripted = name !== 'without scripts'

  test('the lines of an order are changed, added and deleted in its form', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const reports = await listen(page)
    const order = orderWith(2, place)
    const lines = `select line_number, quantity from order_items where order_id = ${order} order by line_number`

    await page.goto(`${site.url}/m/orders/${order}/edit`)
    const second = page.getByRole('group', { name: /^Order item 2/ })
    await second.waitFor()
    await shot(page, `rows-form-${name}`)
    await second.getByLabel('Quantity').fill('0')
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('Order item 2: quantity breaks a rule')
    await shot(page, `rows-errors-${name}`)

    await second.getByLabel('Quantity').fill('7')
    await page.getByRole('button', { name: 'Add order item' }).click()
    const third = page.getByRole('group', { name: 'Order item 3' })
    await third.waitFor()
    expect(await second.getByLabel('Quantity').inputValue()).toBe('7')
    expect(await third.getByLabel('Line number').inputValue()).toBe('3')
    await third.getByLabel('Quantity').fill('4')
    await third.getByLabel('Unit price').fill('9.50')
    await pickFirst(third, page, isScripted)
    await page.getByLabel('Delete order item 1').check()
    await shot(page, `rows-typed-${name}`)
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.waitForURL(saved('orders', order))
    expect(rows(lines)).toEqual([
      { line_number: 2, quantity: 7 },
      { line_number: 3, quantity: 4 },
    ])
    if (isScripted) expect(reports).toEqual([])
    await context.close()
  })

  test('the tags of a product are ticked, and shown on its page', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const reports = await listen(page)
    const [found] = rows(
      `select p.id, t.name from products p join product_tags pt on pt.product_id = p.id
      join tags t on t.id = pt.tag_id order by p.id limit 1 offset ${place * 20}`,
    )
    const product = Number(found?.['id'])
    const tag = String(found?.['name'])

    await page.goto(`${site.url}/m/products/${product}`)
    await shot(page, `links-record-${name}`)
    await page.goto(`${site.url}/m/products/${product}/edit`)
    const box = page.getByRole('checkbox', { name: tag, exact: true })
    expect(await box.isChecked()).toBe(true)
    await box.uncheck()
    await shot(page, `links-form-${name}`)
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.waitForURL(saved('products', product))
    const left = rows(
      `select t.name from product_tags pt join tags t on t.id = pt.tag_id where pt.product_id = ${product}`,
    )
    expect(left.map((one) => one['name'])).not.toContain(tag)
    if (isScripted) expect(reports).toEqual([])
    await context.close()
  })

  test('a tag gets a product by searching for it, or by its key', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const reports = await listen(page)
    const tag = place + 1
    const [free] = rows(
      `select id, name from products where deleted_at is null
      and id not in (select product_id from product_tags where tag_id = ${tag}) order by id limit 1`,
    )

    await page.goto(`${site.url}/m/tags/${tag}/edit`)
    const search = page.getByLabel('Add product')
    await search.waitFor()
    if (isScripted) {
      await search.fill(String(free?.['name']))
      await page
        .getByRole('option', { name: String(free?.['name']) })
        .first()
        .click()
    } else await search.fill(String(free?.['id']))
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page
      .getByRole('checkbox', { name: String(free?.['name']) })
      .first()
      .waitFor()
    await shot(page, `links-picker-${name}`)
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.waitForURL(saved('tags', tag))
    if (isScripted) expect(reports).toEqual([])
    await context.close()
  })

  test('rows change places by button', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const [parent] = rows(
      `select parent_id from categories where parent_id is not null group by parent_id having count(*) > 1
      order by parent_id limit 1 offset ${place % 2}`,
    )
    const key = Number(parent?.['parent_id'])
    const order = (): unknown[] =>
      rows(`select name from categories where parent_id = ${key} order by position, id`).map(
        (one) => one['name'],
      )
    const before = order()

    await page.goto(`${site.url}/m/categories/${key}/edit`)
    await page.getByRole('button', { name: 'Move category 1 down' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('group', { name: `Category 1: ${before[1]}`, exact: true }).waitFor()
    await shot(page, `rows-moved-${name}`)
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.waitForURL(saved('categories', key))
    expect(order()).toEqual([before[1], before[0], ...before.slice(2)])
    await context.close()
  })

  test('a duplicate is a form, and nothing more until it is saved', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const count = (): unknown => rows('select count(*) as n from products')[0]?.['n']
    const before = count()

    await page.goto(`${site.url}/m/products/5`)
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('link', { name: 'Duplicate' }).click()
    await page.getByRole('heading', { name: 'New product' }).waitFor()
    await shot(page, `duplicate-${name}`)
    expect(count()).toBe(before)
    await page.getByLabel('SKU').fill(`COPY-${place}`)
    await page.getByLabel('Barcode').fill('')
    await page.getByRole('button', { name: 'Create product' }).click()
    await page.waitForURL(saved('products', '\\d+'))
    expect(count()).toBe(Number(before) + 1)
    await context.close()
  })
})

/** Some product for the line, however it is picked. */
async function pickFirst(row: ReturnType<Page['getByRole']>, page: Page, isScripted: boolean): Promise<void> {
  if (!isScripted) {
    const key = row.locator('[name$=".product_id"]')
    if ((await key.evaluate((one) => one.tagName)) === 'SELECT') await key.selectOption({ index: 1 })
    else await key.fill('1')
    return
  }
  await row.getByRole('combobox', { name: /^Product/ }).click()
  await page.locator('.relation-list [role=option]').first().click()
}
