/** How rules are written in TypeScript: `permit('support-reads-orders', { … })`. */

import type { Rule } from './document.ts'

/** Everything of a rule but its id and its effect. */
export type RuleOptions = Omit<Rule, 'id' | 'effect'>

/** A rule that allows. It grants all fields but the secret ones unless `fields` says otherwise. */
export function permit(id: string, options: RuleOptions): Rule {
  return { id, effect: 'permit', ...options }
}

/** A rule that outweighs every permit. With `fields` it takes those fields away and nothing else. */
export function forbid(id: string, options: Omit<RuleOptions, 'obligations'>): Rule {
  return { id, effect: 'forbid', ...options }
}
