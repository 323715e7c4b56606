/**
 * Models as the application wants them: what the database says, refined by the
 * option `models`.
 *
 * Every mistake is collected and reported at once. The order matters: lists and
 * rules are checked against the fields and relations as refined.
 */

import { type Mistake, misconfigured } from '../errors.ts'
import type { Model } from './model.ts'
import type { ModelOptions } from './options.ts'
import { refineFields } from './refine-fields.ts'
import { refineList } from './refine-list.ts'
import { refineRelations } from './refine-relations.ts'
import { refineRules } from './refine-rules.ts'
import { near, type Refining, refining } from './refining.ts'
import { shapeMistakes } from './shape.ts'

export interface RefineOptions {
  /** The drawings that there are. */
  readonly icons: readonly string[]
}

/**
 * Refines the models of the application, and puts them in the order of the menu.
 * @param options By model name, as the application gave them.
 * @throws AdminError `misconfigured` with every mistake (`M301` and on).
 */
export function refine(
  models: readonly Model[],
  options: Readonly<Record<string, ModelOptions>>,
  { icons }: RefineOptions,
): readonly Model[] {
  const mistakes: Mistake[] = []
  const byName = new Map(models.map((model) => [model.name, model]))
  mistakes.push(...Object.keys(options).flatMap((name) => unknownModel(name, byName)))
  const refined = models.map((model) => {
    const given = Object.hasOwn(options, model.name) ? options[model.name] : undefined
    if (given === undefined) return model
    const shape = shapeMistakes(given, `models.${model.name}`)
    mistakes.push(...shape)
    return shape.length > 0 ? model : refineOne(refining(model, byName, given, mistakes), icons)
  })
  if (mistakes.length > 0) throw misconfigured(mistakes)
  return inOrder(refined, options)
}

function unknownModel(name: string, models: ReadonlyMap<string, Model>): readonly Mistake[] {
  if (models.has(name)) return []
  const place = `models.${name}`
  if (name.startsWith('castellan.')) {
    const problem = "Castellan's own models are not set up by options."
    return [{ id: 'M301', place, problem, remedy: 'Leave it out.' }]
  }
  return [
    { id: 'M301', place, problem: `there is no model "${name}".`, remedy: near(name, [...models.keys()]) },
  ]
}

function refineOne(first: Refining, icons: readonly string[]): Model {
  const { options, report } = first
  if (options.icon !== undefined && !icons.includes(options.icon)) {
    report('M310', 'icon', `there is no drawing "${options.icon}".`, near(options.icon, icons))
  }
  const named: Model = {
    ...first.model,
    label: options.label ?? first.model.label,
    labelPlural: options.labelPlural ?? first.model.labelPlural,
    description: options.description ?? first.model.description,
    icon: options.icon ?? first.model.icon,
    group: options.group ?? first.model.group,
  }
  return [refineFields, refineRelations, refineList, refineRules].reduce<Model>(
    (model, step) => step({ ...first, model }),
    named,
  )
}

function inOrder(
  models: readonly Model[],
  options: Readonly<Record<string, ModelOptions>>,
): readonly Model[] {
  const orderOf = ({ name }: Model): number => options[name]?.order ?? Number.POSITIVE_INFINITY
  // Infinity less itself is no number: models without a place keep the order they came in.
  return models.toSorted((a, b) => (orderOf(a) === orderOf(b) ? 0 : orderOf(a) - orderOf(b)))
}
