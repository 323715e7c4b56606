/**
 * What the documentation says is true: its code compiles against the built
 * package, its commands exist and the marked ones run, its links lead somewhere.
 */

import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { DEFAULTS } from '../src/config.ts'
import { COMMANDS } from '../src/faces/cli/run.ts'
import { NOT_YET, OPTIONS } from '../src/options.ts'

const run = promisify(execFile)
const root = resolve('.')
const pages = globSync(['*.md', 'docs/**/*.md']).sort()

interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly text: string
  /** Whether `<!-- run -->` stands before it. */
  readonly isMarked: boolean
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^(<!-- run -->\n)?```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    text: match[3] ?? '',
    isMarked: match[1] !== undefined,
  }))
}

const blocks = pages.flatMap(blocksOf)

/** Inside the checkout, so that `castellan` resolves to the built package itself. */
const compiled = resolve('.tmp/docs')
const installation = mkdtempSync(join(tmpdir(), 'castellan-docs-'))
afterAll(() => {
  rmSync(compiled, { recursive: true, force: true })
  rmSync(installation, { recursive: true, force: true })
})

test('TypeScript in the documentation compiles', async () => {
  const sources = blocks.filter(({ language }) => language === 'ts' || language === 'tsx')
  rmSync(compiled, { recursive: true, force: true })
  mkdirSync(compiled, { recursive: true })
  for (const { page, line, language, text } of sources) {
    writeFileSync(join(compiled, `${page.replaceAll(/[^a-z]/gi, '-')}-${line}.${language}`), text)
  }
  const compilerOptions = {
    noEmit: true,
    incremental: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    // as its users see the package: all of it built
    paths: {},
  }
  writeFileSync(
    join(compiled, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] }),
  )

  const { stdout } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', compiled]).catch(
    (error: { readonly stdout: string }) => error,
  )

  expect(sources.length).toBeGreaterThan(3)
  expect(stdout).toBe('')
})

test('JSON in the documentation can be read', () => {
  const samples = blocks.filter(({ language }) => language === 'json')

  expect(samples.length).toBeGreaterThan(0)
  for (const { text } of samples) expect(() => JSON.parse(text)).not.toThrow()
})

/** `castellan user create --email x` as words, from blocks and from inline code. */
function commandLines(): readonly { readonly page: string; readonly words: readonly string[] }[] {
  return pages.flatMap((page) => {
    const text = readFileSync(page, 'utf8')
    const typed = text.matchAll(/(?:^|`)(?:npx |npm run -s castellan -- |)castellan ((?:[a-z]+ ?)+[^`\n]*)/gm)
    const inCheckout = text.matchAll(/npm run -s castellan -- ([^`\n]+)/g)
    return [...typed, ...inCheckout].map(([, line = '']) => ({ page, words: line.trim().split(/[\s[\]|]+/) }))
  })
}

test('every command in the documentation exists, with its options', () => {
  const lines = commandLines().filter(({ words }) => words[0] !== 'COMMAND' && words[0] !== 'is')
  const wrong = lines.flatMap(({ page, words }) => {
    const command = COMMANDS.find(({ name }) => words.slice(0, name.split(' ').length).join(' ') === name)
    const isFamily = COMMANDS.some(({ name }) => name.startsWith(`${words[0]} `))
    if (!command) return isFamily && words.length === 1 ? [] : [`${page}: castellan ${words.join(' ')}`]
    const options = words
      .filter((word) => word.startsWith('--'))
      .map((word) => word.slice(2).split('=')[0] ?? '')
    return options
      .filter((option) => option !== 'help' && !Object.hasOwn(command.options, option))
      .map((option) => `${page}: castellan ${command.name} --${option}`)
  })

  expect(lines.length).toBeGreaterThan(15)
  expect(wrong).toEqual([])
})

test('every option and its variable are documented and in the sample .env', () => {
  const page = readFileSync('docs/configuration.md', 'utf8')
  const sample = readFileSync('.env.example', 'utf8')
  const options = Object.entries(OPTIONS)
  const variables = options.flatMap(([, { variable }]) => variable ?? [])
  const inSample = [...sample.matchAll(/^(CASTELLAN_\w+)=/gm)].map(([, name]) => name)

  expect(options.length).toBeGreaterThan(20)
  expect(options.filter(([name]) => !page.includes(`\`${name}\``)).map(([name]) => name)).toEqual([])
  expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  expect(inSample.sort()).toEqual(variables.sort())
})

test('the table of options says their variables and defaults, and which ones are planned', () => {
  const page = readFileSync('docs/configuration.md', 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \|(.*?)\|(.*?)\|/gm)].map(
    ([, name = '', variable = '', value = '']) => ({
      name,
      variable: variable.trim().replaceAll('`', ''),
      value: value.trim().replaceAll('`', ''),
    }),
  )
  const scalars = Object.entries(DEFAULTS).filter(([, value]) => typeof value !== 'object')
  const planned = /Planned[^:]*:([^.]+)\./.exec(page)?.[1] ?? ''

  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(OPTIONS).sort())
  expect(rows.map(({ name, variable }) => [name, variable])).toEqual(
    rows.map(({ name }) => [name, Object.entries(OPTIONS).find(([one]) => one === name)?.[1].variable ?? '']),
  )
  expect(scalars.length).toBeGreaterThan(8)
  for (const [name, value] of scalars) {
    expect([name, rows.find((row) => row.name === name)?.value]).toEqual([name, String(value)])
  }
  expect([...planned.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()).toEqual([...NOT_YET].sort())
})

test('every npm script in the documentation exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/npm (?:run (?:-s )?([a-z:]+)|(start|test)\b)/g)].map(
      ([, script, short]) => script ?? short ?? '',
    ),
  )

  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((script) => !(script in scripts))).toEqual([])
})

test('the marked commands run', async () => {
  const marked = blocks.filter(({ isMarked }) => isMarked)
  const shop = new DatabaseSync(join(installation, 'shop.db'))
  shop.exec(
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, total TEXT); INSERT INTO orders (total) VALUES (12)',
  )
  shop.close()
  writeFileSync(join(installation, 'password.txt'), 'a long and winding pass phrase\n')
  const environment = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: installation,
    CASTELLAN_DATABASE_URL: `sqlite:${join(installation, 'shop.db')}`,
    CASTELLAN_SECRET_KEY: 'kB9w2pXr7tLq4VnZ8cMd1fGh5jYs3aEu6oRiTyWx',
  }
  const command = `castellan() { ${process.execPath} ${join(root, 'bin/castellan.js')} "$@"; }`

  expect(marked.length).toBeGreaterThan(1)
  for (const { page, line, text } of marked) {
    const script = `set -euo pipefail\n${command}\ncastellan migrate\n${text}`
    const failed = await run('/bin/bash', ['-c', script], { cwd: installation, env: environment }).then(
      () => null,
      (error: { readonly stderr: string }) => `${page}:${line}\n${error.stderr}`,
    )
    expect(failed).toBeNull()
  }
})

/** The anchors that a page's headings make. */
function anchorsOf(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  )
}

test('every link leads to a page, a picture and a heading that exist', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => ({ page, target }))
      .filter(({ target }) => !/^(https?|mailto):/.test(target)),
  )
  const broken = links.filter(({ page, target }) => {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    if (!existsSync(file)) return true
    return anchor !== undefined && !anchorsOf(file).includes(anchor)
  })

  expect(links.length).toBeGreaterThan(20)
  expect(broken).toEqual([])
})
