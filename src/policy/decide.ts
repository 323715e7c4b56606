/**
 * Deciding one request against the rules that count for it.
 *
 * Pure: no clock, no database, no session. Whatever a rule needs is in the
 * request and in the record, so that a decision can be replayed from the audit log.
 */

import { EVERYTHING } from '../model/predicate.ts'
import { union, without } from './access.ts'
import type { BoundRule } from './bind.ts'
import type { Live } from './live.ts'
import { NO_OBLIGATIONS, stricter } from './obligation.ts'
import type { Decision, Resource } from './policy.ts'

/**
 * Verbs whose records the row scope or the post-image narrows later: without a
 * record, a rule with a condition counts as one that may match.
 */
const NARROWED_LATER: ReadonlySet<string> = new Set([
  'list',
  'read',
  'create',
  'export',
  'history',
  // decided on each of the records that it puts back
  'revert',
])

/**
 * Decides whether a request may go ahead, under which obligations and with which fields.
 *
 * Denies unless a rule permits; one `forbid` outweighs every `permit`; where
 * several rules permit, the strictest of each obligation holds. The order of
 * the rules therefore never changes the outcome.
 */
export function decide(live: Live, resource: Resource | null): Decision {
  if (live.refusal !== null) return { effect: 'deny', rules: [], reason: live.refusal }

  const forbids = matching(live.forbids, live.verb, resource)
  if (forbids.length > 0) {
    const rules = forbids.map(({ rule }) => rule.id)
    return { effect: 'deny', rules, reason: `forbidden by "${rules.join('", "')}"` }
  }
  const permits = matching(live.permits, live.verb, resource)
  if (permits.length === 0) return { effect: 'deny', rules: [], reason: 'no rule permits it' }
  return {
    effect: 'allow',
    rules: permits.map(({ rule }) => rule.id),
    obligations: permits.reduce((sum, { rule }) => stricter(sum, rule.obligations), NO_OBLIGATIONS),
    fields: without(union(permits.map(({ fields }) => fields)), matching(live.takings, live.verb, resource)),
  }
}

function matching(
  rules: readonly BoundRule[],
  verb: string,
  resource: Resource | null,
): readonly BoundRule[] {
  if (resource) return rules.filter(({ holds }) => holds(resource))
  const isNarrowed = NARROWED_LATER.has(verb)
  return rules.filter(
    ({ rule, where }) => where === EVERYTHING || (rule.effect === 'permit' ? isNarrowed : !isNarrowed),
  )
}
