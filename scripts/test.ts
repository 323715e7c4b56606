/**
 * The test run: installs what the machine lacks, starts the servers, runs every project, and ends
 * with the line `N passed, N failed`. `--deep` runs the full counts.
 */

import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startServices } from './services.ts'

/** How many cases a property test tries with `--deep`; otherwise each has a bounded number of its own. */
const DEEP_RUNS = '1000'

const args = process.argv.slice(2)
const isDeep = args.includes('--deep')

function environment(services: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const samples = process.env['CASTELLAN_SAMPLES'] ?? resolve('../shared/data')
  const hasSamples = existsSync(samples)
  if (!hasSamples) process.stderr.write('The sample databases are not here: their tests are left out.\n')
  return {
    ...process.env,
    ...services,
    ...(isDeep && { CASTELLAN_TEST_RUNS: process.env['CASTELLAN_TEST_RUNS'] ?? DEEP_RUNS }),
    CASTELLAN_SAMPLES: hasSamples ? samples : '',
  }
}

const MEMORY = '/dev/shm'
/** What the servers and the houses of a run may come to; a deep one has large tables. */
const ROOM_BYTES = (isDeep ? 12 : 4) * 2 ** 30

/** Temporary files go to memory where there is room: thousands of databases are made and dropped. */
function useMemory(): void {
  if (process.env['TMPDIR'] !== undefined || !existsSync(MEMORY)) return
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize < ROOM_BYTES) return
  const folder = mkdtempSync(join(MEMORY, 'castellan-'))
  // the servers work in it under accounts of their own
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  // an interrupted run ends as others do: its servers with it
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}

/** The exit code of Vitest; its reporter writes the closing line, and nothing is written after it. */
function vitest(services: Readonly<Record<string, string>>): Promise<number> {
  const rest = args.filter((argument) => argument !== '--deep')
  const child = spawn(process.execPath, [resolve('node_modules/vitest/vitest.mjs'), 'run', ...rest], {
    stdio: 'inherit',
    env: environment(services),
  })
  return new Promise((settle) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      settle(1)
    })
    child.once('exit', (code) => settle(code ?? 1))
  })
}

useMemory()
try {
  const services = await startServices()
  try {
    process.exitCode = await vitest(services.environment)
  } finally {
    await services.stop()
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.stdout.write('0 passed, 1 failed\n')
  process.exitCode = 1
}
