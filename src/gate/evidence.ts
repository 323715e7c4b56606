/**
 * Whether the obligations of a decision are met, read from the stored session
 * and confirmations and never from the caller's word.
 */

import { createHash } from 'node:crypto'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { issueConfirmation, useConfirmation } from '../identity/confirmation.ts'
import type { Obligations } from '../policy/policy.ts'
import type { Call } from './call.ts'
import type { Outcome, Plan } from './outcome.ts'
import type { Parts } from './parts.ts'

/** Thrown inside the transaction, so that it rolls back; `perform` turns it into the outcome. */
export class Unmet extends Error {
  override readonly name = 'Unmet'
  readonly next: Exclude<Outcome, { kind: 'done' }>
  readonly rules: readonly string[]

  constructor(next: Exclude<Outcome, { kind: 'done' }>, rules: readonly string[]) {
    super(next.kind)
    this.next = next
    this.rules = rules
  }
}

/** A confirmation that is still to be stored, once the transaction has rolled back. */
export interface Wanted {
  readonly binding: string
  readonly plan: Plan
}

/** @throws AdminError `invalid-input` at `reason` or `ticket`, before anything else is asked. */
export function checkReason(obligations: Obligations, call: Call): void {
  const fields: Record<string, string[]> = {}
  if (obligations.reason && !call.reason?.trim()) fields['reason'] = ['is needed: say why, for the audit log']
  const unfitting = obligations.tickets.filter((pattern) => !fits(pattern, call.ticket ?? ''))
  if (unfitting.length > 0) {
    fields['ticket'] = unfitting.map((pattern) => `must be the number of a ticket of the form ${pattern}`)
  }
  const names = Object.keys(fields)
  if (names.length > 0) {
    throw new AdminError('invalid-input', `${call.action}: check ${names.join(' and ')}.`, { fields })
  }
}

function fits(pattern: string, ticket: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(ticket.trim())
}

/** Whether the session has proved itself recently enough; false for whoever has no session. */
export async function hasSteppedUp(
  parts: Parts,
  connection: Connection,
  call: Call,
  obligations: Obligations,
  now: number,
): Promise<boolean> {
  if (obligations.stepUpWithinMs === Number.POSITIVE_INFINITY) return true
  const provedAt = await parts.identity.provedAt(connection, call.principal)
  return provedAt !== null && now - provedAt <= obligations.stepUpWithinMs
}

/** Everything a confirmation stands for: what was shown is what runs. */
export function confirmationBinding(call: Call, input: unknown, plan: Plan): string {
  const { kind, id } = call.principal.subject
  const described = JSON.stringify(
    [kind, id, call.principal.sessionHash, call.action, call.key ?? null, input, plan],
    exactly,
  )
  return createHash('sha256').update(described).digest('hex')
}

function exactly(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  return value
}

/** Uses the confirmation up. False: there is none, it is for something else, too old, or was used. */
export async function isConfirmed(
  connection: Connection,
  call: Call,
  binding: string,
  now: number,
): Promise<boolean> {
  if (call.confirmation === undefined) return false
  return useConfirmation(connection, { id: call.confirmation, binding, now })
}

export async function askToConfirm(parts: Parts, { binding, plan }: Wanted, now: number): Promise<Outcome> {
  const confirmation = await parts.store.write((connection) =>
    issueConfirmation(connection, { binding, now }),
  )
  return { kind: 'confirmation-required', confirmation, plan }
}
