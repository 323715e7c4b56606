/**
 * Whether the obligations of a decision are met, read from the stored session
 * and confirmations and never from the caller's word.
 */

import { createHash } from 'node:crypto'
import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { issueConfirmation, useConfirmation } from '../identity/confirmation.ts'
import type { Obligations } from '../policy/policy.ts'
import type { Action, RunContext } from './action.ts'
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

/** The confirmation itself is stored after the rollback, so this carries what it will be bound to. */
export class Unconfirmed extends Unmet {
  readonly wanted: Wanted

  constructor(wanted: Wanted, rules: readonly string[]) {
    super({ kind: 'confirmation-required', confirmation: '', plan: wanted.plan }, rules)
    this.wanted = wanted
  }
}

/** One call that may be obliged to something. */
export interface Obliged {
  readonly parts: Parts
  readonly call: Call
  /** The record that it is about, or all of several, as one text; null: none. */
  readonly about: string | null
  readonly input: unknown
  readonly now: number
  /** Our own tables, as the call sees them. */
  readonly connection: Connection
  /** What would happen; null where no rule could ask for a confirmation, and until it is made. */
  plan: Plan | null
  /** Whether `connection` is the transaction of the change, so that a confirmation is used up with it or not at all. */
  readonly isTransaction: boolean
  /** What was met already: a confirmation works once, and the new record may oblige to the same. */
  readonly met: Set<'confirm'>
  /** What confirmations that this very call has used up are bound to, where that is kept apart from the transaction. */
  readonly usedUp: Set<string>
}

/**
 * Checks that everything the decision obliges to has been done.
 * @throws Unmet with the next step; AdminError `invalid-input` at `reason` or `ticket`.
 */
export async function meetObligations(
  obliged: Obliged,
  { obligations, rules }: { readonly obligations: Obligations; readonly rules: readonly string[] },
): Promise<void> {
  const { call, plan, met } = obliged
  checkReason(obliged, obligations)
  if (!(await hasSteppedUp(obliged, obligations))) {
    const { assurance } = call.principal.authentication
    const withinMs = obligations.stepUpWithinMs
    throw new Unmet({ kind: 'step-up-required', assurance: Math.max(assurance, 1), withinMs }, rules)
  }
  if (!obligations.confirm || met.has('confirm')) return
  if (!plan) throw new TypeError(`${call.action} has to be confirmed, and has no plan.`)
  const binding = confirmationBinding(obliged, plan)
  if (!(await isConfirmed(obliged, binding))) throw new Unconfirmed({ binding, plan }, rules)
  met.add('confirm')
}

/** What the action would do, in its own words or by its label. */
export async function planOf(action: Action, input: unknown, context: RunContext): Promise<Plan> {
  if (action.plan) return await action.plan(input, context)
  return { sentence: `${action.label}.`, effects: [], changes: [] }
}

/** A reason or a ticket is missing; whoever asks for it can show what it is for. */
export class Unreasoned extends AdminError {
  readonly plan: Plan | null

  constructor(action: string, fields: Readonly<Record<string, readonly string[]>>, plan: Plan | null) {
    super('invalid-input', `${action}: check ${Object.keys(fields).join(' and ')}.`, { fields })
    this.plan = plan
  }
}

/** @throws Unreasoned at `reason` or `ticket`, before anything else is asked. */
function checkReason({ call, plan }: Obliged, obligations: Obligations): void {
  const fields: Record<string, string[]> = {}
  if (obligations.reason && !call.reason?.trim()) fields['reason'] = ['is needed: say why, for the audit log']
  const unfitting = obligations.tickets.filter((pattern) => !fits(pattern, call.ticket ?? ''))
  if (unfitting.length > 0) {
    fields['ticket'] = unfitting.map((pattern) => `must be the number of a ticket of the form ${pattern}`)
  }
  if (Object.keys(fields).length > 0) throw new Unreasoned(call.action, fields, plan)
}

function fits(pattern: string, ticket: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(ticket.trim())
}

/** Whether the session has proved itself recently enough; false for whoever has no session. */
async function hasSteppedUp(
  { parts, connection, call, now }: Obliged,
  obligations: Obligations,
): Promise<boolean> {
  if (obligations.stepUpWithinMs === Number.POSITIVE_INFINITY) return true
  const provedAt = await parts.identity.provedAt(connection, call.principal)
  return provedAt !== null && now - provedAt <= obligations.stepUpWithinMs
}

/** Everything a confirmation stands for: what was shown is what runs. */
function confirmationBinding({ call, about, input }: Obliged, plan: Plan): string {
  const { kind, id } = call.principal.subject
  const described = JSON.stringify(
    [kind, id, call.principal.sessionHash, call.action, about, input, plan],
    exactly,
  )
  return createHash('sha256').update(described).digest('hex')
}

function exactly(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  return value
}

/**
 * Uses the confirmation up. False: there is none, it is for something else, too old, or was used.
 *
 * A read has only a snapshot, and a change elsewhere another database: there it is used up by itself, before `run`.
 */
async function isConfirmed(
  { parts, connection, call, now, isTransaction, usedUp }: Obliged,
  binding: string,
): Promise<boolean> {
  const { confirmation: id } = call
  if (id === undefined) return false
  const use = (inside: Connection): Promise<boolean> => useConfirmation(inside, { id, binding, now })
  if (isTransaction) return await use(connection)
  const isUsed = usedUp.has(binding) || (await parts.store.write(use, { isolation: 'read-committed' }))
  if (isUsed) usedUp.add(binding)
  return isUsed
}

export async function askToConfirm(parts: Parts, { binding, plan }: Wanted, now: number): Promise<Outcome> {
  const confirmation = await parts.store.write(
    (connection) => issueConfirmation(connection, { binding, now }),
    { isolation: 'read-committed' },
  )
  return { kind: 'confirmation-required', confirmation, plan }
}
