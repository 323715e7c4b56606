/** Events in the Elastic Common Schema, version 8.17. What has no field there stands under `castellan`. */

import { isIP } from 'node:net'
import type { Severity } from '../catalogue.ts'
import { jsonText, present } from './json-line.ts'
import { changesOf, endingOf, type LeavingEvent, recordOf, sentenceOf, traceOf } from './leaving.ts'
import { meaningOf } from './meaning.ts'

/** As Elastic's own rules score them, of 0 to 100. */
const SEVERITIES: Readonly<Record<Severity, number>> = { low: 21, medium: 47, high: 73 }

export function ecsLine({ event, sequence }: LeavingEvent): string {
  const { principal, request, target } = event
  const meaning = meaningOf(event.kind)
  const trace = traceOf(event)
  return jsonText(
    present({
      '@timestamp': event.occurredAt,
      ecs: { version: '8.17.0' },
      message: sentenceOf(event),
      event: present({
        kind: 'event',
        dataset: 'castellan.audit',
        module: 'castellan',
        id: event.id,
        sequence,
        action: event.action,
        category: [meaning.category],
        type: endingOf(event) === 'failure' ? [...new Set([...meaning.types, 'denied'])] : meaning.types,
        outcome: endingOf(event),
        severity: SEVERITIES[event.severity],
        code: event.kind,
        reason: event.reason,
      }),
      error: event.code === null ? null : { code: event.code },
      user: { id: principal.id, name: principal.label, roles: principal.roles },
      source: request.address === '' ? null : sourceOf(request.address),
      user_agent: request.userAgent === null ? null : { original: request.userAgent },
      http: { request: { id: request.id, method: request.method } },
      trace: trace && { id: trace.traceId },
      span: trace && { id: trace.spanId },
      service: { name: 'castellan', version: event.version, node: { name: event.node } },
      labels: present({
        ticket: event.ticket,
        model: target?.model ?? null,
        record: target?.key == null ? null : recordOf(event),
        route: request.route,
        session: event.session,
      }),
      castellan: present({
        outcome: event.outcome,
        target,
        principal: { kind: principal.kind, onBehalfOf: principal.onBehalfOf ?? null },
        authentication: principal.authentication,
        policy: event.policy,
        approval: event.approval,
        changes: changesOf(event),
        counts: event.counts,
        details: event.details,
      }),
    }),
  )
}

function sourceOf(address: string): { readonly address: string; readonly ip?: string } {
  return isIP(address) === 0 ? { address } : { address, ip: address }
}
