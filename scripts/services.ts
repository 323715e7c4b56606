/**
 * The servers that the tests need, private and on free ports. Run by itself it
 * prints where they are and keeps them until it is interrupted, so that single
 * tests can be run again and again: `npm run services`.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installMissing } from './services/install.ts'
import { startMariadb } from './services/mariadb.ts'
import { startPostgres } from './services/postgres.ts'

export interface Services {
  /** Where they are, for the environment of the tests. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Installs what is missing and starts the servers; those that the environment already names are taken as they are. */
export async function startServices(): Promise<Services> {
  installMissing()
  const { TEST_POSTGRES_URL, TEST_MARIADB_URL } = process.env
  if (TEST_POSTGRES_URL && TEST_MARIADB_URL) {
    return { environment: { TEST_POSTGRES_URL, TEST_MARIADB_URL }, stop: async () => {} }
  }
  const root = mkdtempSync(join(tmpdir(), 'castellan-services-'))
  // the servers run under accounts of their own, which must reach their folders
  chmodSync(root, 0o755)
  const [postgres, mariadb] = await Promise.all([startPostgres(root), startMariadb(root)])
  return {
    environment: { TEST_POSTGRES_URL: postgres.url, TEST_MARIADB_URL: mariadb.url },
    async stop() {
      await Promise.all([postgres.stop(), mariadb.stop()])
      rmSync(root, { recursive: true, force: true })
    },
  }
}

if (import.meta.main) {
  const services = await startServices()
  for (const [name, value] of Object.entries(services.environment)) {
    process.stdout.write(`export ${name}=${value}\n`)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await services.stop()
      process.exit(0)
    })
  }
  // nothing else keeps the process alive
  setInterval(() => {}, 60_000)
}
