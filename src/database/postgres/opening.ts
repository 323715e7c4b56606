/** What a server must be for Castellan to use it, and what is said of one that is not. */

import { AdminError, type Mistake, misconfigured } from '../../errors.ts'
import { type TimeLimit, timeLimit } from '../time-limit.ts'
import { ConnectionLost, isUnreachable, sqlStateOf } from './fault.ts'
import { lookingUp, type Sessions } from './transaction.ts'

const OLDEST = 15
const OPEN_MS = 10_000
const STARTING = '57P03'
const START_PAUSE_MS = 200

export interface Server {
  /** A standby, or a database that lets its sessions only read. */
  readonly isReadOnly: boolean
  /** Where bare names lead. */
  readonly path: string
}

/**
 * Connects once and looks at the server.
 * @throws AdminError `misconfigured` with D130 to D136; the place is the label.
 */
export async function inspectServer(sessions: Sessions, timeoutMs: number): Promise<Server> {
  const limit = timeLimit(`Connecting to ${sessions.label}`, Math.min(timeoutMs, OPEN_MS))
  try {
    return await onceUp(limit, () => inspected(sessions, limit))
  } catch (error) {
    if (error instanceof AdminError && error.code === 'misconfigured') throw error
    throw misconfigured([{ ...mistakeOf(error, limit.hasPassed), place: sessions.label }])
  } finally {
    limit.end()
  }
}

/** A server that is starting, as beside us in a container, says so until it is up. */
async function onceUp<T>(limit: TimeLimit, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (sqlStateOf(error) !== STARTING || limit.remainingMs < START_PAUSE_MS) throw error
    }
    await limit.pause(START_PAUSE_MS)
  }
}

async function inspected(sessions: Sessions, limit: TimeLimit): Promise<Server> {
  const { rows } = await lookingUp(
    sessions,
    limit,
    `SELECT current_setting('server_version_num')::int / 10000 AS major,
      current_setting('server_encoding') AS encoding, current_setting('search_path') AS path,
      -- what it was when the session began, before anything was settled
      pg_is_in_recovery() OR reset_val = 'on' AS is_read_only
    FROM pg_settings WHERE name = 'default_transaction_read_only'`,
    [],
  )
  const { major, encoding, path, is_read_only: isReadOnly } = rows[0] ?? {}
  if (Number(major) < OLDEST) {
    throw refused(
      sessions,
      'D133',
      `The server is PostgreSQL ${major}.`,
      `Use PostgreSQL ${OLDEST} or newer.`,
    )
  }
  if (encoding !== 'UTF8') {
    const remedy = "Make a database with ENCODING 'UTF8' and move the tables there."
    throw refused(sessions, 'D134', `The database stores its texts as ${encoding}.`, remedy)
  }
  return { isReadOnly: isReadOnly === 1n, path: String(path) }
}

function refused({ label: place }: Sessions, id: string, problem: string, remedy: string): AdminError {
  return misconfigured([{ id, place, problem, remedy }])
}

type Said = Omit<Mistake, 'place'>

const UNREACHABLE: Said = {
  id: 'D130',
  problem: 'No server answers there.',
  remedy: 'Check that it is running, the host and the port, and what stands between.',
}
const REFUSED: Said = {
  id: 'D131',
  problem: 'The server does not let the account in.',
  remedy: 'Check its name and password in the address, and the rules of pg_hba.conf.',
}
/** The driver itself gave up, and has no codes for why. */
const NOT_AGREED: Said = {
  id: 'D131',
  problem: 'The server and Castellan did not agree on how to connect.',
  remedy: 'Check the name, the password and sslmode in the address.',
}
const TLS: Said = {
  id: 'D135',
  problem: 'The encrypted connection could not be made.',
  remedy: 'Check sslmode in the address and the certificate of the server.',
}

const BY_CODE: ReadonlyMap<string, Said> = new Map([
  [
    STARTING,
    { id: 'D130', problem: 'The server is starting or stopping.', remedy: 'Try again in a moment.' },
  ],
  [
    '3D000',
    {
      id: 'D132',
      problem: 'There is no such database.',
      remedy: 'Check its name, or make it first with createdb.',
    },
  ],
  [
    '42501',
    { id: 'D136', problem: 'The account may not connect.', remedy: 'Grant it CONNECT on the database.' },
  ],
  [
    '53300',
    {
      id: 'D136',
      problem: 'The server has no connection free.',
      remedy: 'Raise max_connections, or take fewer.',
    },
  ],
])

function mistakeOf(error: unknown, hasPassed: boolean): Said {
  const state = sqlStateOf(error)
  if (state !== null) return BY_CODE.get(state) ?? (state.startsWith('28') ? REFUSED : UNREACHABLE)
  const cause = causeOf(error)
  if (hasPassed || isUnreachable(cause)) return UNREACHABLE
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null
  if (code === null) return NOT_AGREED
  return /CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code) ? TLS : UNREACHABLE
}

/** What the driver threw. */
function causeOf(error: unknown): unknown {
  if (error instanceof AdminError) return causeOf(error.cause)
  return error instanceof ConnectionLost ? error.cause : error
}
