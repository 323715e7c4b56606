/** Passkeys in a real browser, with its virtual authenticator: its own dialog, its own origin, its own answers. */

import { DatabaseSync } from 'node:sqlite'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listen } from './report.ts'
import { ANA, openSite, PASSWORD, type Site, saveRecoveryCodes } from './site.ts'

let site: Site
/** Of the same server: browsers take no address for the name of a site. */
let url: string
let context: BrowserContext
let page: Page
let reports: string[]
let cdp: CDPSession
let authenticatorId: string

beforeAll(async () => {
  site = await openSite()
  url = site.url.replace('127.0.0.1', 'localhost')
  await open()
  await setUpWithPasskey()
  await context.close()
})
afterAll(() => site?.close())
beforeEach(() => open())
afterEach(() => context?.close())

/** The keys of Ana's device, which each test gets anew. */
let keys: readonly Credential[] = []

type Credential = Awaited<ReturnType<typeof credentials>>[number]

/** A device that says yes to everything would answer what the browser offers by itself before a button is pressed. */
async function open({ offersByItself = false } = {}): Promise<void> {
  context = await site.visitor()
  if (!offersByItself) {
    await context.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)
    })
  }
  page = await context.newPage()
  reports = await listen(page)
  cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await plugIn()
}

/** A device that verifies its person and says yes, with the keys that it had. */
async function plugIn(): Promise<void> {
  const added = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  authenticatorId = added.authenticatorId
  for (const credential of keys) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential })
}

async function credentials() {
  return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
}

/** Counters go on from test to test, as they do on a device. */
async function keepKeys(): Promise<void> {
  keys = await credentials()
}

async function setUpWithPasskey(): Promise<void> {
  await page.goto(site.setUpUrl.replace('127.0.0.1', 'localhost'))
  await page.getByLabel('Name', { exact: true }).fill(ANA.name)
  await page.getByLabel('Work e-mail').fill(ANA.email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/sign-in/enrol')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
  await saveRecoveryCodes(page)
  await keepKeys()
}

/** To the dashboard with nothing but the passkey. */
async function signIn(): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.locator('#navigation').waitFor({ state: 'attached' })
  await keepKeys()
}

test('was set up with a passkey that the device finds by itself, and nothing was reported', async () => {
  expect(keys).toHaveLength(1)
  expect(keys[0]).toMatchObject({ isResidentCredential: true, rpId: 'localhost' })
  expect(reports).toEqual([])
})

test('signs in with nothing but the passkey', async () => {
  await signIn()

  expect(await page.locator('h1').count()).toBe(1)
  expect(reports).toEqual([])
})

test('the browser offers it by itself, among what it fills in', async () => {
  await context.close()
  await open({ offersByItself: true })
  await page.goto(`${url}/sign-in`)
  await page.locator('#navigation').waitFor({ state: 'attached' })
  await keepKeys()

  expect(reports).toEqual([])
})

test('is the second factor after the password', async () => {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Work e-mail').fill(ANA.email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/sign-in/second-factor')
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.locator('#navigation').waitFor({ state: 'attached' })
  await keepKeys()

  expect(reports).toEqual([])
})

test('says so when the person does not verify, and leaves the other ways open', async () => {
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await page.goto(`${url}/sign-in`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()

  await expect.poll(() => page.locator('.passkey .error').innerText()).toMatch(/gave no passkey/)
  expect(await page.getByLabel('Password', { exact: true }).isVisible()).toBe(true)
})

test('adds a second passkey from another device, renames it and removes it', async () => {
  await signIn()
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  const first = keys
  keys = []
  await plugIn()
  await page.goto(`${url}/profile`)
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name').fill('Security key')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('.line-list').first().innerText()).toContain('Security key')

  await page.getByRole('link', { name: 'Change passkey: Security key' }).click()
  await page.getByLabel('Name').fill('Blue key')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Change passkey: Blue key' }).click()
  await page.getByRole('button', { name: 'Remove this passkey' }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('.line-list').first().innerText()).not.toContain('Blue key')
  expect(reports).toEqual([])
  keys = first
})

test('proves again who asks, and what was typed is kept', async () => {
  await signIn()
  await site.addPerson({ name: 'Cleo Marsh', email: 'cleo@example.com' }, 'support')
  await page.goto(`${url}/people?q=cleo`)
  await page.locator('.row-link').first().click()
  await page.getByLabel('Role', { exact: true }).selectOption('admin')
  proveLongAgo()
  await page.getByRole('button', { name: 'Grant role' }).click()
  expect(await page.locator('h1').innerText()).toBe('Confirm that it is you')

  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.locator('[data-toast]').waitFor()
  expect(await page.locator('.line-list').first().innerText()).toMatch(/Admin/)
  expect(reports).toEqual([])
  await keepKeys()
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

/** What the page sends is changed on its way, one thing at a time; only a browser makes the rest of it. */
async function mutated(change: (answer: Answer) => void): Promise<number> {
  let status = 0
  await page.route('**/sign-in', async (route) => {
    const form = new URLSearchParams(route.request().postData() ?? '')
    if (route.request().method() !== 'POST') return route.continue()
    const answer = JSON.parse(form.get('passkey') ?? '{}')
    change(answer)
    form.set('passkey', JSON.stringify(answer))
    await route.continue({ postData: form.toString() })
  })
  page.on('response', (response) => {
    if (response.request().method() === 'POST') status = response.status()
  })
  await page.goto(`${url}/sign-in`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect.poll(() => status).not.toBe(0)
  await keepKeys()
  return status
}

interface Answer {
  id: string
  rawId: string
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle: string }
}

const decoded = (text: string): Buffer => Buffer.from(text, 'base64url')
const inClientData = (more: object) => (answer: Answer) => {
  const before = JSON.parse(decoded(answer.response.clientDataJSON).toString())
  answer.response.clientDataJSON = Buffer.from(JSON.stringify({ ...before, ...more })).toString('base64url')
}

test.each<[string, (answer: Answer) => void]>([
  ['another origin', inClientData({ origin: 'https://evil.example.com' })],
  ['another challenge', inClientData({ challenge: 'AAAA' })],
  [
    'another RP id',
    ({ response }) => {
      const bytes = decoded(response.authenticatorData)
      bytes.fill(0, 0, 32)
      response.authenticatorData = bytes.toString('base64url')
    },
  ],
  [
    'nobody verified',
    ({ response }) => {
      const bytes = decoded(response.authenticatorData)
      bytes[32] = (bytes[32] ?? 0) & ~0x04
      response.authenticatorData = bytes.toString('base64url')
    },
  ],
  [
    'a signature of which one bit is another',
    ({ response }) => {
      const bytes = decoded(response.signature)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      response.signature = bytes.toString('base64url')
    },
  ],
  [
    'another key',
    (answer) => {
      answer.id = 'AAAA'
      answer.rawId = 'AAAA'
    },
  ],
])('an answer with %s is refused', async (_, change) => {
  expect(await mutated(change)).toBe(401)
})

test('control: the same answer unchanged signs in', async () => {
  expect(await mutated(() => undefined)).toBe(303)
})

test('without scripts the page says that passkeys need them, and the password works', async () => {
  const plain = await site.visitor({ javaScriptEnabled: false })
  const own = await plain.newPage()
  await own.goto(`${url}/sign-in`)

  expect(await own.locator('main').innerText()).toContain('Passkeys need JavaScript, which is off here.')
  expect(await own.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0)
  await own.getByLabel('Work e-mail').fill(ANA.email)
  await own.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await own.getByRole('button', { name: 'Continue' }).click()
  expect(await own.getByLabel('Recovery code').isVisible()).toBe(true)
  await plain.close()
})
