/**
 * What the tests need besides npm packages: Debian's Chromium, the SQLite
 * shell, Python, PostgreSQL, MariaDB and Redis. One list, installed where they are missing.
 */

import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'

interface Needed {
  /** Debian's name of the package. */
  readonly name: string
  /** A file that is there when it is installed; may hold a wildcard. */
  readonly file: string
  readonly reason: string
}

const NEEDED: readonly Needed[] = [
  { name: 'chromium', file: '/usr/bin/chromium', reason: 'the browser tests' },
  {
    name: 'sqlite3',
    file: '/usr/bin/sqlite3',
    reason: 'the tests that look at a database with its own client',
  },
  { name: 'python3', file: '/usr/bin/python3', reason: 'the second verifier of the audit log' },
  { name: 'postgresql', file: '/usr/lib/postgresql/*/bin/postgres', reason: 'the tests on PostgreSQL' },
  { name: 'mariadb-server', file: '/usr/sbin/mariadbd', reason: 'the tests on MariaDB' },
  { name: 'redis-server', file: '/usr/bin/redis-server', reason: 'the tests of counters in Redis' },
  { name: 'rsyslog', file: '/usr/sbin/rsyslogd', reason: 'the tests that send the log to syslog' },
  {
    name: 'rsyslog-openssl',
    file: '/usr/lib/*/rsyslog/lmnsd_ossl.so',
    reason: 'the tests that send it encrypted',
  },
]

/**
 * Installs what is missing, on Debian and as root.
 * @throws Error that says what to install, elsewhere.
 */
export function installMissing(): void {
  const missing = NEEDED.filter(({ file }) => globSync(file).length === 0)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  if (globSync('/usr/bin/apt-get').length === 0 || process.getuid?.() !== 0) {
    const wanted = missing.map(({ name, file, reason }) => `${name} as ${file}, for ${reason}`).join('; ')
    throw new Error(`The tests need ${wanted}. Install ${names.length === 1 ? 'it' : 'them'} and run again.`)
  }
  // Debian makes and starts a cluster of its own when this folder is missing; the tests use private ones
  if (names.includes('postgresql')) mkdirSync('/etc/postgresql-common', { recursive: true })
  process.stderr.write(`Installing ${names.join(', ')} …\n`)
  try {
    apt('install', '--no-install-recommends', ...names)
  } catch {
    // a fresh machine has no package lists yet, or old ones
    apt('update')
    apt('install', '--no-install-recommends', ...names)
  }
}

function apt(...args: readonly string[]): void {
  execFileSync('/usr/bin/apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // RUNLEVEL: the packages' own servers are not started
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
}
