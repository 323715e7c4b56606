/** An action and a page of the application in a browser, with scripts and without. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openSqlite } from '../../src/database/sqlite/sqlite.ts'
import { createDemoShop } from '../../src/demo/generate.ts'
import { defineAction } from '../../src/gate/own-action.ts'
import type { Serving } from '../../src/node.ts'
import { isDeep } from '../runs.ts'
import { listen } from './report.ts'
import { findOrder, openVisitors, type Site, saveRecoveryCodes, setUp, type Visitors } from './site.ts'

const note = defineAction({
  name: 'call-back',
  label: 'Call back',
  description: 'Writes down when somebody calls the customer.',
  icon: 'bell',
  on: 'record',
  input: z.object({
    day: z.iso.date().meta({ title: 'Day' }),
    by: z.enum(['phone', 'e-mail', 'letter']).default('phone').meta({ title: 'How' }),
    product: z.int().optional().meta({ title: 'About', model: 'products' }),
    text: z
      .string()
      .min(3)
      .max(200)
      .meta({ title: 'What about', widget: 'long-text', description: 'Only staff see it.' }),
  }),
  plan: ({ input, target }) => ({
    sentence: `Note on order ${target.title}: call back on ${input.day} by ${input.by}.`,
    changes: [
      { field: 'internal_note', label: 'Internal note', before: null, after: input.text, isMasked: false },
    ],
  }),
  async run({ input, target }) {
    await target.update({ internal_note: `${input.day} ${input.by}: ${input.text}` })
    return { message: `Noted for ${input.day}.`, link: { label: 'All orders', model: 'orders' } }
  },
})

const forget = defineAction({
  name: 'forget-note',
  label: 'Forget the note',
  icon: 'x',
  danger: true,
  on: 'record',
  run: async ({ target }) => {
    await target.update({ internal_note: null })
    return { message: 'Forgotten.' }
  },
})

let folder: string
let server: Serving
let admin: Awaited<ReturnType<typeof built>>['admin']
let visitors: Visitors
let site: Pick<Site, 'url' | 'setUpUrl'>
let state: Awaited<ReturnType<BrowserContext['storageState']>>

/** What users of the package import: the pages of the sources would find no style sheet. */
async function built(file: string) {
  const { createAdmin }: typeof import('../../src/index.ts') = await import(resolve('dist/index.js'))
  const { serve }: typeof import('../../src/node.ts') = await import(resolve('dist/node.js'))
  const { jsx }: typeof import('../../src/jsx/jsx-runtime.ts') = await import(
    resolve('dist/jsx/jsx-runtime.js')
  )
  const { Card }: typeof import('../../src/components.ts') = await import(resolve('dist/components.js'))
  const admin = createAdmin({
    database: `sqlite:${file}`,
    secretKeys: ['kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx'],
    debug: true,
    log: 'silent',
    models: { orders: { actions: [note, forget] } },
    menu: [{ href: '/shop', label: 'The shop', icon: 'store' }],
    pages: [
      {
        path: '/calls',
        title: 'Calls of today',
        icon: 'bell',
        render: ({ principal, url }) =>
          Card({
            title: 'Who is called',
            children: [
              `${principal.name} calls the customers of `,
              jsx('a', { class: 'link', href: url('/m/orders'), children: 'these orders' }),
            ],
          }),
      },
    ],
  })
  return { admin, serve }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castellan-own-'))
  const file = join(folder, 'shop.db')
  const database = await openSqlite({ file, ifMissing: 'create' })
  await createDemoShop(database)
  await database.close()
  const made = await built(file)
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

/** Dark is looked at on the phone; a deep run looks at it on a wide screen as well. */
const WAYS = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ['without scripts', { javaScriptEnabled: false }],
] as const

describe.each(WAYS.filter(([name]) => isDeep || name !== 'dark'))('%s', (name, options) => {
  test('an action asks, shows its plan, and says what it did', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const reports = await listen(page)
    const isScripted = !('javaScriptEnabled' in options)

    await page.goto(`${site.url}${await findOrder(page, site as Site)}`)
    await shot(page, `own-record-${name}`)
    await page.getByRole('link', { name: 'Call back…' }).click()
    await page.getByRole('heading', { name: /^Call back order/ }).waitFor()
    await shot(page, `own-form-${name}`)
    await page.getByLabel('What about').fill('It')
    await page.getByRole('button', { name: 'Call back', exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('Day must have a value')
    expect(await page.getByLabel('What about').inputValue()).toBe('It')
    await shot(page, `own-errors-${name}`)

    await page.getByLabel('Day').fill('2026-12-01')
    await page.getByLabel('E mail').check()
    await page.getByLabel('What about').fill('The broken chair')
    await page.getByRole('button', { name: 'Call back' }).click()
    await page.getByText('call back on 2026-12-01 by e-mail.').waitFor()
    await shot(page, `own-plan-${name}`)
    await page.getByRole('button', { name: 'Call back' }).click()
    await page.waitForURL('**/m/orders/*?said=*')
    await page.getByText('Noted for 2026-12-01.').waitFor()
    expect(await page.getByText('2026-12-01 e-mail: The broken chair').count()).toBeGreaterThan(0)
    await shot(page, `own-done-${name}`)

    await page.getByRole('button', { name: 'More actions' }).click()
    await shot(page, `own-menu-${name}`)
    await page.getByRole('button', { name: 'Forget the note' }).click()
    await page.getByText('Forgotten.').waitFor()
    if (isScripted) expect(reports).toEqual([])
    await context.close()
  })

  test('a page stands inside the admin, and in its menu', async () => {
    const context = await visitors.visitor({ ...options, storageState: state })
    const page = await context.newPage()
    const reports = await listen(page)

    await page.goto(`${site.url}/calls`)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Calls of today')
    expect(await page.locator('#navigation a[aria-current=page]').textContent()).toBe('Calls of today')
    expect(await page.locator('#navigation a', { hasText: 'The shop' }).getAttribute('href')).toBe('/shop')
    await shot(page, `own-page-${name}`)
    await page.getByRole('link', { name: 'these orders' }).click()
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor()
    expect(reports).toEqual([])
    await context.close()
  })
})
