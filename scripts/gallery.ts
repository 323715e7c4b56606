/// <reference lib="dom" />
/**
 * Every component and page form with made-up content, to look at while working
 * on the style: `npm run gallery`, then open what it prints.
 *
 * `npm run gallery -- --shots FOLDER` takes pictures of all of them instead,
 * light and dark, wide and 390 px, and lists what axe and the
 * Content-Security-Policy have against them.
 */

import { mkdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { build } from 'esbuild'
import type { Hono } from 'hono'
import { type Browser, chromium, type Page } from 'playwright-core'
import { GALLERY_PATHS } from './gallery/paths.ts'

interface Gallery {
  readonly gallery: Hono
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    shots: { type: 'string' },
    only: { type: 'string' },
  },
})

const { gallery } = await load()
const server = serve({ fetch: gallery.fetch, hostname: '127.0.0.1', port: Number(values.port) }, (info) => {
  const origin = `http://127.0.0.1:${info.port}`
  if (values.shots === undefined) {
    process.stdout.write(`${GALLERY_PATHS.map((path) => `${origin}${path}`).join('\n')}\n`)
    return
  }
  takeShots(origin, values.shots).then(
    (complaints) => {
      process.exitCode = complaints === 0 ? 0 : 1
      server.close()
    },
    (error: unknown) => {
      throw error
    },
  )
})

/** Node runs TypeScript but no TSX, so the gallery is bundled first, two folders below `dist` like the faces. */
async function load(): Promise<Gallery> {
  const outfile = 'dist/gallery/pages/gallery.js'
  await build({
    entryPoints: ['scripts/gallery/gallery.tsx'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    jsx: 'automatic',
    jsxImportSource: 'castellan/jsx',
    outfile,
    logLevel: 'warning',
  })
  return import(pathToFileURL(outfile).href)
}

async function takeShots(origin: string, folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  let complaints = 0
  const paths = GALLERY_PATHS.filter((path) => values.only === undefined || path.includes(values.only))
  for (const theme of ['light', 'dark']) {
    for (const width of [1360, 390])
      complaints += await takeRound(browser, { origin, folder, theme, width, paths })
  }
  await browser.close()
  process.stdout.write(`${paths.length} pages, 2 themes, 2 widths: ${complaints} complaints\n`)
  return complaints
}

interface Round {
  readonly origin: string
  readonly folder: string
  readonly theme: string
  readonly width: number
  readonly paths: readonly string[]
}

async function takeRound(browser: Browser, { origin, folder, theme, width, paths }: Round): Promise<number> {
  const isPhone = width < 960
  const context = await browser.newContext({
    viewport: { width, height: isPhone ? 844 : 860 },
    hasTouch: isPhone,
    isMobile: isPhone,
    deviceScaleFactor: isPhone ? 2 : 1,
  })
  await context.addCookies([{ name: 'cst-theme', value: theme, url: origin }])
  const page = await context.newPage()
  const heard: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text())
  })
  page.on('pageerror', (error) => heard.push(error.message))
  let complaints = 0
  for (const path of paths) {
    heard.length = 0
    await page.goto(`${origin}${path}`)
    await page.evaluate(() => document.fonts.ready)
    const name = path.slice(1).replaceAll('/', '-') || 'dashboard'
    await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png`, fullPage: true })
    const found = [...heard, ...(await overflow(page)), ...(await axe(page))]
    for (const line of found) process.stdout.write(`${path} ${theme} ${width}: ${line}\n`)
    complaints += found.length
  }
  await context.close()
  return complaints
}

async function overflow(page: Page): Promise<readonly string[]> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  return wider > 0 ? [`is ${wider} px wider than the window`] : []
}

async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate(async () => {
    const { axe: runner } = window as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
      }
    }
    const { violations } = await runner.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
  })
}
