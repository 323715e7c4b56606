/**
 * What code of the application is told when the gate asks it: who asks, from
 * where, for which model. Frozen, and without anything that proves who someone is.
 */

import type { Values } from './model.ts'

/** Who asks, and from where; the same for everything that one request causes. */
export interface CurrentContext {
  readonly principal: ContextPrincipal
  readonly request: ContextRequest
}

export interface ContextPrincipal {
  readonly kind: 'person' | 'service' | 'agent' | 'system'
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly roles: readonly string[]
  /** Scope attributes: `{ region: 'emea' }`. */
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** 1: one factor, 2: two factors, 3: a phishing-resistant one. */
  readonly assurance: number
  readonly timeZone: string
  readonly locale: string
}

export interface ContextRequest {
  /** What `X-Request-Id` says. */
  readonly id: string
  /** The client's address as established through `trustedProxies`; empty for the command line. */
  readonly address: string
  readonly userAgent: string | null
  readonly method: string
}

/** What every hook is told. */
export interface HookContext extends CurrentContext {
  /** `orders`. */
  readonly model: string
  /** UTC, milliseconds since the epoch. */
  readonly now: number
}

/** What `has…Permission` is told. */
export interface PermissionContext extends HookContext {
  /**
   * Null: whether this principal may do it at all, asked before a transaction begins and for menus.
   * Else the stored record, without its secret fields, as it stands in the transaction.
   */
  readonly record: Values | null
}

/** What `prepare` is told. */
export interface PrepareContext extends HookContext {
  readonly verb: 'create' | 'update'
  /** The record's key as in an address; null for a new record. */
  readonly key: string | null
}

/** What a refused visitor is sent to. An address is one of this host; a `Response` is sent as it is. */
export type Inaccessible = { readonly redirect: string } | Response

/** Whether an address stays on this host, as browsers read it: they pass over tabs and take `\` for `/`. */
export function isOfThisHost(address: string): boolean {
  return /^\/(?![/\\])[^\s\p{Cc}\\]*$/u.test(address)
}

type Answer<T> = T | Promise<T>

/** Whether this principal may do something. Anything but `true`, an error included, refuses. */
export type PermissionHook = (context: PermissionContext) => Answer<boolean>

/** The code of the application that a model may bring. All of it may be asynchronous. */
export interface Hooks {
  /** Whether the model is there at all for this principal; a `false` refuses every action of it. */
  readonly isAccessible?: (context: HookContext) => Answer<boolean>
  /** What a visitor of the pages gets whom `isAccessible` refuses; absent: a page that says so, with 403. */
  readonly inaccessible?: (context: HookContext) => Answer<Inaccessible>
  /** Narrows `create` and `import`. */
  readonly hasAddPermission?: PermissionHook
  /** Narrows `update`, `revert` and `import`. */
  readonly hasChangePermission?: PermissionHook
  /** Narrows `delete`, `restore` and `purge`. */
  readonly hasDeletePermission?: PermissionHook
  /** Narrows `export`. */
  readonly hasExportPermission?: PermissionHook
  /**
   * Enriches or corrects the input of `create` and `update`, before it is decided on and recorded. Answers
   * all fields that are to be written. What it answers is parsed and granted like what was typed; fields
   * that nobody types are named in `stamped`.
   */
  readonly prepare?: (input: Values, context: PrepareContext) => Answer<Readonly<Record<string, unknown>>>
}

export const PERMISSION_HOOKS = [
  'hasAddPermission',
  'hasChangePermission',
  'hasDeletePermission',
  'hasExportPermission',
] as const

export type PermissionHookName = (typeof PERMISSION_HOOKS)[number]
