/**
 * The forms in which events leave the log for other programs.
 *
 * Each event is one line, whatever is in it. `jsonl` is the event itself, in the
 * bytes that its leaf is over; the others are translations, in which values of
 * personal fields are only named as changed. docs/audit-formats.md has the tables.
 */

import { canonicalJson } from '../canonical.ts'
import { eventLine } from '../export-files.ts'
import { cefLine } from './cef.ts'
import { CSV_HEAD, csvLine } from './csv.ts'
import { ecsLine } from './ecs.ts'
import type { LeavingEvent } from './leaving.ts'
import { ocsfLine } from './ocsf.ts'
import { otelLine } from './otel.ts'

export const FORMATS = ['jsonl', 'csv', 'ocsf', 'ecs', 'cef', 'otel'] as const
export type FormatName = (typeof FORMATS)[number]

export interface Format {
  /** What a file of it ends in. */
  readonly extension: string
  readonly mediaType: string
  /** What stands before the first event, with its line end. */
  readonly head: string
  readonly lineEnd: string
  /** The event without a line end. */
  line(leaving: LeavingEvent): string
}

export const FORMAT: Readonly<Record<FormatName, Format>> = {
  jsonl: { extension: 'jsonl', mediaType: 'application/x-ndjson', head: '', lineEnd: '\n', line: jsonLine },
  csv: {
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8',
    head: CSV_HEAD,
    lineEnd: '\r\n',
    line: csvLine,
  },
  ocsf: {
    extension: 'ocsf.jsonl',
    mediaType: 'application/x-ndjson',
    head: '',
    lineEnd: '\n',
    line: ocsfLine,
  },
  ecs: { extension: 'ecs.jsonl', mediaType: 'application/x-ndjson', head: '', lineEnd: '\n', line: ecsLine },
  cef: { extension: 'cef', mediaType: 'text/plain; charset=utf-8', head: '', lineEnd: '\n', line: cefLine },
  otel: {
    extension: 'otel.jsonl',
    mediaType: 'application/x-ndjson',
    head: '',
    lineEnd: '\n',
    line: otelLine,
  },
}

/** As in `events.jsonl` of an export: canonical, so that the line can be verified. */
function jsonLine({ event, sequence }: LeavingEvent): string {
  return Buffer.from(eventLine(Buffer.from(canonicalJson(event)), sequence))
    .toString('utf8')
    .trimEnd()
}
