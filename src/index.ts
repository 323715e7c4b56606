/** The public surface: re-exports only. */

export type { ErrorCode, Mistake } from './errors.ts'
export { AdminError } from './errors.ts'
