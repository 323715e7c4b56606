/** The option `audit.sinks`: where events go as soon as a checkpoint covers them. */

import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { FORMATS, type FormatName } from '../format/format.ts'
import { NETWORKS_SCHEMA } from '../outbound-option.ts'
import { readSyslogAddress } from '../syslog.ts'

export interface SinkOption {
  /** What the store remembers it by: another name begins at the first event again. */
  readonly name: string
  /**
   * `file:///var/log/castellan/audit.jsonl`, `syslogs://logs.example.com:6514` (TLS; `syslog://127.0.0.1:601` on
   * this machine), `https://collector.example.com/v1/logs`.
   */
  readonly to: string
  /** `jsonl` by default; `csv` for files alone. */
  readonly format?: FormatName
  /** Files: the size at which the next one is begun, 100 megabytes by default. */
  readonly maxMegabytes?: number
  /** Files: how many full ones are kept, all of them by default. */
  readonly keep?: number
  /** HTTP: sent with each request, such as `{ authorization: 'Bearer …' }`. */
  readonly headers?: Readonly<Record<string, string>>
  /** HTTP: networks (CIDR) and addresses that are not public and may be reached all the same. */
  readonly allowedNetworks?: readonly string[]
  /** HTTP and syslog: certificates (PEM) to trust in place of the system's. */
  readonly ca?: string
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
/** RFC 9110: the name of a field is a token, its value visible characters and blanks. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
const FIELD_VALUE = /^[\x20-\x7e]{0,4000}$/

const SINK = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
    to: z.string().refine((text) => kindOf(text) !== null),
    format: z.enum(FORMATS).optional(),
    maxMegabytes: z.int().min(1).max(10_000).optional(),
    keep: z.int().min(1).max(100_000).optional(),
    headers: z.record(z.string().regex(FIELD_NAME), z.string().regex(FIELD_VALUE)).optional(),
    allowedNetworks: NETWORKS_SCHEMA.optional(),
    ca: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
  })
  .refine(({ to, format }) => format !== 'csv' || kindOf(to) === 'file')
  .refine(({ to, maxMegabytes, keep }) => kindOf(to) === 'file' || (maxMegabytes ?? keep) === undefined)
  .refine(
    ({ to, headers, allowedNetworks }) => kindOf(to) === 'http' || (headers ?? allowedNetworks) === undefined,
  )
  .refine(({ to, ca }) => kindOf(to) !== 'file' || ca === undefined)

export const SINKS_SCHEMA: z.ZodType = z
  .array(SINK)
  .max(20)
  .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length)

/** Which kind of receiver an address names; null: none. Beyond this machine nothing travels in the clear. */
export function kindOf(address: string): 'file' | 'syslog' | 'http' | null {
  if (!URL.canParse(address)) return null
  if (readSyslogAddress(address)) return 'syslog'
  const url = new URL(address)
  if (url.protocol === 'file:') return pathOf(url) === null ? null : 'file'
  const isBare = url.username === '' && url.password === '' && url.hash === ''
  if (!isBare) return null
  if (url.protocol === 'https:') return 'http'
  return url.protocol === 'http:' && isOnThisMachine(url) ? 'http' : null
}

export function isOnThisMachine({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname)
}

/** The path of an address of a file; null for one of another machine, or of a folder. */
export function pathOf(url: URL): string | null {
  if (url.host !== '' || url.search !== '' || url.hash !== '' || url.pathname.endsWith('/')) return null
  try {
    const path = fileURLToPath(url)
    return isAbsolute(path) ? path : null
  } catch {
    // a path with an encoded slash or NUL: no file has such a name
    return null
  }
}
