/**
 * A PGlite database that is open: PostgreSQL inside this process, for
 * development, demonstrations and tests.
 */

import { misconfigured } from '../../errors.ts'
import type { Database } from '../database.ts'
import { inspectServer } from '../postgres/opening.ts'
import { databaseOver } from '../postgres/postgres.ts'
import type { Sessions } from '../postgres/transaction.ts'
import { type PgliteInstance, pgliteLease } from './lease.ts'

const DEFAULT_TIMEOUT_MS = 30_000

export type OpenPgliteOptions = (OwnFolder | BorrowedInstance) & {
  readonly readOnly?: boolean
  /** Milliseconds to wait for one's turn; 30,000 by default. A statement that runs is not stopped. */
  readonly timeoutMs?: number
}

export interface OwnFolder {
  /** A folder, made where it is missing; or `memory://`, which is gone after `close`. */
  readonly dir: string
}

export interface BorrowedInstance {
  /** Stays the application's: it is not closed. */
  readonly instance: PgliteInstance
}

/**
 * Opens a folder, or borrows a PGlite that runs.
 * @throws AdminError `misconfigured` with D137 (the package is missing) or D138 (the folder can't be used).
 */
export async function openPglite(options: OpenPgliteOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const isOwn = 'dir' in options
  const label = isOwn ? options.dir : 'PGlite'
  const instance = isOwn ? await started(options.dir) : options.instance
  let path: string | null = null
  const sessions: Sessions = {
    engine: 'pglite',
    label,
    name: label.slice(label.lastIndexOf('/') + 1) || label,
    size: 1,
    sendsAhead: false,
    isSettled: false,
    lease: (limit) => pgliteLease(instance, limit, path),
  }
  const close = async (): Promise<void> => {
    // behind whatever still has its turn
    await instance.transaction(async () => {})
    if (isOwn) await instance.close()
  }
  try {
    const server = await inspectServer(sessions, timeoutMs)
    path = server.path
    return databaseOver(sessions, {
      isReadOnly: options.readOnly === true || server.isReadOnly,
      timeoutMs,
      close,
    })
  } catch (error) {
    await close()
    throw error
  }
}

async function started(folder: string): Promise<PgliteInstance> {
  const { PGlite } = await pglitePackage()
  try {
    // shapes are compared here once, so that no declaration of ours needs the package
    return (await PGlite.create(folder)) as unknown as PgliteInstance
  } catch (cause) {
    const error = misconfigured([
      {
        id: 'D138',
        place: folder,
        problem: 'PGlite can not use the folder.',
        remedy:
          'Name a folder that PGlite made, or one that does not exist yet, and that nobody else has open.',
      },
    ])
    error.cause = cause
    throw error
  }
}

async function pglitePackage(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite')
  } catch (cause) {
    const error = misconfigured([
      {
        id: 'D137',
        place: '@electric-sql/pglite',
        problem: 'The package is not installed.',
        remedy: 'Install it: npm install @electric-sql/pglite',
      },
    ])
    error.cause = cause
    throw error
  }
}
