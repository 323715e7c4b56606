/**
 * What the policy grants one principal for the length of one call.
 *
 * Asks the policy once for each action and remembers the answer, so that a page
 * of records costs a handful of questions.
 */

import type { Principal } from '../identity/principal.ts'
import { type Field, fieldOf, type Model } from '../model/model.ts'
import { isTyped } from '../model/refined.ts'
import { NO_ACCESS } from '../policy/access.ts'
import type { Access, AccessRequest, Circumstances, Decision, Policy, Resource } from '../policy/policy.ts'

export interface Grant {
  readonly principal: Principal
  readonly circumstances: Circumstances
  access(action: string): Access
  decide(action: string, resource: Resource | null): Decision
}

export function createGrant(policy: Policy, principal: Principal, circumstances: Circumstances): Grant {
  const known = new Map<string, Access>()
  const request = (action: string): AccessRequest => ({ subject: principal.subject, action, circumstances })
  return {
    principal,
    circumstances,
    access(action) {
      const before = known.get(action)
      if (before) return before
      const access = policy.access(request(action))
      known.set(action, access)
      return access
    },
    decide: (action, resource) => policy.decide(request(action), resource),
  }
}

/** The same with some actions refused, whatever the policy says of them. */
export function narrowed(grant: Grant, isRefused: (action: string) => boolean): Grant {
  return {
    ...grant,
    access: (action) => (isRefused(action) ? NO_ACCESS : grant.access(action)),
    decide: (action, resource) => (isRefused(action) ? REFUSED : grant.decide(action, resource)),
  }
}

const REFUSED: Decision = { effect: 'deny', rules: [], reason: 'the application does not permit it' }

/** Field names that may leave the gateway: granted, and neither hidden nor secret. */
export function readableFields(model: Model, granted: ReadonlySet<string>): readonly string[] {
  return model.fields
    .filter((field) => isReadable(field, granted) && isWorkedOut(model, field, granted))
    .map((field) => field.name)
}

function isReadable(field: Field, granted: ReadonlySet<string>): boolean {
  return !field.hidden && field.sensitivity !== 'secret' && granted.has(field.name)
}

/** A computed field tells of what it is computed from, so whoever reads it may read all of that. */
function isWorkedOut(model: Model, { computed }: Field, granted: ReadonlySet<string>): boolean {
  if (!computed) return true
  return computed.from.every((name) => {
    const field = fieldOf(model, name)
    return field !== undefined && isReadable(field, granted) && field.sensitivity !== 'personal'
  })
}

/** Personal fields stay masked until they are revealed. */
export function isMasked(model: Model, name: string): boolean {
  return model.fields.some((field) => field.name === name && field.sensitivity === 'personal')
}

/** Field names that may be filtered, sorted and searched: readable on every record of the scope, and not masked. */
export function queryableFields(model: Model, access: Access): readonly string[] {
  return readableFields(model, access.fieldsEverywhere).filter(
    (name) => !isMasked(model, name) && fieldOf(model, name)?.computed === undefined,
  )
}

/** Field names that may be given a value with `create` or `update`. */
export function typedFields(
  model: Model,
  verb: 'create' | 'update',
  granted: ReadonlySet<string>,
): readonly string[] {
  return model.fields
    .filter((field) => isTyped(model, verb, field) && granted.has(field.name))
    .map((field) => field.name)
}
