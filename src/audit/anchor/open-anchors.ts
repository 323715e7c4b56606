/** From the anchors of the option `audit` to anchors that keep. Nothing is reached before something is kept. */

import { resolve } from 'node:path'
import type { Clock } from '../../clock.ts'
import { parseWitnessKey } from '../cosignature.ts'
import type { AnchorOption } from '../option.ts'
import type { OutboundOptions } from '../outbound.ts'
import { readSyslogAddress } from '../syslog.ts'
import type { Anchor } from './anchor.ts'
import { fileAnchor } from './file-anchor.ts'
import { s3Anchor } from './s3-anchor.ts'
import { syslogAnchor } from './syslog-anchor.ts'
import { webhookAnchor } from './webhook-anchor.ts'
import { witnessAnchor } from './witness-anchor.ts'

const RETAIN_DAYS = 3650

/** @param options As `AUDIT_SCHEMA` has checked them. */
export function openAnchors(options: readonly AnchorOption[], clock: Clock): readonly Anchor[] {
  return options.map((option) => openAnchor(option, clock))
}

function openAnchor(option: AnchorOption, clock: Clock): Anchor {
  if ('file' in option) return fileAnchor(resolve(option.file))
  if ('syslog' in option) return syslogOf(option.syslog, option.ca, clock)
  const outbound = outboundOf(option)
  if ('webhook' in option) {
    return webhookAnchor({ url: new URL(option.webhook), secret: secretOf(option.secret), clock, outbound })
  }
  if ('witness' in option) {
    const key = parseWitnessKey(option.key)
    if (!key) throw new TypeError('The key of the witness was not checked.')
    return witnessAnchor({ url: new URL(option.witness), key, outbound })
  }
  const { endpoint, bucket, prefix = 'castellan/', retainDays = RETAIN_DAYS, ...credentials } = option.s3
  return s3Anchor({
    ...{ bucket, prefix, retainDays, credentials, clock, outbound },
    endpoint: new URL(endpoint),
  })
}

function syslogOf(url: string, ca: string | undefined, clock: Clock): Anchor {
  const address = readSyslogAddress(url)
  if (!address) throw new TypeError('The address of syslog was not checked.')
  return syslogAnchor({ address, clock, ...(ca !== undefined && { connection: { ca } }) })
}

function outboundOf({
  allowedNetworks,
  ca,
}: {
  readonly allowedNetworks?: readonly string[]
  readonly ca?: string
}): OutboundOptions {
  return { ...(allowedNetworks && { allowedNetworks }), ...(ca !== undefined && { ca }) }
}

/** As Standard Webhooks write secrets, `whsec_` and base64; any other text is its own bytes. */
function secretOf(text: string): Uint8Array {
  return text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text)
}
