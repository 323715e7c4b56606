/** Events that no call and no sign-in stands behind: what starting does, and what the HTTP chain refuses. */

import type { EventDraft } from './audit/event.ts'
import type { Clock } from './clock.ts'
import type { Refusal } from './http/refusal.ts'
import type { Purpose } from './keys/keys.ts'

const NO_POLICY = { version: '', rules: [] } as const

/** One event for the migrations that ran and one for each key that was made; none at a start that found all in place. */
export function installationDrafts(
  applied: readonly string[],
  created: readonly { readonly purpose: Purpose; readonly id: string }[],
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: (size: number) => Uint8Array },
): readonly EventDraft[] {
  const now = clock()
  const id = Buffer.from(randomBytes(16)).toString('hex')
  const common = {
    principal: {
      kind: 'system',
      id: 'start',
      label: 'system (start)',
      roles: [],
      authentication: { methods: ['system'], assurance: 1, at: new Date(now).toISOString() },
    },
    session: null,
    request: {
      id,
      traceparent: null,
      address: '',
      addressChain: [],
      userAgent: null,
      method: 'START',
      route: 'start',
    },
    target: null,
    outcome: 'done',
    policy: NO_POLICY,
  } as const satisfies Omit<EventDraft, 'action' | 'kind'>
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
