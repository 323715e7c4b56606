/**
 * Builds what browsers load into `dist/assets`: client code, styles, fonts and
 * icons under names that carry the hash of their content, compressed beside
 * each, and `manifest.json` from plain names to those.
 *
 * Run from the root of the repository, after `tsc`.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib'
import { build } from 'esbuild'
import { ICON_NAMES } from '../src/faces/pages/components/icon-names.ts'

const FOLDER = 'dist/assets'

/** Compressed with gzip, in bytes. */
const BUDGETS: Readonly<Record<string, number>> = {
  'core.js': 35 * 1024,
  'app.css': 20 * 1024,
  'icons.svg': 6 * 1024,
}

/** The last two versions of each browser; nothing older is served by design. */
const TARGET = ['chrome134', 'edge134', 'firefox136', 'safari18.2']

const manifest: Record<string, string> = {}

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
await bundle()
write('icons.svg', Buffer.from(sprite()))
write('favicon.svg', Buffer.from(favicon()))
write('notices.txt', Buffer.from(notices()))
writeFileSync(`${FOLDER}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
keepBudgets()

/** The client and the styles; the fonts that the styles name come along. */
async function bundle(): Promise<void> {
  const result = await build({
    entryPoints: { core: 'src/faces/assets/core.ts', app: 'src/faces/assets/css/app.css' },
    bundle: true,
    format: 'esm',
    target: TARGET,
    minify: true,
    write: false,
    outdir: FOLDER,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file' },
    legalComments: 'none',
    logLevel: 'warning',
  })
  for (const file of result.outputFiles)
    keep(plainName(basename(file.path)), basename(file.path), file.contents)
}

/** `inter-latin-wght-normal-7XK2Q.woff2` is `inter-latin.woff2` to the pages. */
function plainName(hashed: string): string {
  const extension = extname(hashed)
  const withoutHash = hashed.slice(0, hashed.lastIndexOf('-'))
  return `${withoutHash.replace('-wght-normal', '')}${extension}`
}

/** One file of symbols; the strokes are the page's own. */
function sprite(): string {
  const symbols = ICON_NAMES.map((name) => {
    const source = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, 'utf8')
    const inside = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(source)?.[1]
    if (inside === undefined) throw new Error(`lucide-static: ${name}.svg holds no drawing.`)
    return `<symbol id="${name}" viewBox="0 0 24 24">${inside.replaceAll(/\s*\n\s*/g, '')}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`
}

function favicon(): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    '<rect width="32" height="32" rx="9" fill="#4a4fdc"/>' +
    '<g transform="translate(6.5 6.5) scale(.79)" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    '<path d="M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1z"/>' +
    '<path d="m9 12 2 2 4-4"/></g></svg>'
  )
}

/** Whose work is in these files, and under which terms. */
function notices(): string {
  const parts = [
    ['htmx.org', 'LICENSE'],
    ['lucide-static', 'LICENSE'],
    ['@fontsource-variable/inter', 'LICENSE'],
  ] as const
  const texts = parts.map(([name, file]) => {
    const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))
    return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8').trim()}\n`
  })
  return `These files contain the following works.\n\n${texts.join('\n\n')}`
}

function write(plain: string, content: Uint8Array): void {
  const extension = extname(plain)
  const hash = createHash('sha256')
    .update(content)
    .digest('base64url')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
  keep(plain, `${basename(plain, extension)}-${hash}${extension}`, content)
}

/** Fonts are compressed already. */
function keep(plain: string, hashed: string, content: Uint8Array): void {
  manifest[plain] = hashed
  writeFileSync(`${FOLDER}/${hashed}`, content)
  if (hashed.endsWith('.woff2')) return
  writeFileSync(`${FOLDER}/${hashed}.gz`, gzipSync(content, { level: 9 }))
  const options = { params: { [zlib.BROTLI_PARAM_SIZE_HINT]: content.length } }
  writeFileSync(`${FOLDER}/${hashed}.br`, brotliCompressSync(content, options))
}

/** @throws when a file has outgrown its budget. */
function keepBudgets(): void {
  for (const [plain, budget] of Object.entries(BUDGETS)) {
    const size = readFileSync(`${FOLDER}/${manifest[plain]}.gz`).length
    if (size > budget) throw new Error(`${plain}: ${size} bytes compressed, the budget is ${budget}.`)
  }
}
