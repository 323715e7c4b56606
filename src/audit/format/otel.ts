/**
 * Events as OpenTelemetry log records, in the JSON encoding of OTLP: each line
 * is an `ExportLogsServiceRequest`, as files and collectors take it.
 */

import type { Severity } from '../catalogue.ts'
import type { AuditEvent } from '../event.ts'
import { jsonText } from './json-line.ts'
import { changesOf, endingOf, type LeavingEvent, sentenceOf, traceOf } from './leaving.ts'

/** INFO, INFO2 and WARN; an attempt that ended badly is at least a WARN. */
const SEVERITIES: Readonly<Record<Severity, number>> = { low: 9, medium: 10, high: 13 }
const WARN = 13

export function otelLine(leaving: LeavingEvent): string {
  return jsonText({ resourceLogs: [resourceLogs(leaving)] })
}

function resourceLogs({ event, sequence }: LeavingEvent): object {
  const trace = traceOf(event)
  const severity = Math.max(SEVERITIES[event.severity], endingOf(event) === 'failure' ? WARN : 0)
  return {
    resource: {
      attributes: attributesOf({ 'service.name': 'castellan', 'service.instance.id': event.node }),
    },
    scopeLogs: [
      {
        scope: { name: 'castellan.audit', version: event.version },
        logRecords: [
          {
            timeUnixNano: nanosecondsOf(event),
            observedTimeUnixNano: nanosecondsOf(event),
            severityNumber: severity,
            severityText: severity >= WARN ? 'WARN' : 'INFO',
            eventName: `castellan.${event.kind}`,
            body: { stringValue: sentenceOf(event) },
            attributes: attributesOf(attributes(event, sequence)),
            ...(trace && { traceId: trace.traceId, spanId: trace.spanId }),
          },
        ],
      },
    ],
  }
}

type Attribute = string | number | readonly string[] | null | undefined

function attributes(event: AuditEvent, sequence: number): Readonly<Record<string, Attribute>> {
  const { principal, request, target } = event
  return {
    'log.record.uid': event.id,
    'castellan.sequence': sequence,
    'castellan.action': event.action,
    'castellan.outcome': event.outcome,
    'error.type': event.code,
    'user.id': principal.id,
    'user.name': principal.label,
    'user.roles': principal.roles,
    'castellan.principal.kind': principal.kind,
    'castellan.principal.on_behalf_of': principal.onBehalfOf,
    'session.id': event.session,
    'client.address': request.address || null,
    'user_agent.original': request.userAgent,
    'http.request.method': request.method,
    'http.route': request.route,
    'castellan.request.id': request.id,
    'castellan.target.model': target?.model,
    'castellan.target.key': target?.key,
    'castellan.target.label': target?.label,
    'castellan.rules': event.policy.rules,
    'castellan.policy.version': event.policy.version,
    'castellan.reason': event.reason,
    'castellan.ticket': event.ticket,
    'castellan.changes': event.changes.length > 0 ? JSON.stringify(changesOf(event)) : null,
    'castellan.counts': textOrNull(event.counts),
    'castellan.details': textOrNull(event.details),
    'castellan.approval': event.approval?.id,
  }
}

function textOrNull(value: Readonly<Record<string, unknown>>): string | null {
  return Object.keys(value).length > 0 ? JSON.stringify(value) : null
}

/** `AnyValue`: a whole number of 64 bits travels as a string. */
function attributesOf(values: Readonly<Record<string, Attribute>>): readonly object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === null || value === undefined) return []
    return [{ key, value: anyValue(value) }]
  })
}

function anyValue(value: string | number | readonly string[]): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } }
}

/** The event has microseconds. */
function nanosecondsOf({ occurredAt }: AuditEvent): string {
  const micros = /\.\d{3}(\d{3})Z$/.exec(occurredAt)?.[1] ?? '000'
  return String(BigInt(Date.parse(occurredAt)) * 1_000_000n + BigInt(micros) * 1000n)
}
