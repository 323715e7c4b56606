/** Which installation a command is about: found by its options, then by the environment, then in the demo's folder. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { misconfigured } from '../../errors.ts'
import type { Given, Installation, Option, Workshop } from './command.ts'
import { readSecret } from './secret-file.ts'

export const DEMO_FOLDER = 'castellan-demo'
/** Where `serve` keeps a secret that it generated. */
export const OWN_FOLDER = '.castellan'

/** The options by which every command finds the store. */
export const WHERE: Readonly<Record<string, Option>> = {
  database: { value: 'URL', help: 'The database that is administered, as in sqlite:shop.db.' },
  store: { value: 'URL', help: "Where Castellan's own tables are, when not in the database." },
  'data-dir': { value: 'DIR', help: `The folder of a demo or of a generated secret (./${DEMO_FOLDER}).` },
  config: { value: 'FILE', help: 'A configuration file.', isNotYet: true },
}

export function demoDatabase(folder: string): string {
  return join(folder, 'shop.db')
}

export function secretFile(folder: string): string {
  return join(folder, 'secret')
}

/**
 * The installation that the options name.
 * @throws AdminError `misconfigured` when nothing names one and there is no demo.
 */
export function installationOf(given: Given, workshop: Workshop): Installation {
  const store = given.text('store')
  const dataDir = given.text('data-dir')
  const database = databaseOf(given, workshop)
  const secret = workshop.environment['CASTELLAN_SECRET_KEY']
    ? null
    : secretOf(dataDir, database !== undefined && given.text('database') === undefined, workshop)
  return {
    ...(database !== undefined && { database }),
    ...(store !== undefined && { store }),
    ...(dataDir !== undefined && { dataDir }),
    ...(secret !== null && { secretKeys: [secret] }),
  }
}

/**
 * The database that the options or a demo name; undefined when the environment is to name it.
 * @throws AdminError `misconfigured` when nothing names one.
 */
export function databaseOf(given: Given, workshop: Workshop): string | undefined {
  return given.text('database') ?? databaseOfFolder(given.text('data-dir'), workshop)
}

function databaseOfFolder(dataDir: string | undefined, workshop: Workshop): string | undefined {
  if (dataDir === undefined && workshop.environment['CASTELLAN_DATABASE_URL']) return undefined
  const file = join(workshop.folder, demoDatabase(dataDir ?? DEMO_FOLDER))
  const named = dataDir === undefined ? file : demoDatabase(dataDir)
  if (existsSync(named)) return `sqlite:${named}`
  if (existsSync(join(workshop.folder, 'castellan.config.ts'))) {
    const problem = 'configuration files are not read yet.'
    const remedy = 'Name the database with --database sqlite:FILE.'
    throw misconfigured([{ id: 'C002', place: 'castellan.config.ts', problem, remedy }])
  }
  const problem = `no database was named, and there is no demo in "${dataDir ?? `./${DEMO_FOLDER}`}".`
  const remedy = 'Name it: --database sqlite:FILE, or start with "castellan demo".'
  throw misconfigured([{ id: 'C301', place: 'database', problem, remedy }])
}

function secretOf(dataDir: string | undefined, isDemo: boolean, workshop: Workshop): string | null {
  const folder = dataDir ?? join(workshop.folder, isDemo ? DEMO_FOLDER : OWN_FOLDER)
  return readSecret(secretFile(folder))
}
