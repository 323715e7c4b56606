import { resolve } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { useMemory } from './scripts/services/memory.ts'
import { closingLine } from './test/closing-line.ts'

useMemory()

/** With the full counts of `npm run test:deep` a single test may take its time. */
const isDeep = process.env['CASTELLAN_TEST_RUNS'] !== undefined
const MINUTE = 60_000

/** Where a store may be beside SQLite, on which all of it runs. */
const SERVERS = ['postgres', 'mariadb'] as const
/** What holds whatever engine the store is on: the main part of it at every run, all of it in a deep one. */
const ON_EVERY_ENGINE = isDeep
  ? ['src/{audit,identity,keys}/**/*.test.ts', 'test/{http,attack}/**/*.test.{ts,tsx}']
  : [
      'src/identity/*.test.ts',
      'test/http/{main-job,people,related,refusals,links-race}.test.ts',
      'test/attack/{ended-session,escalation,other-principals-record,second-process,set-up-token,throttle}.test.ts',
      'test/attack/{replayed-code,replayed-confirmation,replayed-refresh,row-oracle,field-oracle}.test.ts',
    ]

/** One project a kind of test; `scripts/test.ts` runs them all, `npm run check` only `unit`. */
const config: ViteUserConfig = defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'castellan/jsx' } },
  // the sources that are tested, and not what an earlier build made of them
  resolve: { alias: { 'castellan/jsx': resolve('src/jsx') } },
  test: {
    reporters: ['default', closingLine],
    // a runner on each of two processors: most tests wait for a server half of the time
    maxWorkers: 2,
    // on a machine that others share a server may answer late: what fails is asked once more, and the output says so
    retry: process.env['CI'] === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // modules keep no state of a test, so files share them: half the time
          isolate: false,
          include: [
            'src/**/*.test.{ts,tsx}',
            'test/{architecture,asvs,common-passwords,cryptography}.test.ts',
          ],
          testTimeout: MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: 'house',
          // what is loaded once is compiled once: a third of the processor time
          isolate: false,
          include: [
            'test/{http,attack,conformance,readers,samples,store}/**/*.test.{ts,tsx}',
            'test/public-api.test.ts',
            // statistics, which need many cases to say anything at all
            ...(isDeep ? ['test/deep/**/*.test.ts'] : []),
          ],
          testTimeout: isDeep ? 30 * MINUTE : 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
      ...SERVERS.map((engine) => ({
        extends: true as const,
        test: {
          name: engine,
          isolate: false,
          env: { TEST_ENGINE: engine },
          include: ON_EVERY_ENGINE,
          testTimeout: isDeep ? 30 * MINUTE : 2 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      })),
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/{browser,process}/**/*.test.{ts,tsx}', 'test/docs.test.ts'],
          // what is built runs as Node.js loads it, with the JSX runtime that was built with it
          server: { deps: { external: [/\/dist\//] } },
          testTimeout: isDeep ? 30 * MINUTE : 2 * MINUTE,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
export default config
