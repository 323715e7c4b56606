/** Events in the Open Cybersecurity Schema Framework, version 1.3.0. */

import { isIP } from 'node:net'
import type { Severity } from '../catalogue.ts'
import type { AuditEvent } from '../event.ts'
import { jsonText, present } from './json-line.ts'
import { changesOf, endingOf, type LeavingEvent, sentenceOf, timeOf, traceOf } from './leaving.ts'
import { CLASSES, type ClassUid, type Meaning, meaningOf } from './meaning.ts'

const VERSION = '1.3.0'
/** 2 low, 3 medium, 4 high. */
const SEVERITIES: Readonly<Record<Severity, number>> = { low: 2, medium: 3, high: 4 }
/** 1 success, 2 failure, 99 another one, which `status` names. */
const STATUSES = { success: 1, failure: 2, unknown: 99 } as const
const CATEGORIES: Readonly<Record<number, string>> = {
  3: 'Identity & Access Management',
  6: 'Application Activity',
}

export function ocsfLine({ event, sequence }: LeavingEvent): string {
  const meaning = meaningOf(event.kind)
  const { classUid, activity } = meaning
  const category = Math.floor(classUid / 1000)
  const ending = endingOf(event)
  return jsonText(
    present({
      category_uid: category,
      category_name: CATEGORIES[category],
      class_uid: classUid,
      class_name: CLASSES[classUid],
      activity_id: activity,
      activity_name: event.action,
      type_uid: classUid * 100 + activity,
      time: timeOf(event),
      severity_id: SEVERITIES[event.severity],
      severity: event.severity,
      status_id: STATUSES[ending],
      status: event.outcome,
      status_code: event.code,
      message: sentenceOf(event),
      comment: event.reason,
      metadata: present({
        version: VERSION,
        uid: event.id,
        sequence,
        event_code: event.kind,
        correlation_uid: traceOf(event)?.traceId ?? event.request.id,
        log_name: 'audit',
        product: { name: 'Castellan', vendor_name: 'Castellan', version: event.version },
      }),
      actor: actorOf(event),
      src_endpoint: endpointOf(event),
      http_request: present({
        uid: event.request.id,
        http_method: event.request.method,
        user_agent: event.request.userAgent,
        x_forwarded_for: event.request.addressChain.length > 0 ? event.request.addressChain : null,
      }),
      ...ownOf(event, meaning),
      unmapped: present({
        ticket: event.ticket,
        route: event.request.route,
        rules: event.policy.rules,
        policy_version: event.policy.version,
        on_behalf_of: event.principal.onBehalfOf ?? null,
        approval: event.approval,
        changes: changesOf(event),
        counts: event.counts,
        details: event.details,
      }),
    }),
  )
}

function actorOf({ principal, session }: AuditEvent): object {
  return present({
    user: {
      uid: principal.id,
      name: principal.label,
      type: principal.kind,
      groups: principal.roles.map((name) => ({ name })),
    },
    session: session === null ? null : { uid: session },
  })
}

function endpointOf({ request, node }: AuditEvent): object {
  if (isIP(request.address) !== 0) return { ip: request.address }
  // the command line, and the schedule: the machine itself
  return { hostname: request.address === '' ? node : request.address }
}

/** What the class asks for beside what every class has. */
function ownOf(event: AuditEvent, meaning: Meaning): object {
  const { target } = event
  const record = target && present({ uid: target.key, name: target.label, type: target.model })
  return OWN[meaning.classUid](event, record)
}

type Record_ = object | null

const OWN: Readonly<Record<ClassUid, (event: AuditEvent, record: Record_) => object>> = {
  3001: (event) => ({ user: subjectOf(event) }),
  3002: (event) => ({
    user: subjectOf(event),
    service: { name: 'Castellan' },
    is_mfa: event.principal.authentication.methods.length > 1,
    is_remote: event.request.address !== '',
  }),
  3003: (event) => ({ user: subjectOf(event) }),
  3005: (event) => ({ user: subjectOf(event), privileges: privilegesOf(event) }),
  6003: ({ action }, record) => present({ api: { operation: action }, resources: record && [record] }),
  6005: ({ target, action }, record) => ({
    table: { name: target?.model ?? 'castellan' },
    type_id: 3,
    api: { operation: action },
    ...(record && { resources: [record] }),
  }),
}

/** The account that it is about; whoever did it, where it is about no other. */
function subjectOf({ target, principal }: AuditEvent): object {
  if (target?.key == null || !target.model.startsWith('castellan.people'))
    return { uid: principal.id, name: principal.label }
  return present({ uid: target.key, name: target.label })
}

/** The role that was given or taken. */
function privilegesOf({ details, action }: AuditEvent): readonly string[] {
  return [typeof details['role'] === 'string' ? details['role'] : action]
}
