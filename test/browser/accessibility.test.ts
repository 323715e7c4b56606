/**
 * Every page by machine: axe in both themes and at two widths, no sideways scrolling at 320 px, nothing that
 * the browser reports of it, and the focus seen wherever Tab takes it.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findPlaces, type Places, VISITS } from './pages.ts'
import { listen } from './report.ts'
import { ANA, openSignedInSite, PASSWORD, type SignedInSite, signIn } from './site.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Variant {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** In every run one of each theme and width; a deep run crosses them. */
const VARIANTS: readonly Variant[] = [
  { width: 1360, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
  ...(process.env['CASTELLAN_TEST_RUNS'] === undefined
    ? []
    : ([
        { width: 1360, colorScheme: 'dark' },
        { width: 390, colorScheme: 'light' },
      ] as const)),
]
/** Of a page for phones alone. */
const PHONE: readonly Variant[] = [
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
]
const NARROWEST = 320
const HEIGHT = 860
/** Colours change at once, so that none is measured half-way. */
const CALM = { reducedMotion: 'reduce' } as const

/** What was found on one page, in its variants. */
interface Findings {
  readonly violations: readonly string[]
  /** How many rules found something to judge, at the least in any of them. */
  readonly passes: number
  /** What is wider than a window of 320 px and not in a box that scrolls. */
  readonly sticksOut: readonly string[]
}

let site: SignedInSite
let places: Places
let context: BrowserContext
let page: Page
let reports: readonly string[]
const before: Record<string, Findings> = {}

beforeAll(async () => {
  site = await openSignedInSite(async (step, shown) => {
    before[step] = await judge(shown)
  })
  context = await site.context(CALM)
  places = await findPlaces(await context.newPage(), site)
})
afterAll(() => site?.close())
beforeEach(async () => {
  page = await context.newPage()
  reports = await listen(page)
})
afterEach(() => page?.close())

describe.each(VISITS.map((visit) => [visit.name, visit] as const))('%s', (_, visit) => {
  test('keeps its policy, has no violation in either theme, and nothing sticks out at 320 px', async () => {
    const variants = visit.isNarrow ? PHONE : VARIANTS
    await page.setViewportSize({ width: variants[0]?.width ?? NARROWEST, height: HEIGHT })
    await page.goto(`${site.url}${visit.path(places)}`)
    await visit.arrive?.(page)
    await page.evaluate(() => document.fonts.ready)

    expect(reports).toEqual([])
    expect(await page.locator('h1').count()).toBe(1)
    expectNothing(await judge(page, variants))
  })
})

test('would find a faint text, a picture without words and a line that sticks out', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.evaluate(() => {
    const line = document.createElement('p')
    line.textContent = 'Faint and far too wide'
    line.style.color = 'gray'
    line.style.opacity = '0.3'
    line.style.width = '2000px'
    document.querySelector('main')?.append(line, document.createElement('img'))
  })

  const found = await judge(page)
  for (const { width, colorScheme } of VARIANTS) {
    const where = `${colorScheme} ${width}`
    expect(found.violations).toContainEqual(expect.stringContaining(`${where}: color-contrast`))
    expect(found.violations).toContainEqual(expect.stringContaining(`${where}: image-alt`))
  }
  expect(found.sticksOut).toContainEqual(expect.stringContaining('Faint and far too wide'))
})

test.each(['set-up', 'enrol', 'recovery codes'])('%s has no violation either', (step) => {
  expectNothing(before[step])
})

test('signing in has no violation, nor what it answers to mistakes', async () => {
  const totpUri = await site.addPerson({ name: 'Ben Adler', email: 'ben@example.com' }, 'support')
  const visitor = await site.visitor(CALM)
  const own = await visitor.newPage()
  const found: Record<string, Findings> = {}
  await own.goto(`${site.url}/sign-in`)
  await own.getByLabel('Work e-mail').fill(ANA.email)
  await own.getByLabel('Password', { exact: true }).fill(`${PASSWORD}?`)
  await own.getByRole('button', { name: 'Continue' }).click()
  await own.getByRole('alert').waitFor()
  found['refused'] = await judge(own)
  await signIn(own, site, { email: 'ben@example.com', totpUri }, async (step, shown) => {
    found[step] = await judge(shown)
  })
  found['denied'] = await judgeAt(own, `${site.url}/people`)
  await visitor.close()

  expect(Object.keys(found)).toEqual(['refused', 'sign-in', 'second factor', 'denied'])
  for (const findings of Object.values(found)) expectNothing(findings)
})

test('leads by the first Tab past the navigation', async () => {
  await page.goto(`${site.url}/m/orders`)
  await page.keyboard.press('Tab')
  const link = page.locator(':focus')
  expect(await link.innerText()).toBe('Skip to content')
  expect(await link.boundingBox()).toMatchObject({ y: expect.toSatisfy((y: number) => y >= 0) })

  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.locator('main :focus').count()).toBe(1)
})

test.each([
  ['list', '/m/orders?f=status:eq:paid'],
  ['edit', null],
  ['person', '/people'],
])('shows the focus wherever Tab takes it: %s', async (_, path) => {
  await page.setViewportSize({ width: 1360, height: 500 })
  await page.goto(`${site.url}${path ?? `${places.order}/edit`}`)
  const unseen: string[] = []
  const stops = new Set<string>()
  for (let step = 0; step < 70; step += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(describeFocus)
    stops.add(stop.name)
    if (!stop.isSeen) unseen.push(stop.name)
  }

  expect(stops.size).toBeGreaterThan(20)
  expect(unseen).toEqual([])
})

/** In the page: what has the focus, and whether it is marked, in the window, and not under a bar. */
function describeFocus(): { readonly name: string; readonly isSeen: boolean } {
  const element = document.activeElement
  if (!element || element === document.body) return { name: 'nothing', isSeen: true }
  const style = getComputedStyle(element)
  const box = element.getBoundingClientRect()
  const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1)
  const y = box.y + Math.min(box.height / 2, 20)
  const top = document.elementFromPoint(x, y)
  const isOnTop = top !== null && (element.contains(top) || top.contains(element))
  const isOutlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2
  const isMarked = (isOutlined && style.outlineColor !== 'rgba(0, 0, 0, 0)') || style.boxShadow !== 'none'
  // a button inside a native control, which the browser marks itself: the calendar of a date
  const isInside = !element.matches(':focus')
  return { name: element.outerHTML.slice(0, 160), isSeen: (isMarked || isInside) && isOnTop }
}

/**
 * In the page: what ends beyond the window. Asking whether the page scrolls is
 * not enough, for a page that clips never does.
 */
function findSticking(): readonly string[] {
  const mayBeWider = (element: Element): boolean => {
    const style = getComputedStyle(element)
    return /auto|scroll/.test(style.overflowX) || style.textOverflow === 'ellipsis'
  }
  const isInScroller = (element: Element): boolean => {
    for (let outer = element.parentElement; outer; outer = outer.parentElement) {
      if (outer !== document.documentElement && mayBeWider(outer)) return true
    }
    return false
  }
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && (box.right > innerWidth + 1 || box.left < -1)
  })
  const sticking = wide
    .filter((element) => !isInScroller(element))
    .map((element) => element.outerHTML.slice(0, 200))
  const scrolls = document.documentElement.scrollWidth > innerWidth
  return scrolls ? ['the page itself scrolls sideways', ...sticking] : sticking
}

function expectNothing(findings: Findings | undefined): void {
  expect(findings?.violations).toEqual([])
  expect(findings?.passes).toBeGreaterThan(10)
  expect(findings?.sticksOut).toEqual([])
}

async function judgeAt(shown: Page, url: string): Promise<Findings> {
  await shown.goto(url)
  return judge(shown)
}

/** Runs axe on the page as it is in each variant; then makes it as narrow as it may get. */
async function judge(shown: Page, variants: readonly Variant[] = VARIANTS): Promise<Findings> {
  // as a program of the browser's own, which the page's policy for scripts is no barrier to
  await shown.evaluate(AXE)
  const violations: string[] = []
  let passes = Number.POSITIVE_INFINITY
  for (const { width, colorScheme } of variants) {
    await shown.setViewportSize({ width, height: HEIGHT })
    await shown.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const results = await runAxe(shown)
    passes = Math.min(passes, results.passes)
    violations.push(...results.violations.map((line) => `${colorScheme} ${width}: ${line}`))
  }
  await shown.setViewportSize({ width: NARROWEST, height: HEIGHT })
  const sticksOut = await shown.evaluate(findSticking)
  await shown.setViewportSize({ width: variants[0]?.width ?? NARROWEST, height: HEIGHT })
  return { violations, passes, sticksOut }
}

interface AxeResults {
  readonly violations: readonly string[]
  readonly passes: number
}

function runAxe(shown: Page): Promise<AxeResults> {
  return shown.evaluate(async (tags) => {
    const { axe: judge } = window as unknown as { readonly axe: typeof axe }
    const results = await judge.run(document, {
      runOnly: { type: 'tag', values: tags },
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations', 'passes'],
    })
    const lines = results.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} (${node.failureSummary ?? ''})`),
    )
    return { violations: lines, passes: results.passes.length }
  }, TAGS)
}
