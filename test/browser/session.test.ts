/**
 * What only a browser shows of sessions: that its cookies come along on the way
 * back from a provider on another site, and that a form outlives its session.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { mount } from '../../src/node.ts'
import { totpCode } from '../client.ts'
import { asSystem, type House, openHouse, PASSWORD } from '../house.ts'
import { CLIENT_ID, CLIENT_SECRET, openProvider, type TestProvider } from '../oidc-provider.ts'
import { openVisitors, type Visitors } from './site.ts'

const MINUTE = 60_000
const EMAIL = 'ana@example.com'

let server: Server
let provider: TestProvider
let house: House
let visitors: Visitors
let url: string
let totpUri: string
let context: BrowserContext
let page: Page

beforeAll(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // `localhost` here and `127.0.0.1` there are two sites
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  url = `${origin}/admin`
  provider = await openProvider(['corp'], origin)
  provider.account = { sub: 'ana' }
  house = await openHouse({
    engine: 'sqlite',
    sql: 'create table notes (id integer primary key, body text not null)',
    oidc: [
      {
        id: 'corp',
        label: 'Corp',
        issuer: provider.issuer,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
      },
    ],
  })
  // browsers drop cookies by their own clock
  house.clock.now = Date.now()
  server.on('request', mount(house.admin))
  const person = { name: 'Ana Lima', email: EMAIL, roles: ['admin'], password: PASSWORD, withTotp: true }
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', {
    ...person,
    attributes: {},
  })
  totpUri = (made as { totpUri: string }).totpUri
  visitors = await openVisitors()
})
afterAll(async () => {
  await visitors?.close()
  server?.closeAllConnections()
  server?.close()
  await house?.close()
  await provider?.close()
})
beforeEach(async () => {
  context = await visitors.visitor()
  page = await context.newPage()
})
afterEach(() => context?.close())

function code(): string {
  house.clock.now += 30_000
  return totpCode(totpUri, house.clock.now)
}

async function giveCode(where: Page): Promise<void> {
  await where.waitForURL('**/sign-in/second-factor**')
  await where.getByLabel('Code').fill(code())
  await where.getByRole('button', { name: 'Sign in', exact: true }).click()
  await where.locator('#navigation').waitFor({ state: 'attached' })
}

async function signIn(where: Page): Promise<void> {
  await where.goto(`${url}/sign-in`)
  await where.getByLabel('Work e-mail').fill(EMAIL)
  await where.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await where.getByRole('button', { name: 'Continue' }).click()
  await giveCode(where)
}

test('an account at a provider on another site is linked, and signs in from then on', async () => {
  await signIn(page)
  await page.goto(`${url}/profile`)
  await page.getByRole('button', { name: 'Link Corp' }).click()
  await page.locator('[data-toast]').getByText('Linked.').waitFor()
  await context.clearCookies()

  await page.goto(`${url}/sign-in?next=${encodeURIComponent('/admin/m/notes')}`)
  await page.getByRole('button', { name: 'Sign in with Corp' }).click()
  await giveCode(page)
  expect(new URL(page.url()).pathname).toBe('/admin/m/notes')
})

test('without scripts a form that was sent too late waits, and is sent by a button', async () => {
  await context.close()
  context = await visitors.visitor({ javaScriptEnabled: false })
  page = await context.newPage()
  await signIn(page)
  await page.goto(`${url}/m/notes/new`)
  await page.locator('[name=body]').fill('sent too late')
  house.clock.now += 31 * MINUTE
  await page.getByRole('button', { name: 'Create note' }).click()
  await page.getByRole('heading', { name: 'Your session has ended' }).waitFor()

  const other = await context.newPage()
  await signIn(other)
  await other.close()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('heading', { name: 'Send it once more' }).waitFor()
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.waitForURL(/\/m\/notes\/\d+/)
  expect(await house.sql('select body from notes order by id desc limit 1')).toEqual([
    { body: 'sent too late' },
  ])
})
