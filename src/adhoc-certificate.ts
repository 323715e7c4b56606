/**
 * A throw-away certificate, so that development runs over TLS with the same
 * cookies as production. Its key is in memory alone and new at each start.
 */

import { isIP } from 'node:net'
import type { TlsOptions } from './node.ts'

const DAYS = 30
const DAY_MS = 86_400_000

/** For that host and this machine's own names, signed by itself: browsers ask before they trust it. */
export async function adhocCertificate(host: string, now: number): Promise<TlsOptions> {
  // loaded on use, and in this order: the one after stands on the one before
  await import('reflect-metadata')
  const { X509CertificateGenerator, SubjectAlternativeNameExtension } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const names = [...new Set(['localhost', host])].filter((name) => !isAddress(name))
  const addresses = [...new Set(['127.0.0.1', '::1', host])].filter(isAddress)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Castellan, throw-away',
    // a clock that is a little behind takes it as well
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAYS * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = key.replaceAll(/.{64}/g, '$&\n').trimEnd()
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  }
}

function isAddress(host: string): boolean {
  return isIP(host) !== 0
}
