/** How many cases a property test tries. */

const DEEP = process.env['CASTELLAN_TEST_RUNS']

/** Whether this is `npm run test:deep`. */
export const isDeep: boolean = DEEP !== undefined

/**
 * @param few In every run of the tests.
 * @param share Of the count of a deep run: less than all of it where a case is a whole house.
 */
export function runs(few: number, share: number = 1): number {
  return DEEP === undefined ? few : Math.ceil(Number(DEEP) * share)
}

/** For a test that tries so many: minutes in every run, an hour in a deep one. */
export const RUNS_LIMIT_MS: number = (DEEP === undefined ? 10 : 60) * 60_000
