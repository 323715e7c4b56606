/**
 * Audit events in words: who did or tried what, to what, and how it ended.
 *
 * Pure. An event arrives without the values that its reader may not see; what
 * is masked is named and no more.
 */

import type { SeenEvent } from '../../../gate/recorded.ts'
import type { Model } from '../../../model/model.ts'
import { deviceOf } from '../auth/device.ts'

export type EventView = SeenEvent['event']

/** [what was done, what was wanted], each to be followed by the target. */
const PHRASES: Readonly<Record<string, readonly [past: string, infinitive: string]>> = {
  'record.list': ['listed', 'list'],
  'record.read': ['viewed', 'view'],
  'record.create': ['created', 'create'],
  'record.update': ['changed', 'change'],
  'record.delete': ['deleted', 'delete'],
  'record.restore': ['restored', 'restore'],
  'record.purge': ['removed for good', 'remove for good'],
  'record.reveal': ['revealed a masked value of', 'reveal a masked value of'],
  'record.history': ['read the history of', 'read the history of'],
  'record.revert': ['put back', 'put back'],
  'record.export': ['exported', 'export'],
  'record.import': ['imported', 'import'],
  'record.bulk-update': ['changed several', 'change several'],
  'record.bulk-delete': ['deleted several', 'delete several'],
  'record.bulk-purge': ['removed several for good', 'remove several for good'],
  'record.bulk-restore': ['restored several', 'restore several'],
  'page.open': ['opened a page of the application', 'open a page of the application'],
  'identity.set-up': ['set up the first administrator', 'set up the first administrator'],
  'identity.sign-in': ['signed in', 'sign in'],
  'identity.second-factor': ['gave a second factor', 'give a second factor'],
  'identity.step-up': ['confirmed who they are', 'confirm who they are'],
  'identity.enrol': ['set up a second factor', 'set up a second factor'],
  'identity.remove-authenticator': ['removed an authenticator', 'remove an authenticator'],
  'identity.rename-authenticator': ['renamed a passkey', 'rename a passkey'],
  'identity.passkey-copied': ['used a copied passkey', 'use a copied passkey'],
  'identity.password': ['changed a password', 'change a password'],
  'identity.recover': ['asked for a new password', 'ask for a new password'],
  'identity.link': ['linked an account to sign in with', 'link an account to sign in with'],
  'identity.unlink': ['took away an account to sign in with', 'take away an account to sign in with'],
  'identity.sign-out': ['signed out', 'sign out'],
  'session.end': ['ended', 'end'],
  'session.reuse': ['used a refresh token twice', 'use a refresh token twice'],
  'session.list': ['listed sessions', 'list sessions'],
  'person.list': ['looked at people', 'look at people'],
  'person.create': ['added', 'add'],
  'person.update': ['changed', 'change'],
  'person.activate': ['activated', 'activate'],
  'person.deactivate': ['deactivated', 'deactivate'],
  'person.reset-credentials': ['reset the second factor of', 'reset the second factor of'],
  'person.invite': ['invited', 'invite'],
  'person.renew-password': ['removed the password of', 'remove the password of'],
  'person.register': ['asked for an account', 'ask for an account'],
  'person.reject': ['turned away', 'turn away'],
  'role.list': ['read roles and rules', 'read roles and rules'],
  'role.grant': ['granted a role to', 'grant a role to'],
  'role.revoke': ['took a role from', 'take a role from'],
  'token.list': ['listed service tokens', 'list service tokens'],
  'token.create': ['made the service token', 'make a service token'],
  'token.revoke': ['revoked the service token', 'revoke the service token'],
  'key.create': ['made a key', 'make a key'],
  'key.rotate': ['rotated a key', 'rotate a key'],
  'key.revoke': ['replaced a ring of keys', 'replace a ring of keys'],
  'policy.publish': ['published a policy', 'publish a policy'],
  'audit.read': ['read the audit log', 'read the audit log'],
  'audit.verify': ['verified the audit log', 'verify the audit log'],
  'audit.export': ['exported the audit log', 'export the audit log'],
  'audit.erase': ['erased personal values that the log held', 'erase personal values that the log holds'],
  'audit.sink-behind': ['sent events of the log', 'send events of the log'],
  'audit.sink-recovered': ['sent events of the log again', 'send events of the log again'],
  'audit.alarm': ['saw an alarm of the log end', 'keep the log as it must be'],
  'store.migrate': ["migrated Castellan's own tables", "migrate Castellan's own tables"],
  'mail.fail': ['sent a letter', 'send a letter'],
  'guard.forged-request': ['sent a forged request', 'send a forged request'],
  'guard.address': ['came from an address that is not allowed', 'come from an address that is not allowed'],
  'guard.throttle': ['tried too often', 'try too often'],
}

/** "changed", "was not allowed to change", "tried to change": what stands between the actor and the target. */
export function phraseOf(event: Pick<EventView, 'kind' | 'action' | 'outcome' | 'code'>): string {
  const verb = event.action.slice(event.action.lastIndexOf('.') + 1)
  const [past, infinitive] = PHRASES[event.kind] ?? [`ran ${verb} on`, `run ${verb} on`]
  switch (event.outcome) {
    case 'done':
      return past
    case 'refused':
      // The guards' own phrases already say that it did not go through.
      if (event.kind.startsWith('guard.')) return past
      return event.code === 'denied' ? `was not allowed to ${infinitive}` : `tried to ${infinitive}`
    case 'pending':
      return `asked to ${infinitive}`
    case 'started':
      return `began to ${infinitive}`
    default:
      return `failed to ${infinitive}`
  }
}

const CHANGES = /^record\.(create|update|delete|restore|purge|revert|import|bulk-)|^action\.run$/

/** The model of whose records it changed some, so that they could be put back; null: of none. */
export function undoableModel({
  kind,
  outcome,
  target,
}: Pick<EventView, 'kind' | 'outcome' | 'target'>): string | null {
  return outcome === 'done' && CHANGES.test(kind) ? (target?.model ?? null) : null
}

/** Kinds whose phrase needs no target after it. */
const COMPLETE =
  /^(page|identity|audit|key|policy|store|guard|mail)\.|\.list$|^person\.register$|^session\.reuse$/

export function needsTarget(event: Pick<EventView, 'kind'>): boolean {
  return event.kind === 'record.list' || !COMPLETE.test(event.kind)
}

export type EventTone = 'neutral' | 'ok' | 'warn' | 'bad' | 'info'

/** The badges of an event: how it ended where that is not "done", and what makes it stand out. */
export function badgesOf(
  event: EventView,
  ended?: SeenEvent['ending'],
): readonly { readonly label: string; readonly tone: EventTone }[] {
  const badges: { label: string; tone: EventTone }[] = []
  const ending = ended ? BEGAN : ENDINGS[event.outcome]
  if (ending) badges.push(event.outcome === 'pending' ? pendingBadge(event.code) : ending)
  if (/^(role\.(grant|revoke)|policy\.publish|person\.(create|activate|deactivate|reset))/.test(event.kind)) {
    badges.push({ label: 'Privilege change', tone: 'warn' })
  }
  if (typeof event.details['undoes'] === 'string') badges.push({ label: 'Undo', tone: 'info' })
  if (event.kind.startsWith('record.bulk-')) badges.push({ label: 'Bulk', tone: 'info' })
  return badges
}

/** The event that says how it ended stands elsewhere in the log. */
const BEGAN = { label: 'Began', tone: 'neutral' } as const

const ENDINGS: Readonly<Record<string, { readonly label: string; readonly tone: EventTone }>> = {
  refused: { label: 'Refused', tone: 'bad' },
  failed: { label: 'Failed', tone: 'bad' },
  pending: { label: 'Pending', tone: 'warn' },
  started: { label: 'Outcome unknown', tone: 'warn' },
}

function pendingBadge(code: string | null): { label: string; tone: EventTone } {
  switch (code) {
    case 'confirmation-required':
      return { label: 'Asked to confirm', tone: 'neutral' }
    case 'step-up-required':
      return { label: 'Asked to prove who they are', tone: 'neutral' }
    case 'approval-required':
      return { label: 'Waits for approval', tone: 'warn' }
    default:
      return { label: 'Pending', tone: 'warn' }
  }
}

export interface TargetView {
  /** "Order #10482", "Orders", "Ana". */
  readonly label: string
  /** A path of ours, or null where there is no page for it. */
  readonly path: string | null
}

/** What an event is about, in words, and where it is shown. */
export function targetOf(event: EventView, models: ReadonlyMap<string, Model>): TargetView | null {
  const { target } = event
  if (!target) return null
  const model = models.get(target.model)
  const noun = model?.label ?? target.model
  if (target.key === null) {
    const isListed = model && !target.model.startsWith('castellan.')
    // What was to be made has no key yet, and is one record all the same.
    const label = event.kind === 'record.create' ? noun : (model?.labelPlural ?? target.model)
    return { label, path: isListed ? `/m/${target.model}` : null }
  }
  return {
    label: ownLabel(target.model, target.label, event.kind) ?? `${noun} ${target.label ?? `#${target.key}`}`,
    path: recordPath(target.model, target.key, model !== undefined),
  }
}

/** People and tokens are called by their own name, a session by its browser. */
function ownLabel(model: string, label: string | null, kind: string): string | null {
  if (model === 'castellan.sessions') return `the session on ${deviceOf(label).label}`
  if (kind === 'session.end' && label) return `the sessions of ${label}`
  return model.startsWith('castellan.') && label ? label : null
}

function recordPath(model: string, key: string, isKnown: boolean): string | null {
  if (model === 'castellan.people') return `/people/${encodeURIComponent(key)}`
  if (model === 'castellan.audit') return `/audit/${encodeURIComponent(key)}`
  if (!isKnown || model.startsWith('castellan.')) return null
  return `/m/${encodeURIComponent(model)}/${encodeURIComponent(key)}`
}

/** One line on what changed: "Status: unpaid to paid" or "Status, Note and 2 more". */
export function changesInShort(
  event: Pick<EventView, 'changes' | 'kind' | 'target'>,
  models: ReadonlyMap<string, Model>,
): string | null {
  const [first, second, ...rest] = event.changes
  if (!first || event.kind === 'record.create' || event.kind === 'record.delete') return null
  const model = event.target ? models.get(event.target.model) : undefined
  if (!second && !isMaskedChange(first)) {
    return `${fieldLabel(model, first.field)}: ${first.before ?? 'none'} to ${first.after ?? 'none'}`
  }
  const names = event.changes.slice(0, 2).map((change) => fieldLabel(model, change.field))
  return rest.length > 0 ? `${names.join(', ')} and ${rest.length} more` : names.join(' and ')
}

export type EventChangeView = EventView['changes'][number]

/** Whether the change says only which field it was. */
export function isMaskedChange(
  change: EventChangeView,
): change is Extract<EventChangeView, { readonly masked: true }> {
  return 'masked' in change
}

export function fieldLabel(model: Model | undefined, name: string): string {
  const label = model?.fields.find((field) => field.name === name)?.label
  if (label !== undefined) return label
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
