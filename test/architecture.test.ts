/** Who may import whom. This table is the law; ARCHITECTURE.md explains it. */

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

/** A folder may always import from itself, `errors.ts` and `clock.ts`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  policy: ['model'],
  database: [],
  data: ['model', 'database'],
  store: ['database'],
  keys: ['store', 'database'],
  audit: ['model', 'store', 'database', 'keys'],
  identity: ['policy', 'store', 'audit', 'database', 'keys'],
  gate: ['model', 'policy', 'data', 'audit', 'identity', 'store', 'database'],
  actions: ['model', 'policy', 'audit', 'identity', 'gate'],
  http: ['identity'],
  jsx: [],
  mail: ['identity', 'jsx'],
  faces: ['model', 'policy', 'gate', 'identity', 'http', 'jsx'],
  'faces/cli': ['model', 'policy', 'gate', 'identity', 'http', 'audit', 'store', 'database', 'keys'],
  // everything, since it puts everything together; nothing but `admin.ts` imports it
  assembly: [
    'model',
    'policy',
    'data',
    'audit',
    'identity',
    'gate',
    'actions',
    'http',
    'faces',
    'mail',
    'store',
    'database',
    'keys',
    'config.ts',
    'config-sources.ts',
    'system-events.ts',
    'version.ts',
  ],
  demo: ['database'],
  readers: ['model', 'data', 'database'],
  testing: ['model', 'policy', 'data', 'database', 'gate', 'identity', 'http'],
}

/** Packages that only some folders may touch. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  kysely: ['database', 'data', 'store', 'keys', 'audit', 'identity', 'gate', 'demo'],
  hono: ['http', 'faces'],
  '@hono/node-server': ['http'],
  jose: ['identity'],
  'openid-client': ['identity'],
  otpauth: ['identity'],
  '@simplewebauthn/server': ['identity'],
  '@redis/client': ['identity'],
  'node:sqlite': ['database', 'demo'],
  nodemailer: ['mail'],
  pg: ['database'],
  mysql2: ['database'],
  '@electric-sql/pglite': ['database'],
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g

function houseOf(path: string): string {
  const [folder = '', inner = ''] = path.split('/')
  return `${folder}/${inner}` in MAY_IMPORT ? `${folder}/${inner}` : folder
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function breachesIn(file: string): string[] {
  const from = houseOf(relative('src', file))
  const top = from.split('/')[0] ?? ''
  const found: string[] = []
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    if (specifier.startsWith('.')) {
      const to = relative('src', join(dirname(file), specifier)).split('/')[0] ?? ''
      const isAllowed =
        top === to || to === 'errors.ts' || to === 'clock.ts' || MAY_IMPORT[from]?.includes(to)
      if (!isAllowed) found.push(`${file}: ${from}/ may not import ${to}`)
      continue
    }
    const owners = ONLY_IN[packageOf(specifier)]
    if (owners && !owners.includes(top)) {
      found.push(`${file}: only ${owners.join(', ')} may import ${specifier}`)
    }
  }
  return found
}

/** Without tests and what only they use: those may put anything together. */
const files = globSync('src/*/**/*.{ts,tsx}').filter((path) => !/\.test\.|\/fixture\.ts$/.test(path))

test('imports point one way only', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(files.filter((file) => !(houseOf(relative('src', file)) in MAY_IMPORT))).toEqual([])
  expect(files.flatMap(breachesIn)).toEqual([])
})

/** Drivers of which each user needs one at most. */
const ON_USE: readonly string[] = ['pg', 'mysql2', '@electric-sql/pglite', '@redis/client']
/** `import … from 'x'` and `export … from 'x'` that are still there when types are stripped. */
const STATIC_IMPORT = /^(?:import|export)\s+(?!type\b)[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm

function reached(file: string, seen: Map<string, readonly string[]>): void {
  if (seen.has(file)) return
  const specifiers = [...readFileSync(file, 'utf8').matchAll(STATIC_IMPORT)].map(
    ([, from, bare]) => from ?? bare ?? '',
  )
  seen.set(file, specifiers)
  for (const one of specifiers) if (one.startsWith('.')) reached(join(dirname(file), one), seen)
}

test.each(['src/main.ts', 'src/index.ts', 'src/node.ts'])('%s loads a driver only on use', (entry) => {
  const seen = new Map<string, readonly string[]>()

  reached(entry, seen)

  const specifiers = [...seen.values()].flat()
  expect(specifiers.length).toBeGreaterThan(2)
  expect(
    specifiers.filter((one) => ON_USE.some((name) => one === name || one.startsWith(`${name}/`))),
  ).toEqual([])
})

test('no script of the pages sends or takes messages of other windows', () => {
  const scripts = globSync('src/faces/assets/*.ts').filter((path) => !path.includes('.test.'))
  const texts = scripts.map((path) => readFileSync(path, 'utf8'))

  expect(texts.filter((text) => text.includes('addEventListener')).length).toBeGreaterThan(3)
  expect(texts.filter((text) => /postMessage|['"]message['"]|onmessage/.test(text))).toEqual([])
})

test('only config.ts reads the environment', () => {
  const readers = globSync('src/**/*.{ts,tsx}').filter((file) =>
    readFileSync(file, 'utf8').includes('process.env'),
  )

  expect(readers).toEqual(['src/config.ts'].filter((file) => globSync(file).length > 0))
})
