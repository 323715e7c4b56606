/** What the parts of `model/refine.ts` share: the model at work, and taking mistakes down. */

import { didYouMean, type Mistake } from '../errors.ts'
import { type Field, fieldOf, type Model } from './model.ts'
import type { ModelOptions } from './options.ts'

/** Every mistake that options of models can have. An id, once published, keeps its meaning. */
export const MODEL_MISTAKES = {
  M301: 'A model that is not there.',
  M302: 'An option that is not there.',
  M303: 'An option that is not honoured yet.',
  M304: 'A value that the option does not take.',
  M305: 'A field that is not there.',
  M306: 'A relation that is not there, or not whole.',
  M307: 'Options that contradict each other, or the database.',
  M308: 'A sensitivity, or hiding, that a field cannot have.',
  M309: 'A field that cannot be used there.',
  M310: 'A drawing that is not there.',
  M311: 'A schema that does not suit.',
} as const

export type MistakeId = keyof typeof MODEL_MISTAKES

export interface Refining {
  /** As it is so far. */
  readonly model: Model
  /** Every model, as found. */
  readonly models: ReadonlyMap<string, Model>
  readonly options: ModelOptions
  /** @param path Below the model: `list.columns[2]`. */
  report(id: MistakeId, path: string, problem: string, remedy: string): void
}

export function refining(
  model: Model,
  models: ReadonlyMap<string, Model>,
  options: ModelOptions,
  mistakes: Mistake[],
): Refining {
  return {
    model,
    models,
    options,
    report: (id, path, problem, remedy) => {
      mistakes.push({ id, place: `models.${model.name}.${path}`, problem, remedy })
    },
  }
}

/**
 * The fields of these names that suit; the others become mistakes.
 * @param unsuited Why a field cannot stand there, continuing its name ("is secret"); null: it can.
 */
export function fieldsOf(
  { model, report }: Refining,
  names: string | readonly string[],
  path: string,
  unsuited: (field: Field) => string | null,
): readonly Field[] {
  const places =
    typeof names === 'string'
      ? [[names, path] as const]
      : names.map((name, index) => [name, `${path}[${index}]`] as const)
  return places.flatMap(([name, place]) => {
    const field = fieldOf(model, name)
    if (!field) {
      report('M305', place, `"${model.name}" has no field "${name}".`, near(name, model.fields.map(nameOf)))
      return []
    }
    const why = unsuited(field)
    if (why !== null) report('M309', place, `"${name}" ${why}.`, 'Leave it out, or change the field.')
    return why === null ? [field] : []
  })
}

export function nameOf({ name }: { readonly name: string }): string {
  return name
}

/** The nearest of the known names, or what there is. */
export function near(word: string, known: readonly string[]): string {
  const suggestion = didYouMean(word, known)
  if (suggestion !== '') return suggestion
  if (known.length === 0) return 'There are none.'
  const shown = known.slice(0, 12).map((name) => `"${name}"`)
  const rest = known.length > shown.length ? ` and ${known.length - shown.length} more` : ''
  return `There ${known.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${rest}.`
}

/** Why a field cannot be shown to anybody; null: it can. */
export function unshown(field: Field): string | null {
  if (field.hidden) return 'is hidden, so nobody reads it'
  return field.sensitivity === 'secret' ? 'is secret, so nobody reads it' : null
}

/** Why a field cannot be filtered, sorted or searched by. */
export function unqueried(field: Field): string | null {
  if (field.computed) return 'is computed, so the database knows nothing of it'
  if (field.sensitivity === 'personal') return 'is personal, so it is masked'
  return unshown(field)
}
