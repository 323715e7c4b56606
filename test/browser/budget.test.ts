/** What a first visit costs, measured as a browser with an empty cache asks for it. */

import { gzipSync } from 'node:zlib'
import type { Page, Response } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSignedInSite, type SignedInSite } from './site.ts'

const KB = 1024

let site: SignedInSite
let page: Page
let responses: readonly Response[]

beforeAll(async () => {
  site = await openSignedInSite()
  page = await (await site.context()).newPage()
  const seen: Response[] = []
  page.on('response', (response) => seen.push(response))
  await page.goto(`${site.url}/m/orders`)
  await page.evaluate(() => document.fonts.ready)
  responses = seen
})
afterAll(() => site?.close())

/** Compressed here, so that what is measured is the same whatever the server negotiates. */
async function gzippedBytes(kinds: readonly string[]): Promise<number> {
  const bodies = responses.filter((response) => kinds.includes(response.request().resourceType()))
  expect(bodies.length).toBeGreaterThan(0)
  const sizes = await Promise.all(bodies.map(async (response) => gzipSync(await response.body()).length))
  return sizes.reduce((sum, size) => sum + size, 0)
}

test('loads less than 60 KB of scripts and styles', async () => {
  expect(await gzippedBytes(['script', 'stylesheet'])).toBeLessThan(60 * KB)
  expect(await gzippedBytes(['script'])).toBeLessThan(35 * KB)
  expect(await gzippedBytes(['stylesheet'])).toBeLessThan(20 * KB)
})

test('sends the scripts and styles compressed', async () => {
  for (const response of responses) {
    if (!['script', 'stylesheet'].includes(response.request().resourceType())) continue
    expect(response.headers()['content-encoding']).toMatch(/^(br|gzip)$/)
  }
})

test('answers a list of fifty rows in less than 20 KB', async () => {
  expect(await page.locator('#list tbody tr').count()).toBe(50)
  expect(await gzippedBytes(['document'])).toBeLessThan(20 * KB)
})

test('asks at most eight times, and nobody else', async () => {
  const [requested, foreign] = await Promise.all([requestsOf('/m/opening_hours'), requestsOf('/m/orders')])
  const { origin } = new URL(site.url)

  expect(requested.length).toBeGreaterThan(3)
  expect(requested.length, requested.join('\n')).toBeLessThanOrEqual(8)
  // names in other letters ask for the part of the font that has them, and for nothing else
  expect(foreign.filter((url) => !url.endsWith('.woff2')).length).toBeLessThanOrEqual(8)
  for (const url of [...requested, ...foreign]) expect(new URL(url).origin).toBe(origin)
})

/** The addresses asked for by a browser that was never here. */
async function requestsOf(path: string): Promise<readonly string[]> {
  const own = await site.context()
  const shown = await own.newPage()
  const requested: string[] = []
  shown.on('request', (request) => requested.push(request.url()))
  await shown.goto(`${site.url}${path}`)
  await shown.evaluate(() => document.fonts.ready)
  await own.close()
  return requested
}

test('transfers no asset a second time', async () => {
  const sizes = (): Promise<readonly number[]> =>
    page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter((entry) => /\.(js|css|svg|woff2)$/.test(entry.name))
        .map((entry) => entry.transferSize),
    )
  expect((await sizes()).filter((bytes) => bytes > 0).length).toBeGreaterThan(2)

  await page.goto(`${site.url}/m/orders?sort=total`)
  await page.evaluate(() => document.fonts.ready)
  const again = await sizes()
  expect(again.length).toBeGreaterThan(2)
  expect(again.filter((bytes) => bytes > 0)).toEqual([])
})
