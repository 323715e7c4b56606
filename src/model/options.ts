/**
 * What the application says of its models: the option `models` of
 * `createAdmin`, with the schema that its shape is checked against.
 *
 * Whether a name is a field, and whether two options go together, is checked
 * against the database by `model/refine.ts`.
 */

import { z } from 'zod'
import type { HookContext, Hooks } from './hook.ts'
import type { Choice, Sensitivity, Value, Values } from './model.ts'

/** What may be done with a model, before any policy. `view` is reading, lists and history. */
export const ALLOWED_ACTIONS = ['view', 'create', 'update', 'delete', 'export', 'import'] as const

export type AllowedAction = (typeof ALLOWED_ACTIONS)[number]

/** A schema of zod 4, whichever copy of it the application uses. */
export type AnySchema = z.core.$ZodType
export type AnyObjectSchema = z.core.$ZodObject

/** Everything about one model that the database does not say, or says otherwise. All optional. */
export interface ModelOptions extends Hooks {
  /** One record: "Order". */
  readonly label?: string
  /** Several: "Orders". */
  readonly labelPlural?: string
  readonly description?: string
  /** One of the drawings in use, by its Lucide name: `shopping-cart`. */
  readonly icon?: string
  /** The heading in the menu. */
  readonly group?: string
  /** The place in the menu: smaller numbers first, models without one after them. */
  readonly order?: number
  /** The fields that call a record by name. */
  readonly title?: string | readonly string[]
  readonly list?: ListOption
  readonly form?: { readonly create?: CreateFormOption; readonly update?: FormOption }
  /**
   * What a new record must be, beyond the database's own rules. Only the fields of the schema can be
   * given, in pages and API. Values arrive as the model has them: decimals and instants as text.
   */
  readonly create?: AnyObjectSchema
  /** The same for changes, which bring only the fields that changed. */
  readonly update?: AnyObjectSchema
  /** By field name. A name that is no column, with `computed`, is a new field. */
  readonly fields?: Readonly<Record<string, FieldOption>>
  /** By relation name. A name that the database has no foreign key for, with `target`, `from` and `to`, is a new relation. */
  readonly relations?: Readonly<Record<string, RelationOption>>
  /** Absent: all that the database allows. */
  readonly allowedActions?: readonly AllowedAction[]
  /** The field that marks a deleted record; `false`: records are deleted for good, whatever their columns are called. */
  readonly softDelete?: { readonly field: string } | false
  /** A field that changes with every change of a record, a number or an instant, which Castellan then keeps. */
  readonly concurrency?: string
  /** Fields that only `prepare` writes, whatever the policy grants: who and from where. Nobody types them. */
  readonly stamped?: readonly string[]
}

export interface ListOption {
  readonly columns?: readonly string[]
  /** The allow-list for filters, in pages and API. */
  readonly filters?: readonly string[]
  /** `name`, or `customer.name` over a relation that leads to one record. */
  readonly search?: readonly string[]
  /** `-placed_at`: newest first. */
  readonly sort?: readonly string[]
  /** 1 to 200. */
  readonly perPage?: number
  /**
   * Fields by which a table of 100,000 records and more may be sorted and filtered although no index serves; `true`:
   * all of them. The time limit of a page holds all the same.
   */
  readonly allowScans?: boolean | readonly string[]
}

export interface FormOption {
  /** Fields that are not written this way, in pages and API. */
  readonly readonly?: readonly string[]
  /** Cards of the form, in order; fields that none names follow in one of their own. */
  readonly fieldsets?: readonly Fieldset[]
}

export interface CreateFormOption extends FormOption {
  /** What a page's empty form starts with. */
  readonly defaults?: Readonly<Record<string, Default>>
}

export type Default = Value | ((context: HookContext) => Value | Promise<Value>)

export interface Fieldset {
  readonly title: string
  readonly fields: readonly string[]
}

export interface FieldOption {
  readonly label?: string
  readonly help?: string
  readonly widget?: FieldWidget
  readonly sensitivity?: Sensitivity
  /** Leaves every read, list, filter, form and export. */
  readonly hidden?: boolean
  /** What a value must be, where there is one, whoever writes it. Checks only: what it answers is not used. */
  readonly validate?: AnySchema
  /** The only values that can be written. */
  readonly choices?: readonly (string | Choice)[]
  readonly readonly?: boolean
  readonly computed?: ComputedOption
}

export const WIDGETS = ['text', 'long-text', 'email', 'url', 'radio', 'select'] as const

export type FieldWidget = (typeof WIDGETS)[number]

export const COMPUTED_TYPES = [
  'text',
  'int',
  'bigint',
  'decimal',
  'float',
  'bool',
  'date',
  'timestamptz',
] as const

export type ComputedType = (typeof COMPUTED_TYPES)[number]

/** A field that is worked out for whoever may read all the fields it is worked out from. */
export interface ComputedOption {
  readonly from: readonly string[]
  /** Absent: `text`. */
  readonly type?: ComputedType
  readonly value: (values: Values) => Value
}

export interface RelationOption {
  readonly label?: string
  /** `false`: the key is typed rather than chosen. */
  readonly picker?: boolean
  /** Of a relation to many: its records are written along with the one that they belong to, in its form and its input. */
  readonly inline?: boolean | InlineOption
  /** Of a relation to the model itself: no record may come to lead back to itself. */
  readonly tree?: boolean
  /** The model on the other side. */
  readonly target?: string
  /** Absent: `one`, this model's field names one record of the other. */
  readonly kind?: 'one' | 'many'
  /** Field names here and there, pairwise. */
  readonly from?: string | readonly string[]
  readonly to?: string | readonly string[]
}

/** Records as rows in the form of the record that they belong to. All optional. */
export interface InlineOption {
  /** The fields of a row, in this order. Absent: all that may be written. */
  readonly fields?: readonly string[]
  /** A whole number that tells the rows' order; it follows their places in the form, and nobody types it. */
  readonly order?: string
  /** At most so many rows, 1 to 200. Absent: 50. */
  readonly max?: number
}

/** Options that the design names and this version refuses, by where they stand. */
export const NOT_YET_IN_MODELS: readonly string[] = [
  'list.savedViews',
  'form.create.tabs',
  'form.create.conditional',
  'form.update.tabs',
  'form.update.conditional',
  'form.fieldsets',
  'form.tabs',
  'form.readonly',
  'form.conditional',
  'form.defaults',
]

const text = z.string().min(1).max(200)
const names = z.array(text)
const hook = z.custom((value) => typeof value === 'function', 'must be a function')
const schema = z.custom(
  (value) => typeof value === 'object' && value !== null && '_zod' in value,
  'must be a schema of zod 4',
)
const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null(), z.instanceof(Uint8Array)])
const fieldsets = z.array(z.strictObject({ title: text, fields: names.min(1) }))

/** The shape of one model's options. */
export const MODEL_OPTIONS: z.ZodType = z.strictObject({
  label: text.optional(),
  labelPlural: text.optional(),
  description: z.string().max(2000).optional(),
  icon: text.optional(),
  group: text.optional(),
  order: z.number().optional(),
  title: z.union([text, names.min(1)]).optional(),
  list: z
    .strictObject({
      columns: names.min(1).optional(),
      filters: names.optional(),
      search: names.optional(),
      sort: names.min(1).optional(),
      perPage: z.int().min(1).max(200).optional(),
      allowScans: z.union([z.boolean(), names.min(1)]).optional(),
    })
    .optional(),
  form: z
    .strictObject({
      create: z
        .strictObject({
          readonly: names.optional(),
          fieldsets: fieldsets.optional(),
          defaults: z.record(z.string(), z.union([scalar, hook])).optional(),
        })
        .optional(),
      update: z.strictObject({ readonly: names.optional(), fieldsets: fieldsets.optional() }).optional(),
    })
    .optional(),
  create: schema.optional(),
  update: schema.optional(),
  fields: z
    .record(
      z.string(),
      z.strictObject({
        label: text.optional(),
        help: z.string().max(2000).optional(),
        widget: z.enum(WIDGETS).optional(),
        sensitivity: z.enum(['public', 'internal', 'personal', 'secret']).optional(),
        hidden: z.boolean().optional(),
        validate: schema.optional(),
        choices: z
          .array(z.union([text, z.strictObject({ value: text, label: text })]))
          .min(1)
          .optional(),
        readonly: z.boolean().optional(),
        computed: z
          .strictObject({ from: names, type: z.enum(COMPUTED_TYPES).optional(), value: hook })
          .optional(),
      }),
    )
    .optional(),
  relations: z
    .record(
      z.string(),
      z.strictObject({
        label: text.optional(),
        picker: z.boolean().optional(),
        inline: z
          .union([
            z.boolean(),
            z.strictObject({
              fields: names.min(1).optional(),
              order: text.optional(),
              max: z.int().min(1).max(200).optional(),
            }),
          ])
          .optional(),
        tree: z.boolean().optional(),
        target: text.optional(),
        kind: z.enum(['one', 'many']).optional(),
        from: z.union([text, names.min(1)]).optional(),
        to: z.union([text, names.min(1)]).optional(),
      }),
    )
    .optional(),
  allowedActions: z.array(z.enum(ALLOWED_ACTIONS)).min(1).optional(),
  softDelete: z.union([z.literal(false), z.strictObject({ field: text })]).optional(),
  concurrency: text.optional(),
  stamped: names.min(1).optional(),
  // what `defineAction` answers; checked with the model by `actions/own-action.ts`
  actions: z
    .array(z.looseObject({ name: z.string(), on: z.enum(['model', 'record', 'records']) }))
    .optional(),
  isAccessible: hook.optional(),
  inaccessible: hook.optional(),
  hasAddPermission: hook.optional(),
  hasChangePermission: hook.optional(),
  hasDeletePermission: hook.optional(),
  hasExportPermission: hook.optional(),
  prepare: hook.optional(),
})
