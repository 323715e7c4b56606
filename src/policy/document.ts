/**
 * The policy document: plain data, written in TypeScript, kept as a JSON file,
 * or edited in the admin. `compile.ts` reads it; nothing else interprets it.
 */

export interface PolicyDocument {
  readonly roles: Readonly<Record<string, Role>>
  readonly rules: readonly Rule[]
  readonly constraints?: readonly { readonly exclusive: readonly string[] }[]
}

export interface Role {
  readonly title: string
  /** One sentence that says what it can do and what it cannot. */
  readonly description: string
  readonly inherits?: readonly string[]
  /** Its holders are asked for two authenticators, so that losing one locks nobody out. */
  readonly privileged?: boolean
  /** Its holders sign in with nothing but a passkey that can't leave its device (NIST SP 800-63B-4, AAL3). */
  readonly deviceBound?: boolean
}

export type PrincipalKind = 'person' | 'service' | 'agent' | 'system'

export interface Rule {
  /** A kebab-case statement: `support-reads-own-region`. */
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  /** Absent: every principal of kind person, service or agent; never the system. */
  readonly roles?: readonly string[]
  /**
   * Only these kinds; absent means person, service and agent. An agent is under a permit that names people as well,
   * and under every prohibition that names either.
   * The system principal needs `['system']` here.
   */
  readonly kinds?: readonly PrincipalKind[]
  /**
   * `orders.update`, `orders.*`, `*.list`, `*.*`, `castellan.people.create`. A `*` before the
   * last dot matches any model of the application and never one of Castellan's own.
   */
  readonly actions: readonly string[]
  /** A permit grants these; a forbid with fields takes these away and nothing else. Absent: all but the secret. */
  readonly fields?: readonly string[] | { readonly except: readonly string[] }
  readonly where?: Condition
  readonly when?: When
  readonly obligations?: ObligationsOption
}

/** Fields by name, each with one operator, or `and`, `or`, `not`; several entries in one object mean and. */
export type Condition = {
  readonly and?: readonly Condition[]
  readonly or?: readonly Condition[]
  readonly not?: Condition
} & { readonly [field: string]: FieldCondition | Condition | readonly Condition[] | undefined }

/** Over a field; over a `one` relation the value is a `Condition` on the record it leads to. */
export interface FieldCondition {
  readonly eq?: Operand
  readonly ne?: Operand
  readonly lt?: Operand
  readonly lte?: Operand
  readonly gt?: Operand
  readonly gte?: Operand
  readonly in?: readonly Operand[] | { readonly principal: string }
  readonly contains?: Operand
  readonly isNull?: boolean
}

/** A literal, or something the principal or the request brings. An absent attribute never matches. */
export type Operand =
  | string
  | number
  | boolean
  | { readonly principal: string }
  | { readonly context: 'now' | 'today' | 'address' }

export interface When {
  /** `08:00-18:00 Europe/Berlin`; may span midnight. */
  readonly hours?: string
  /** The name of a network of the configuration. */
  readonly network?: string
  /** At least this assurance, 1 to 3. */
  readonly assurance?: number
}

export interface ObligationsOption {
  readonly confirm?: boolean
  readonly reason?: boolean
  /** A regular expression that the ticket must match as a whole. */
  readonly ticket?: string
  /** `5m`, `30s`, `2h`. */
  readonly stepUpWithin?: string
  readonly approvals?: number
}
