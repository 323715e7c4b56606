/** What an allowed request must bring along: reading it from a rule, and combining several rules. */

import type { Report } from './mistakes.ts'
import type { Obligations } from './policy.ts'

export const NO_OBLIGATIONS: Obligations = {
  confirm: false,
  reason: false,
  tickets: [],
  stepUpWithinMs: Number.POSITIVE_INFINITY,
  approvals: 0,
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The strictest of each: every ticket pattern must match; the shortest time and the most approvals hold. */
export function stricter(one: Obligations, other: Obligations): Obligations {
  if (one === NO_OBLIGATIONS) return other
  if (other === NO_OBLIGATIONS) return one
  return {
    confirm: one.confirm || other.confirm,
    reason: one.reason || other.reason,
    tickets: [...new Set([...one.tickets, ...other.tickets])],
    stepUpWithinMs: Math.min(one.stepUpWithinMs, other.stepUpWithinMs),
    approvals: Math.max(one.approvals, other.approvals),
  }
}

export function compileObligations(
  option: { readonly [name: string]: unknown },
  place: string,
  report: Report,
): Obligations {
  const { ticket, stepUpWithin, approvals } = option
  for (const name of ['confirm', 'reason']) {
    const value = option[name]
    if (value !== undefined && typeof value !== 'boolean') {
      report('P117', `${place}.${name}`, 'takes true or false.', '')
    }
  }
  if (approvals !== undefined) {
    // An obligation that nothing asks for would be a promise that nobody keeps.
    report('P117', `${place}.approvals`, 'Approvals are not honoured yet.', 'Use stepUpWithin and reason.')
  }
  return {
    confirm: option['confirm'] === true,
    reason: option['reason'] === true,
    tickets: ticket === undefined ? [] : compileTicket(ticket, `${place}.ticket`, report),
    stepUpWithinMs:
      stepUpWithin === undefined
        ? Number.POSITIVE_INFINITY
        : compileDuration(stepUpWithin, `${place}.stepUpWithin`, report),
    approvals: 0,
  }
}

function compileTicket(ticket: unknown, place: string, report: Report): readonly string[] {
  try {
    if (typeof ticket === 'string' && ticket !== '') return [new RegExp(ticket, 'u').source]
  } catch {
    // Reported below, with what is not a pattern at all.
  }
  report('P111', place, `"${ticket}" is no regular expression.`, 'Write for example "OPS-\\\\d+".')
  return []
}

function compileDuration(duration: unknown, place: string, report: Report): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(String(duration)) ?? []
  const milliseconds = Number(count) * (UNIT_MS[unit] ?? 0)
  if (milliseconds > 0) return milliseconds
  report('P110', place, `"${duration}" is no length of time.`, 'Write for example "5m", "30s" or "2h".')
  return 0
}
