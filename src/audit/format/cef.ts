/**
 * Events in the ArcSight Common Event Format, revision 25.
 *
 * In the header `|` and `\` are escaped, in the extension `=`, `\` and line
 * ends; other characters that could end a line or turn it round stand as `\u…`
 * in letters. Each value keeps within what its key may hold.
 */

import { isIPv4, isIPv6 } from 'node:net'
import type { Severity } from '../catalogue.ts'
import { oneLine } from '../syslog.ts'
import {
  changesOf,
  endingOf,
  type LeavingChange,
  type LeavingEvent,
  recordOf,
  sentenceOf,
  timeOf,
} from './leaving.ts'

/** Of 0 to 10. */
const SEVERITIES: Readonly<Record<Severity, number>> = { low: 3, medium: 5, high: 8 }
/** What was refused or failed is looked at before what was not. */
const FAILURE_ADDS = 1

export function cefLine({ event, sequence }: LeavingEvent): string {
  const { address } = event.request
  const isFailure = endingOf(event) === 'failure'
  const header = [
    'CEF:0',
    'Castellan',
    'Castellan',
    headerText(event.version),
    headerText(event.kind),
    headerText(sentenceOf(event)),
    String(SEVERITIES[event.severity] + (isFailure ? FAILURE_ADDS : 0)),
  ]
  const changes = changesOf(event)
  const pairs: readonly (readonly [string, string | number | null | undefined, number])[] = [
    ['rt', timeOf(event), 20],
    ['externalId', event.id, 40],
    ['act', event.action, 63],
    ['outcome', event.outcome, 63],
    ['reason', event.reason ?? event.code, 1023],
    ['suid', event.principal.id, 1023],
    ['suser', event.principal.label, 1023],
    ['spriv', event.principal.roles.join(' ') || null, 1023],
    ['src', isIPv4(address) ? address : null, 45],
    ...labelled('c6a2', 'Source IPv6 Address', isIPv6(address) ? address : null, 45),
    ['requestClientApplication', event.request.userAgent, 1023],
    ['requestMethod', event.request.method, 1023],
    ['request', event.request.route, 1023],
    ['fname', event.target?.label, 1023],
    ...labelled('cs1', 'record', recordOf(event), 4000),
    ...labelled('cs2', 'ticket', event.ticket, 4000),
    ...labelled('cs3', 'rules', event.policy.rules.join(' ') || null, 4000),
    ...labelled('cs4', 'traceparent', event.request.traceparent, 4000),
    ...labelled('cs5', 'requestId', event.request.id, 4000),
    ...labelled('cs6', 'code', event.code, 4000),
    ...labelled('cn1', 'sequence', sequence, 20),
    ...labelled('cn2', 'affected', event.counts.affected, 20),
    ['oldValue', sideOf(changes, 'before'), 1023],
    ['msg', sideOf(changes, 'after'), 1023],
    ['dvchost', event.node, 100],
  ]
  const extension = pairs.flatMap(([key, value, most]) =>
    value === null || value === undefined || value === '' ? [] : [`${key}=${extensionText(value, most)}`],
  )
  return `${header.join('|')}|${extension.join(' ')}`
}

type Pair = readonly [string, string | number | null | undefined, number]

function labelled(key: string, label: string, value: Pair[1], most: number): readonly Pair[] {
  if (value === null || value === undefined || value === '') return []
  return [
    [key, value, most],
    [`${key}Label`, label, 1023],
  ]
}

/** `{"status":"paid"}`; null where nothing stands in the clear. */
function sideOf(changes: readonly LeavingChange[], side: 'before' | 'after'): string | null {
  const values = changes.map((change) => [change.field, change.masked ? '(masked)' : change[side]])
  return values.length > 0 ? JSON.stringify(Object.fromEntries(values)) : null
}

function headerText(text: string): string {
  return oneLine(text).replace(/[\\|]/g, '\\$&')
}

const LINE_ENDS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' }

function extensionText(value: string | number, most: number): string {
  // whole characters, so that none is cut in two
  const text = Array.from(String(value)).slice(0, most).join('')
  return text
    .split(/([\r\n])/)
    .map((part) => LINE_ENDS[part] ?? oneLine(part).replace(/[\\=]/g, '\\$&'))
    .join('')
}
