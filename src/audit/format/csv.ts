/**
 * Events as CSV (RFC 4180), for spreadsheets.
 *
 * A spreadsheet runs a cell that begins as a formula does. Such a cell, and one
 * that begins with blanks before it, gets an apostrophe in front, which
 * spreadsheets take for "this is text".
 */

import { oneLine } from '../syslog.ts'
import { jsonText } from './json-line.ts'
import type { LeavingEvent } from './leaving.ts'
import { changesOf } from './leaving.ts'

type Cell = string | number | null

const COLUMNS = {
  sequence: ({ sequence }) => sequence,
  id: ({ event }) => event.id,
  occurred_at: ({ event }) => event.occurredAt,
  principal_kind: ({ event }) => event.principal.kind,
  principal_id: ({ event }) => event.principal.id,
  principal: ({ event }) => event.principal.label,
  on_behalf_of: ({ event }) => event.principal.onBehalfOf ?? null,
  roles: ({ event }) => event.principal.roles.join(' '),
  session: ({ event }) => event.session,
  address: ({ event }) => event.request.address,
  user_agent: ({ event }) => event.request.userAgent,
  request_id: ({ event }) => event.request.id,
  traceparent: ({ event }) => event.request.traceparent,
  action: ({ event }) => event.action,
  kind: ({ event }) => event.kind,
  severity: ({ event }) => event.severity,
  model: ({ event }) => event.target?.model ?? null,
  record_key: ({ event }) => event.target?.key ?? null,
  record: ({ event }) => event.target?.label ?? null,
  outcome: ({ event }) => event.outcome,
  code: ({ event }) => event.code,
  policy_version: ({ event }) => event.policy.version,
  rules: ({ event }) => event.policy.rules.join(' '),
  reason: ({ event }) => event.reason,
  ticket: ({ event }) => event.ticket,
  approval: ({ event }) => event.approval?.id ?? null,
  changes: ({ event }) => (event.changes.length > 0 ? jsonText(changesOf(event)) : null),
  matched: ({ event }) => event.counts.matched ?? null,
  affected: ({ event }) => event.counts.affected ?? null,
  exported: ({ event }) => event.counts.exported ?? null,
  details: ({ event }) => (Object.keys(event.details).length > 0 ? jsonText(event.details) : null),
  node: ({ event }) => event.node,
  version: ({ event }) => event.version,
} as const satisfies Readonly<Record<string, (leaving: LeavingEvent) => Cell>>

const CELLS: readonly ((leaving: LeavingEvent) => Cell)[] = Object.values(COLUMNS)

export const CSV_HEAD: string = `${Object.keys(COLUMNS).join(',')}\r\n`

export function csvLine(leaving: LeavingEvent): string {
  return CELLS.map((cell) => cellText(cell(leaving))).join(',')
}

/** As OWASP lists them; a tab or a line end in front is an escape by then. */
const FORMULA = /^[\s'"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/

function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const line = oneLine(cell)
  const text = FORMULA.test(line) ? `'${line}` : line
  return /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
