/** Whether what an address says keeps a connection from being read on its way. Pure: nothing is connected to. */

import type { DatabaseUrl } from './url.ts'

/** What asks for TLS and goes without it nowhere: of PostgreSQL in lower case, of MySQL in upper case. */
const DEMANDING: readonly (string | null)[] = [
  ...['require', 'verify-ca', 'verify-full'],
  ...['REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'],
]

/** True for what never leaves this machine, and for TLS that is demanded. */
export function isEncrypted(url: DatabaseUrl): boolean {
  if (url.engine === 'sqlite' || url.engine === 'pglite') return true
  const address = new URL(url.address.reveal())
  const option = (name: string): string | null => address.searchParams.get(name)
  if (isOnThisMachine(address) || option('socket') !== null) return true
  return DEMANDING.includes(option('sslmode') ?? option('ssl-mode')) || option('ssl-ca') !== null
}

/** Also of a socket in the file system, as PostgreSQL's addresses name it. */
export function isOnThisMachine({ hostname, searchParams }: URL): boolean {
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  return host === '' || host.startsWith('/') || /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/.test(host)
}
