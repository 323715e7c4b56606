/**
 * The test run: installs what the machine lacks, starts the servers, runs every project, and ends
 * with the line `N passed, N failed`. `--deep` runs the full counts.
 */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { useMemory } from './services/memory.ts'
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
// an interrupted run ends as others do: its servers and its files with it
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
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
