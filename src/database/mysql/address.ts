/**
 * Where a MariaDB or MySQL server is, from `mariadb://name:password@host:3306/database`.
 * No message here repeats the address as it was written, since it may hold a password.
 */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { didYouMean, type Mistake, misconfigured } from '../../errors.ts'

export interface Address {
  /** `mariadb://host:3306/database`: what messages at the start say, where and not who. */
  readonly label: string
  readonly host: string
  readonly port: number
  /** A Unix socket in place of host and port. */
  readonly socketPath: string | null
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: Tls | null
}

export interface Tls {
  /** Certificates of authorities; null: those that Node.js trusts. */
  readonly ca: string | null
  readonly rejectUnauthorized: boolean
  readonly verifyIdentity: boolean
}

const SCHEMES: ReadonlySet<string> = new Set(['mysql:', 'mariadb:'])
const OPTIONS = ['ssl-mode', 'ssl-ca', 'socket'] as const
const DEFAULT_PORT = 3306

/** What `ssl-mode` may say, as MySQL's own clients name it. */
const MODES: ReadonlyMap<string, Omit<Tls, 'ca'> | null> = new Map([
  ['DISABLED', null],
  ['REQUIRED', { rejectUnauthorized: false, verifyIdentity: false }],
  ['VERIFY_CA', { rejectUnauthorized: true, verifyIdentity: false }],
  ['VERIFY_IDENTITY', { rejectUnauthorized: true, verifyIdentity: true }],
])

/** @throws AdminError `misconfigured` with D140 (no such address), D141 (an option of it) or D142 (no database). */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : null
  const socketPath = url?.searchParams.get('socket') ?? null
  if (!url || !SCHEMES.has(url.protocol) || (url.hostname === '' && socketPath === null)) {
    throw refused('database', {
      id: 'D140',
      problem: 'This is not the address of a MariaDB or MySQL database.',
      remedy: 'Write mariadb://name:password@host:3306/database.',
    })
  }
  const database = decoded(url.pathname.slice(1))
  const server = `${url.protocol}//${url.host || socketPath}`
  if (database === '' || database.includes('/')) {
    throw refused(server, {
      id: 'D142',
      problem: 'The address names no database.',
      remedy: 'Add its name: mariadb://name:password@host:3306/database.',
    })
  }
  const label = `${server}/${database}`
  refuseUnknown(url.searchParams, label)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    label,
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    socketPath,
    user: decoded(url.username),
    password: decoded(url.password),
    database,
    tls: tlsOf(url.searchParams, host, label),
  }
}

function refused(place: string, mistake: Omit<Mistake, 'place'>): Error {
  return misconfigured([{ place, ...mistake }])
}

function refuseUnknown(parameters: URLSearchParams, label: string): void {
  const unknown = [...parameters.keys()].filter((name) => !OPTIONS.some((one) => one === name))
  if (unknown.length === 0) return
  throw misconfigured(
    unknown.map((name) => ({
      id: 'D141',
      place: label,
      problem: `The address has no option "${name}". ${didYouMean(name, OPTIONS)}`.trim(),
      remedy: `It takes ${OPTIONS.join(', ')}.`,
    })),
  )
}

function tlsOf(parameters: URLSearchParams, host: string, label: string): Tls | null {
  const file = parameters.get('ssl-ca')
  const wanted = parameters.get('ssl-mode') ?? (file === null ? 'DISABLED' : 'VERIFY_IDENTITY')
  const mode = MODES.get(wanted.toUpperCase())
  if (mode === undefined) {
    throw refused(label, {
      id: 'D141',
      problem: 'The option ssl-mode has another value than it takes.',
      remedy: `Write ${[...MODES.keys()].join(', ')}.`,
    })
  }
  // the driver would look for the name "localhost" in the certificate of a numbered host
  if (mode?.verifyIdentity && isIP(host) !== 0) {
    throw refused(label, {
      id: 'D141',
      problem: 'The identity of a host that is named by its number can not be verified.',
      remedy: 'Write its name, or ssl-mode=VERIFY_CA.',
    })
  }
  return mode && { ...mode, ca: file === null ? null : certificates(file, label) }
}

function certificates(file: string, label: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw refused(label, {
      id: 'D141',
      problem: 'The file that the option ssl-ca names can not be read.',
      remedy: 'Check its path and its permissions.',
    })
  }
}

/** Percent signs that encode nothing are taken as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
