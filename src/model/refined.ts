/**
 * What the options of the application leave on a model, beside what they
 * changed in it: rules for input, and the code that is asked.
 *
 * Everything here narrows; nothing can widen what the database or the policy allow.
 */

import type { Hooks } from './hook.ts'
import type { Field, Model, Writable } from './model.ts'
import type { AllowedAction, AnyObjectSchema, AnySchema, Default, Fieldset } from './options.ts'
import { isWritable } from './parse.ts'

export interface Refined {
  /** The place in the menu; null: after those that have one. */
  readonly order: number | null
  /** Null: all. */
  readonly allowedActions: ReadonlySet<AllowedAction> | null
  /** What the source lets anyone do, for actions of the application: `allowedActions` are about ours. */
  readonly possible: Writable
  readonly create: InputRules
  readonly update: InputRules
  /** By field name. */
  readonly validate: ReadonlyMap<string, AnySchema>
  readonly stamped: ReadonlySet<string>
  /** The field that changes with every change of a record. */
  readonly concurrency: string | null
  /** Fields whose label the application chose. */
  readonly labelled: ReadonlySet<string>
  /** Relations whose key is typed rather than chosen. */
  readonly unpicked: ReadonlySet<string>
  /** By relation name: records that are written along with the one that they belong to. */
  readonly inline: ReadonlyMap<string, Inline>
  /** Relations to the model itself by which no record may lead back to itself. */
  readonly trees: ReadonlySet<string>
  readonly hooks: Hooks
}

export interface Inline {
  /** Null: all that may be written. */
  readonly fields: readonly string[] | null
  /** The field that follows the rows' places; null: none does. */
  readonly order: string | null
  readonly max: number
}

export interface InputRules {
  readonly readonly: ReadonlySet<string>
  readonly schema: AnyObjectSchema | null
  /** The fields of the schema, which are then the only ones; null: all. */
  readonly only: ReadonlySet<string> | null
  readonly fieldsets: readonly Fieldset[]
  readonly defaults: ReadonlyMap<string, Default>
}

/** Which of `allowedActions` a verb belongs to; verbs of the application's own belong to none. */
const ALLOWED_BY: Readonly<Record<string, AllowedAction>> = {
  list: 'view',
  read: 'view',
  history: 'view',
  reveal: 'view',
  create: 'create',
  update: 'update',
  revert: 'update',
  delete: 'delete',
  restore: 'delete',
  purge: 'delete',
  export: 'export',
  import: 'import',
  'bulk-update': 'update',
  'bulk-delete': 'delete',
  'bulk-restore': 'delete',
  'bulk-purge': 'delete',
}

/** Whether the model has the action at all, as far as its options say. */
export function isAllowed(model: Model, verb: string): boolean {
  const allowed = model.refined?.allowedActions ?? null
  const by = Object.hasOwn(ALLOWED_BY, verb) ? ALLOWED_BY[verb] : undefined
  return allowed === null || by === undefined || allowed.has(by)
}

/** Whether anyone may give the field a value with `create` or `update`, before any policy. */
export function isTyped(model: Model, verb: 'create' | 'update', field: Field): boolean {
  if (!isWritable(field)) return false
  const { refined } = model
  if (!refined) return true
  const { readonly, only } = refined[verb]
  return (
    !refined.stamped.has(field.name) && !readonly.has(field.name) && (only === null || only.has(field.name))
  )
}
