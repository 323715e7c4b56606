/** Certificates for tests: an authority of their own, and what it signs. By OpenSSL, which PostgreSQL's packages bring. */

import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './server.ts'

/** Files in PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** A new authority in `folder`; `name` is that of its files. */
export function makeAuthority(folder: string, name: string): Certificate {
  const made = filesOf(folder, name)
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    made.key,
    '-out',
    made.certificate,
    ...subject(name),
    '-days',
    '2',
  )
  return made
}

/** A certificate for a server of that host name, signed by the authority. */
export function makeCertificate(folder: string, authority: Certificate, host: string): Certificate {
  const made = filesOf(folder, host)
  const request = join(folder, `${host}.request`)
  const extension = join(folder, `${host}.extension`)
  writeFileSync(extension, `subjectAltName=DNS:${host}\n`)
  openssl('req', ...KEY, '-keyout', made.key, '-out', request, ...subject(host))
  openssl(
    ...['x509', '-req', '-in', request, '-out', made.certificate, '-days', '2', '-extfile', extension],
    ...['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial'],
  )
  return made
}

/** A copy that the server's account may read and nobody else: they refuse a key that others can read. */
export function lendCertificate(
  { certificate, key }: Certificate,
  folder: string,
  account: Account | null,
): Certificate {
  const lent = filesOf(folder, 'server')
  copyFileSync(certificate, lent.certificate)
  copyFileSync(key, lent.key)
  for (const file of [lent.certificate, lent.key]) {
    chmodSync(file, 0o600)
    if (account) chownSync(file, account.uid, account.gid)
  }
  return lent
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function filesOf(folder: string, name: string): Certificate {
  return { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
}

function subject(name: string): readonly string[] {
  return ['-subj', `/CN=${name}`]
}

function openssl(...line: readonly string[]): void {
  execFileSync('openssl', line, { stdio: 'pipe' })
}
