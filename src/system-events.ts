/** Events that no call and no sign-in stands behind: what starting does, and what the HTTP chain refuses. */

import { bySystem, type SystemPorts } from './audit/by-system.ts'
import type { EventDraft } from './audit/event.ts'
import type { Refusal } from './http/refusal.ts'
import type { Purpose } from './keys/keys.ts'

const NO_POLICY = { version: '', rules: [] } as const

/** An alarm of the log, when it begins and when it is over. */
export function alarmDraft(
  { alarm, code, isOver }: { readonly alarm: string; readonly code: string; readonly isOver: boolean },
  ports: SystemPorts,
): EventDraft {
  return {
    ...bySystem('schedule', ports),
    action: 'castellan.audit.alarm',
    kind: 'audit.alarm',
    outcome: isOver ? 'done' : 'failed',
    ...(!isOver && { code }),
    details: { alarm },
  }
}

/** One event for the migrations that ran and one for each key that was made; none at a start that found all in place. */
export function installationDrafts(
  applied: readonly string[],
  created: readonly { readonly purpose: Purpose; readonly id: string }[],
  ports: SystemPorts,
): readonly EventDraft[] {
  const common = { ...bySystem('start', ports), outcome: 'done' } as const
  const migrated: EventDraft[] =
    applied.length === 0
      ? []
      : [
          {
            ...common,
            action: 'castellan.store.migrate',
            kind: 'store.migrate',
            details: { migrations: applied.join(' ') },
          },
        ]
  const made = created.map(
    (key): EventDraft => ({
      ...common,
      action: 'castellan.keys.create',
      kind: 'key.create',
      details: { purpose: key.purpose, key: key.id },
    }),
  )
  return [...migrated, ...made]
}

/** What the chain refused before any face saw it. */
export function refusalDraft({ kind, principal, origin, code, details }: Refusal): EventDraft {
  return {
    principal: {
      kind: principal?.subject.kind ?? 'person',
      id: principal?.subject.id ?? '',
      label: principal?.name ?? 'unknown',
      roles: principal?.subject.roles ?? [],
      authentication: {
        methods: principal?.authentication.methods ?? [],
        assurance: principal?.authentication.assurance ?? 0,
        at: new Date(principal?.authentication.at ?? 0).toISOString(),
      },
    },
    session: principal?.sessionHash ?? null,
    request: origin,
    action: `castellan.${kind}`,
    kind,
    target: null,
    outcome: 'refused',
    code,
    policy: NO_POLICY,
    details,
  }
}
