/** From an outcome to an answer: every kind of next step has its status and its words. */

import type { EventReference, Outcome, Plan } from '../../gate/outcome.ts'
import type { RequestContext } from '../../http/env.ts'
import { type Json, jsonOf } from './json.ts'
import { problem } from './problem.ts'

/** Answers what was done by `done`, and every other kind of outcome by its own status. */
export function answer<Result>(
  c: RequestContext,
  outcome: Outcome,
  done: (result: Result, event: Json) => Response,
): Response {
  switch (outcome.kind) {
    case 'done':
      // Each route names the result of the action that it performs.
      return done(outcome.result as Result, jsonOfEvent(outcome.event))
    case 'approval-required':
      return c.json({ next: outcome.kind, approval: { ...outcome.approval } }, 202)
    case 'confirmation-required':
      return problem(
        c,
        {
          code: outcome.kind,
          status: 428,
          title: 'This needs to be confirmed',
          detail: `${outcome.plan.sentence} Send the same request again with this confirmation to go on.`,
        },
        { confirmation: outcome.confirmation, plan: jsonOfPlan(outcome.plan) },
      )
    case 'step-up-required':
      return problem(
        c,
        {
          code: outcome.kind,
          status: 403,
          title: 'This needs a fresh proof of who you are',
          detail: 'Prove again who you are in the admin, then send the same request again.',
        },
        { assurance: outcome.assurance, withinSeconds: Math.floor(outcome.withinMs / 1000) },
      )
  } // no default: a new kind is a compile error here
}

/** The number is given after the commit, so it is not known yet. */
function jsonOfEvent(event: EventReference | null): Json {
  return event && { id: event.id, sequence: null }
}

function jsonOfPlan(plan: Plan): Json {
  return jsonOf(plan)
}
