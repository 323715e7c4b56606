/** Events as syslog messages; the number of an event is the `sequenceId` of RFC 5424, section 7.3.1. */

import type { Severity } from '../catalogue.ts'
import { FORMAT } from '../format/format.ts'
import { endingOf, type LeavingEvent, timeOf } from '../format/leaving.ts'
import { readSyslogAddress, type SyslogMessage, sendSyslog } from '../syslog.ts'
import type { SinkOption } from './option.ts'
import type { Sink } from './sink.ts'

/** Informational, notice, warning; what was refused or failed is a warning at least. */
const SEVERITIES: Readonly<Record<Severity, 4 | 5 | 6>> = { low: 6, medium: 5, high: 4 }
/** After it the count begins at 1 again. */
const LAST_ID = 2_147_483_647

export function syslogSink({ name, to, format, ca }: SinkOption): Sink {
  const address = readSyslogAddress(to)
  if (!address) throw new TypeError(`The sink "${name}" names no receiver of syslog.`)
  const { line } = FORMAT[format ?? 'jsonl']
  return {
    name,
    send: (events, signal) =>
      sendSyslog(
        address,
        events.map((one) => messageOf(one, line(one))),
        { signal, ...(ca !== undefined && { ca }) },
      ),
  }
}

function messageOf(leaving: LeavingEvent, text: string): SyslogMessage {
  const { event, sequence } = leaving
  const [host = '', process = ''] = event.node.split(':')
  return {
    at: timeOf(event),
    severity: endingOf(event) === 'failure' ? 4 : SEVERITIES[event.severity],
    host,
    app: 'castellan',
    process,
    kind: event.kind,
    structured: { meta: { sequenceId: String(((sequence - 1) % LAST_ID) + 1) } },
    text,
  }
}
