/**
 * One demo server and one Chromium for a file of tests, and the pages' own way
 * to the first administrator. Each test gets a context, and with it cookies, of
 * its own.
 *
 * The server is a real process: its clock is the machine's, so codes are made
 * from the time as it is.
 */

import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { totpCode } from '../client.ts'
import { castellan, type Running, start, temporaryFolder } from '../process/castellan.ts'

export const PASSWORD = 'a quiet harbour at dawn'
export const ANA = { name: 'Ana Ferreira', email: 'ana@example.com' }

/** Long enough for two cores that five files share, short enough to name what is missing. */
const PATIENCE_MS = 15_000
const WIDE = { width: 1360, height: 860 }
const STEP_MS = 30_000

/** A server that nobody has set up yet. */
export interface Site {
  /** `http://127.0.0.1:4600/admin`. */
  readonly url: string
  readonly setUpUrl: string
  /** Where the shop, and in it the store, is kept. */
  readonly shop: string
  /** A context that nobody is signed in to. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>
  /** Adds a person on the command line. @returns their `otpauth://` URI. */
  addPerson(person: { readonly name: string; readonly email: string }, role: string): Promise<string>
  close(): Promise<void>
}

/** The same once the first administrator is there. */
export interface SignedInSite extends Site {
  /** A context with the session of the first administrator. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>
  /** The URI of that person's authenticator. */
  readonly totpUri: string
}

export async function openSite(): Promise<Site> {
  const { folder, remove } = temporaryFolder()
  const [server, browser] = await Promise.all([start(['demo'], { folder }), openBrowser()])
  if (server.setUpUrl === null) throw new Error(`It printed no set-up link:\n${server.printed().stdout}`)
  return {
    url: server.url,
    setUpUrl: server.setUpUrl,
    shop: `${folder}/castellan-demo/shop.db`,
    visitor: (options) => newContext(browser, options),
    async addPerson({ name, email }, role) {
      const line = ['user', 'create', '--name', name, '--email', email, '--role', role]
      const made = await castellan([...line, '--password-stdin', '--totp'], {
        folder,
        input: `${PASSWORD}\n`,
      })
      if (made.code !== 0) throw new Error(made.stderr)
      return made.stdout.trim()
    },
    close: () => close(server, browser, remove),
  }
}

/** @param atStep sees every page on the way, while it is shown. */
export async function openSignedInSite(atStep: AtStep = passBy): Promise<SignedInSite> {
  const site = await openSite()
  try {
    const first = await site.visitor()
    const page = await first.newPage()
    const totpUri = await setUp(page, site, atStep)
    await saveRecoveryCodes(page)
    const storageState = await first.storageState()
    await first.close()
    return { ...site, totpUri, context: (options) => site.visitor({ ...options, storageState }) }
  } catch (error) {
    // whoever asked has nothing to close yet
    await site.close()
    throw error
  }
}

/** Called on each page of a way that several tests go. */
export type AtStep = (step: string, page: Page) => Promise<void>

const passBy: AtStep = () => Promise.resolve()

/** From the printed link to the recovery codes. @returns the `otpauth://` URI that was enrolled. */
export async function setUp(page: Page, site: Site, atStep: AtStep = passBy): Promise<string> {
  await page.goto(site.setUpUrl)
  await atStep('set-up', page)
  await page.getByLabel('Name', { exact: true }).fill(ANA.name)
  await page.getByLabel('Work e-mail').fill(ANA.email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/sign-in/enrol')
  await atStep('enrol', page)
  const uri = await enrolledUri(page)
  await page.getByLabel('Enter the code it shows now').fill(totpCode(uri, Date.now()))
  await page.getByRole('button', { name: 'Add and sign in' }).click()
  await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
  await atStep('recovery codes', page)
  return uri
}

/** What an authenticator would make of the secret on the page. */
export async function enrolledUri(page: Page): Promise<string> {
  const secret = (await page.locator('.secret-text code').innerText()).replaceAll(/\s/g, '')
  return `otpauth://totp/Castellan?secret=${secret}`
}

/** Says that the codes are saved, and goes on to the dashboard. */
export async function saveRecoveryCodes(page: Page): Promise<void> {
  await page.getByLabel('I saved these codes').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await signedIn(page)
}

/** Signs in by password and code. */
export async function signIn(
  page: Page,
  site: Site,
  who: { readonly email: string; readonly totpUri: string },
  atStep: AtStep = passBy,
): Promise<void> {
  await page.goto(`${site.url}/sign-in`)
  await atStep('sign-in', page)
  await page.getByLabel('Work e-mail').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/sign-in/second-factor')
  await atStep('second factor', page)
  await page.getByLabel('Code').fill(totpCode(who.totpUri, Date.now()))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signedIn(page)
}

/** The code of the step after this one: each works once, and the one before may be used up. */
export function nextCode(totpUri: string): string {
  return totpCode(totpUri, Date.now() + STEP_MS)
}

/** Waits for the page behind the door: only people who are signed in have its navigation. */
async function signedIn(page: Page): Promise<void> {
  await page.locator('#navigation').waitFor({ state: 'attached' })
}

/** The first order that the search for half a name finds: its path, `/m/orders/17`. */
export async function findOrder(page: Page, site: Site, half = 'okaf'): Promise<string> {
  await page.goto(`${site.url}/m/orders?q=${half}`)
  const href = await page.locator('tbody .row-link').first().getAttribute('href')
  if (href === null) throw new Error(`No order for "${half}".`)
  return href.slice(new URL(site.url).pathname.length)
}

/** A browser for tests that bring servers of their own. */
export interface Visitors {
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>
  close(): Promise<void>
}

export async function openVisitors(): Promise<Visitors> {
  const browser = await openBrowser()
  return { visitor: (options) => newContext(browser, options), close: () => browser.close() }
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
}

async function newContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

async function close(server: Running, browser: Browser, remove: () => void): Promise<void> {
  await browser.close()
  await server.stop()
  remove()
}
