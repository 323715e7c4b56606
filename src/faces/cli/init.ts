/**
 * `castellan init`: a configuration for the application in this folder.
 *
 * Asks nothing: what it needs it finds in the folder or in its options. It adds
 * to what is there and overwrites nothing; secrets and passwords go into `.env`
 * alone, never into the configuration file, which is kept in version control.
 */

import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { shortNames } from '../../database/short-name.ts'
import { parseDatabaseUrl } from '../../database/url.ts'
import { AdminError } from '../../errors.ts'
import { newSecret } from '../../keys/secret.ts'
import { humanise } from '../../model/label.ts'
import { type Command, EXIT, type Given, UsageError, type Workshop } from './command.ts'
import { CONFIG_FILES } from './installation.ts'
import {
  addLines,
  addScript,
  isCommonJs,
  isInstalled,
  readPackage,
  withVariables,
  writeNew,
} from './project.ts'

const CONFIG = 'castellan.config.ts'
/** A module also where package.json says "commonjs", as the one of `npm init` does. */
const CONFIG_OF_COMMONJS = 'castellan.config.mts'
const VARIABLE = 'CASTELLAN_DATABASE_URL'
/** Read from the environment and from `.env` where no database is named: what other tools call it. */
const COMMON_VARIABLE = 'DATABASE_URL'
const EXAMPLE = 'postgres://user:password@localhost/shop'
const OWN_STORE = 'sqlite:castellan.db'

export const init: Command = {
  name: 'init',
  summary: 'Make a configuration for the application in this folder.',
  description: [
    `Writes ${CONFIG}, a fresh secret into .env, lines into .gitignore and, where there is a`,
    'package.json, a script "admin". The database is the one of --database, of the variable',
    `${VARIABLE} or ${COMMON_VARIABLE}, or the only SQLite file here. Overwrites nothing.`,
  ].join('\n'),
  options: {
    database: {
      value: 'URL',
      help: 'The database to administer, as in postgres://user@host/shop; repeated: several.',
      isRepeated: true,
    },
    store: { value: 'URL', help: "Where Castellan's own tables go, when not into the (first) database." },
  },
  async run(given, workshop) {
    refuseTwice(workshop.folder)
    const databases = databasesFor(given, workshop)
    const plan = planOf(databases, given.text('store'))
    const secret = newSecret(workshop.randomBytes)
    const isProduction = workshop.environment['NODE_ENV'] === 'production'
    const store = plan.store?.url
    workshop.check({
      databases,
      ...(store !== undefined && { store }),
      secretKeys: [secret],
      debug: !isProduction,
      host: '127.0.0.1',
    })
    write({ ...plan, secret, debug: !isProduction }, workshop)
    return EXIT.done
  },
}

function refuseTwice(folder: string): void {
  const there = CONFIG_FILES.find((name) => existsSync(join(folder, name)))
  if (there === undefined) return
  throw new AdminError(
    'conflict',
    `${there} is there already; nothing was changed. Edit it, or remove it first.`,
  )
}

/** @throws UsageError when none is to be found. */
function databasesFor(given: Given, { environment, folder }: Workshop): readonly string[] {
  const named = given.all('database')
  if (named.length > 0) return named
  const url = environment[VARIABLE] || ours(environment[COMMON_VARIABLE])
  if (url) return [url]
  const files = readdirSync(folder).filter((name) => /\.(db|sqlite|sqlite3)$/.test(name))
  const [only] = files
  if (only !== undefined && files.length === 1) return [`sqlite:${only}`]
  const found =
    files.length === 0 ? 'No database was found here' : `There are ${files.length} SQLite files here`
  throw new UsageError(
    `castellan init: ${found}. Name it, as in: castellan init --database ${files[0] ? `sqlite:${files[0]}` : EXAMPLE}.`,
  )
}

/** The variable of other tools may hold an address in another form, or of a database we have no adapter for. */
function ours(url: string | undefined): string | null {
  try {
    return url ? parseDatabaseUrl(url, COMMON_VARIABLE) && url : null
  } catch {
    return null
  }
}

/** One database of the configuration: its URL stands in the file when there is no secret in it, else in a variable. */
interface PlannedSource {
  readonly id: string | null
  readonly url: string
  readonly variable: string | null
}

interface Written extends Plan {
  readonly secret: string
  readonly debug: boolean
}

interface Plan {
  readonly sources: readonly PlannedSource[]
  readonly store: Pick<PlannedSource, 'url' | 'variable'> | null
}

function planOf(databases: readonly string[], store: string | undefined): Plan {
  const isOne = databases.length === 1
  const ids = shortNames(databases)
  const sources = databases.map((url, index): PlannedSource => {
    if (isOne) return { id: null, url, variable: isFile(url) ? null : VARIABLE }
    const id = ids[index] ?? ''
    const variable = `${id.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`
    return { id, url, variable: isFile(url) ? null : variable }
  })
  const needed = databases[0]?.startsWith('pglite:') ? OWN_STORE : undefined
  const url = store ?? needed
  if (url === undefined) return { sources, store: null }
  return { sources, store: { url, variable: isFile(url) ? null : 'CASTELLAN_STORE_URL' } }
}

function isFile(url: string): boolean {
  return /^(sqlite|pglite):/i.test(url)
}

function write(plan: Written, { folder, terminal, environment }: Workshop): void {
  const title = titleOf(folder)
  const config = isCommonJs(folder) ? CONFIG_OF_COMMONJS : CONFIG
  writeNew(join(folder, config), configText(title, plan))
  terminal.tell(`${config}: made.`)
  const variables = variablesOf(plan).filter(([name]) => !environment[name])
  for (const line of withVariables(folder, variables)) terminal.tell(line)
  for (const line of addLines(folder, '.gitignore', ['.env', '.castellan/'])) terminal.tell(line)
  for (const line of addScript(folder, 'admin', 'castellan serve')) terminal.tell(line)
  terminal.tell('Next:')
  if (!isInstalled(folder)) terminal.tell('  npm install castellan')
  terminal.tell('  npx castellan serve')
  if (isInstalled(folder)) terminal.tell('  npx castellan doctor')
}

function variablesOf({
  sources,
  store,
  secret,
  debug,
}: Written): readonly (readonly [string, string, string])[] {
  const places = [...sources, ...(store ? [store] : [])]
  const remote = places.flatMap(({ url, variable }) =>
    variable === null ? [] : [[variable, url, 'It may hold a password: not for version control.'] as const],
  )
  return [
    ['CASTELLAN_SECRET_KEY', secret, 'Wraps the keys of the installation: lost, nobody can sign in.'],
    ...(debug
      ? [
          [
            'CASTELLAN_DEBUG',
            'true',
            'Plain HTTP, for this machine alone. Take it out in production.',
          ] as const,
        ]
      : []),
    ...remote,
  ]
}

function titleOf(folder: string): string {
  const name = readPackage(folder)?.name ?? basename(folder)
  const title = humanise(name.replace(/^@[^/]*\//, '')).trim()
  return title === '' ? 'Admin' : title.slice(0, 80)
}

function configText(title: string, { sources, store }: Plan): string {
  const needsVariables = sources.some(({ id, variable }) => id !== null && variable !== null)
  return [
    ...(needsVariables ? ["import { env } from 'node:process'"] : []),
    "import { defineAdmin } from 'castellan'",
    '',
    'export default defineAdmin({',
    `  title: ${quoted(title)},`,
    ...sourceLines(sources),
    ...storeLines(store),
    '})',
    '',
  ].join('\n')
}

function sourceLines(sources: readonly PlannedSource[]): readonly string[] {
  const [only] = sources
  if (only?.id === null) {
    if (only.variable === null) return [`  database: ${quoted(only.url)},`]
    return [`  // The database is ${VARIABLE} in .env, since its address may hold a password.`]
  }
  const lines = sources.map(
    ({ id, url, variable }) =>
      `    ${property(id ?? '')}: ${variable === null ? quoted(url) : `env['${variable}'] ?? ''`},`,
  )
  return [
    '  // The models of the first keep their names; those of the others begin with the id.',
    '  sources: {',
    ...lines,
    '  },',
  ]
}

function property(id: string): string {
  return id.includes('-') ? quoted(id) : id
}

function storeLines(store: Plan['store']): readonly string[] {
  if (store === null) return []
  if (store.variable === null) return [`  store: ${quoted(store.url)},`]
  return [`  // Castellan's own tables are in ${store.variable} in .env.`]
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
