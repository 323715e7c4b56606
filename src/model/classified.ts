/**
 * Models as far as their columns have been classified.
 *
 * A column that appeared after its database was first connected is hidden until
 * somebody says how sensitive it is, whatever its name looks like: nobody can
 * have meant it to be seen. What the application declares always holds.
 */

import type { Field, Model, Sensitivity } from './model.ts'

/** What is known of one column. */
export interface Classification {
  /** Null: it waits. */
  readonly sensitivity: Sensitivity | null
  /** Somebody said so; else its name and type did. */
  readonly isDecided: boolean
}

/** From the most open to the most closed. */
export const SENSITIVITIES: readonly Sensitivity[] = ['public', 'internal', 'personal', 'secret']

/** The more closed of the two. */
export function stricter(one: Sensitivity, other: Sensitivity): Sensitivity {
  return SENSITIVITIES.indexOf(one) >= SENSITIVITIES.indexOf(other) ? one : other
}

export interface Classified {
  readonly model: Model
  /** The fields that wait. */
  readonly waiting: readonly Field[]
}

/**
 * The model with its fields as sensitive as is known. A model whose key waits is closed to everybody, since a
 * key stands in every address; so is one of which no other field is left.
 * @param known Undefined: the column waits.
 * @param isDeclared Whether the application itself says how sensitive the field is.
 */
export function classified(
  model: Model,
  known: (field: Field) => Classification | undefined,
  isDeclared: (field: Field) => boolean,
): Classified {
  const waiting: Field[] = []
  const fields = model.fields.map((field) => {
    if (field.computed || isDeclared(field)) return field
    const { sensitivity, isDecided } = known(field) ?? WAITING
    if (sensitivity !== null) {
      return { ...field, sensitivity: isDecided ? sensitivity : stricter(sensitivity, field.sensitivity) }
    }
    waiting.push(field)
    // in the log its values are kept as those of a person, since they may be
    return { ...field, hidden: true, sensitivity: stricter(field.sensitivity, 'personal') }
  })
  if (waiting.length === 0) return { model: { ...model, fields }, waiting }
  const names = new Set(waiting.map(({ name }) => name))
  const isClosed = (model.key ?? []).some((name) => names.has(name)) || fields.every(({ hidden }) => hidden)
  const open = isClosed ? closed({ ...model, fields }) : { ...model, fields }
  return { model: open, waiting }
}

const WAITING: Classification = { sensitivity: null, isDecided: false }
const NO_RULES = {
  readonly: new Set<string>(),
  schema: null,
  only: null,
  fieldsets: [],
  defaults: new Map(),
} as const

function closed(model: Model): Model {
  return {
    ...model,
    refined: {
      order: null,
      possible: model.writable,
      create: NO_RULES,
      update: NO_RULES,
      validate: new Map(),
      stamped: new Set(),
      concurrency: null,
      labelled: new Set(),
      unpicked: new Set(),
      inline: new Map(),
      trees: new Set(),
      ...model.refined,
      allowedActions: new Set(),
      hooks: { isAccessible: () => false },
    },
  }
}
