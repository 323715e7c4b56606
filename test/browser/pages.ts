/** Every page that someone signed in can come to, and how one comes there. */

import type { Page } from 'playwright-core'
import { findOrder, type Site } from './site.ts'

/** Paths under the base path that only the data knows. */
export interface Places {
  readonly order: string
  readonly person: string
  readonly event: string
}

export interface Visit {
  readonly name: string
  path(places: Places): string
  /** What is done there before the page is looked at. */
  arrive?(page: Page): Promise<unknown>
  /** For a popover that only exists on a narrow window, where the page was opened wide. */
  readonly isNarrow?: boolean
}

/** Looks the places up, by the pages' own links; makes a change and a person, so that there is something to see. */
export async function findPlaces(page: Page, site: Site): Promise<Places> {
  const order = await findOrder(page, site)
  await page.goto(`${site.url}${order}/edit`)
  await page.locator('[name=internal_note]').fill('Called back, and all is well.')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-toast]').waitFor()
  await site.addPerson({ name: 'Cleo Marsh', email: 'cleo@example.com' }, 'support')
  return {
    order,
    person: await firstHref(page, site, '/people?q=cleo', '.row-link'),
    event: await firstHref(page, site, '/audit', 'main a.link[href*="/audit/"]'),
  }
}

async function firstHref(page: Page, site: Site, path: string, selector: string): Promise<string> {
  await page.goto(`${site.url}${path}`)
  const href = await page.locator(selector).first().getAttribute('href')
  if (href === null) throw new Error(`Nothing at ${path} leads on.`)
  return href.slice(new URL(site.url).pathname.length)
}

async function chooseTwo(page: Page): Promise<void> {
  for (const row of [0, 1]) await page.locator('tbody input[name=k]').nth(row).click()
  await page.locator('.bulk-bar').waitFor()
}

export const VISITS: readonly Visit[] = [
  { name: 'dashboard', path: () => '' },
  { name: 'list', path: () => '/m/orders' },
  { name: 'list with filters and sort', path: () => '/m/orders?f=status:eq:paid&f=colour:eq:1&sort=-total' },
  { name: 'list that matches nothing', path: () => '/m/orders?q=nobody-is-called-that' },
  { name: 'list of a view', path: () => '/m/customer_totals' },
  { name: 'trash', path: () => '/m/products/trash' },
  { name: 'rows chosen', path: () => '/m/orders', arrive: chooseTwo },
  {
    name: 'edit of several',
    path: () => '/m/orders',
    async arrive(page) {
      await chooseTwo(page)
      await page.locator('.bulk-bar').getByRole('button', { name: 'Edit' }).click()
      await page.locator('.bulk-field').first().waitFor()
    },
  },
  {
    name: 'delete of several',
    path: () => '/m/tags',
    async arrive(page) {
      await chooseTwo(page)
      await page.locator('.bulk-bar').getByRole('button', { name: 'Delete' }).click()
      await page.locator('.plan-records').waitFor()
    },
  },
  { name: 'record', path: ({ order }) => order },
  { name: 'record with masked fields', path: () => '/m/customers/1' },
  { name: 'new', path: () => '/m/products/new' },
  { name: 'edit', path: ({ order }) => `${order}/edit` },
  {
    name: 'edit with errors',
    path: ({ order }) => `${order}/edit`,
    async arrive(page) {
      await page.locator('[name=total]').fill('twelve')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.locator('[data-error-summary]').waitFor()
    },
  },
  {
    name: 'edit that somebody else was faster with',
    path: ({ order }) => `${order}/edit`,
    async arrive(page) {
      await page.locator('[name=total]').fill('77.70')
      // as if the form had been made from an older record, whose total was another
      await page.evaluate(() => {
        const inputOf = (name: string) => document.querySelector<HTMLInputElement>(`[name=${name}]`)
        const version = inputOf('_version')
        const original = inputOf('_original')
        if (version) version.value = `older-${version.value}`
        if (original) original.value = JSON.stringify({ ...JSON.parse(original.value), total: '1.00' })
      })
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByRole('table').waitFor()
      await page.getByRole('button', { name: 'Save my choice' }).waitFor()
    },
  },
  {
    name: 'reveal',
    path: () => '/m/customers/1',
    async arrive(page) {
      await page
        .getByRole('link', { name: /^Reveal / })
        .first()
        .click()
      await page.waitForURL(/\/reveal/)
    },
  },
  {
    name: 'just saved',
    path: ({ order }) => `${order}/edit`,
    async arrive(page) {
      const field = page.locator('[name=internal_note]')
      await field.fill((await field.inputValue()) === 'One.' ? 'Two.' : 'One.')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      const toast = page.locator('[data-toast]')
      await toast.waitFor()
      await toast.hover()
    },
  },
  { name: 'delete', path: () => '/m/tags/1/delete' },
  { name: 'delete that is held', path: ({ order }) => `${order}/delete` },
  { name: 'history', path: ({ order }) => `${order}/history` },
  { name: 'audit', path: () => '/audit' },
  { name: 'audit event', path: ({ event }) => event },
  { name: 'activity', path: () => '/audit/activity' },
  { name: 'people', path: () => '/people' },
  { name: 'person', path: ({ person }) => person },
  { name: 'edit of a person', path: ({ person }) => `${person}/edit` },
  { name: 'sessions', path: () => '/sessions' },
  { name: 'keys', path: () => '/keys' },
  { name: 'roles', path: () => '/roles' },
  { name: 'profile', path: () => '/profile' },
  { name: 'agents', path: () => '/profile/agents' },
  { name: 'not found', path: () => '/m/orders/99999999' },
  {
    name: 'filters open',
    path: () => '/m/orders',
    async arrive(page) {
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.locator('#filter-panel').getByRole('link', { name: 'Status', exact: true }).click()
      await page.locator('.filter-choices').waitFor()
    },
  },
  { name: 'filter of a field', path: () => '/m/orders/~filter?field=placed_at' },
  {
    name: 'filter builder',
    path: () =>
      `/m/orders/~filter?f=${encodeURIComponent('any(status:eq:paid,not(customer.region:eq:emea))')}`,
  },
  {
    name: 'account menu open',
    path: () => '/m/orders',
    arrive: (page) => page.getByRole('button', { name: /^Account/ }).click(),
  },
  {
    name: 'palette open',
    path: () => '/m/orders',
    async arrive(page) {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    },
  },
  {
    name: 'picker open',
    path: ({ order }) => `${order}/edit`,
    async arrive(page) {
      await page.getByRole('combobox', { name: /Customer/ }).fill('ade')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'navigation open',
    path: () => '/m/orders',
    isNarrow: true,
    arrive: (page) => page.getByRole('button', { name: 'Open navigation' }).click(),
  },
]
