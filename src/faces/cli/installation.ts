/**
 * Which installation a command is about: found by its options, then by a
 * configuration file, then by the environment, then in the demo's folder.
 */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { misconfigured } from '../../errors.ts'
import type { ConfigFile, Given, Installation, Option, Workshop } from './command.ts'
import { readSecret } from './secret-file.ts'

export const DEMO_FOLDER = 'castellan-demo'
/** Where `serve` keeps a secret that it generated. */
export const OWN_FOLDER = '.castellan'
/** The names under which a configuration file is found, the first that is there. */
export const CONFIG_FILES: readonly string[] = [
  'castellan.config.ts',
  'castellan.config.mts',
  'castellan.config.js',
  'castellan.config.mjs',
]

/** The options by which every command finds the store. */
export const WHERE: Readonly<Record<string, Option>> = {
  database: {
    value: 'URL',
    help: 'The database that is administered, as in sqlite:shop.db; repeated: several.',
    isRepeated: true,
  },
  store: { value: 'URL', help: "Where Castellan's own tables are, when not in the (first) database." },
  config: { value: 'FILE', help: `A configuration file (./${CONFIG_FILES[0]}).` },
  'data-dir': { value: 'DIR', help: `The folder of a demo or of a generated secret (./${DEMO_FOLDER}).` },
}

export function demoDatabase(folder: string): string {
  return join(folder, 'shop.db')
}

export function secretFile(folder: string): string {
  return join(folder, 'secret')
}

/**
 * The installation that the options name, with the secret that was generated for it, if one was.
 * @throws AdminError `misconfigured` when nothing names one and there is no demo.
 */
export async function installationOf(given: Given, workshop: Workshop): Promise<Installation> {
  const { isDemo, ...found } = await located(given, workshop)
  const secret = secretOf(found, isDemo, workshop)
  return { ...found, ...(secret !== null && { secretKeys: [secret] }) }
}

/**
 * The same for whoever only reads what Castellan keeps, without a secret; `--store` alone is enough.
 * @throws AdminError `misconfigured` when nothing names one and there is no demo.
 */
export async function storeInstallationOf(given: Given, workshop: Workshop): Promise<Installation> {
  const store = given.text('store')
  if (store !== undefined && given.all('database').length === 0) return { store }
  const { isDemo: _, ...found } = await located(given, workshop)
  return found
}

type Located = Installation & { readonly isDemo: boolean }

async function located(given: Given, workshop: Workshop): Promise<Located> {
  const { environment, folder } = workshop
  const databases = given.all('database')
  const store = given.text('store')
  const dataDir = given.text('data-dir') ?? (environment['CASTELLAN_DATA_DIR'] || undefined)
  const isNamed = databases.length > 0 || given.text('data-dir') !== undefined
  const file = await configFileOf(given.text('config'), isNamed, workshop)
  const common = {
    ...(store !== undefined && { store }),
    ...(dataDir !== undefined && { dataDir }),
    ...(file && { file }),
  }
  if (databases.length > 0) return { ...common, databases, isDemo: false }
  const isElsewhere = given.text('data-dir') === undefined && Boolean(environment['CASTELLAN_DATABASE_URL'])
  if (file || isElsewhere) return { ...common, isDemo: false }
  const demo = demoDatabase(resolve(folder, dataDir ?? DEMO_FOLDER))
  if (!existsSync(demo)) throw nothingNamed(dataDir)
  return { ...common, databases: [`sqlite:${demo}`], isDemo: true }
}

/** Without `--config`, a file of the folder counts where nothing else names an installation. */
async function configFileOf(
  named: string | undefined,
  isNamedOtherwise: boolean,
  { folder, readConfig }: Workshop,
): Promise<ConfigFile | null> {
  if (named !== undefined) return await readConfig(resolve(folder, named))
  if (isNamedOtherwise) return null
  const found = CONFIG_FILES.map((name) => join(folder, name)).find((path) => existsSync(path))
  return found === undefined ? null : await readConfig(found)
}

/** Null where the environment or the file brings one, and where none was generated. */
function secretOf({ file, dataDir }: Installation, isDemo: boolean, workshop: Workshop): string | null {
  if (workshop.environment['CASTELLAN_SECRET_KEY'] || file?.options['secretKeys'] !== undefined) return null
  return readSecret(secretFile(secretFolder({ file, dataDir }, isDemo, workshop)))
}

/** Where the generated secret of an installation is, or would be. */
export function secretFolder(
  { file, dataDir }: { readonly file?: ConfigFile | undefined; readonly dataDir?: string | undefined },
  isDemo: boolean,
  { folder }: Workshop,
): string {
  const fromFile = file?.options['dataDir']
  const named = dataDir ?? (typeof fromFile === 'string' ? fromFile : undefined)
  return named ?? join(folder, isDemo ? DEMO_FOLDER : OWN_FOLDER)
}

function nothingNamed(dataDir: string | undefined): Error {
  const problem = `no database was named, and there is no demo in "${dataDir ?? `./${DEMO_FOLDER}`}".`
  const remedy =
    'Name it: --database URL; or make a configuration with "castellan init"; or start with "castellan demo".'
  return misconfigured([{ id: 'C301', place: 'database', problem, remedy }])
}
