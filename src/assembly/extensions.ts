/** What the application adds in code: actions of its models, pages, entries of the menu. Checked at the start, all at once. */

import { CHANGE_PASSWORD } from '../actions/host-password.ts'
import { compileOwnActions } from '../actions/own-action.ts'
import { type GatePage, PAGES, pageActions } from '../actions/own-pages.ts'
import type { Configuration } from '../config.ts'
import { type Mistake, misconfigured } from '../errors.ts'
import {
  iconMistakes,
  isPageAccessible,
  type OwnPages,
  ownPageMistakes,
  pageName,
} from '../faces/own-page.ts'
import type { Action } from '../gate/action.ts'
import type { Model } from '../model/model.ts'
import { BULK } from '../policy/verbs.ts'

export interface Extensions {
  /** For the gate: the actions, and the opening of each page. */
  readonly actions: readonly Action[]
  /** Names that rules may speak of beside the built-in ones: `orders.refund`, `castellan.pages.reports`. */
  readonly names: readonly string[]
  readonly own: OwnPages
}

/**
 * @param found The application's models.
 * @throws AdminError `misconfigured` with every mistake of the declarations.
 */
export function extensionsOf(
  { models: options, pages, menu, people }: Pick<Configuration, 'models' | 'pages' | 'menu' | 'people'>,
  found: readonly Model[],
): Extensions {
  const models = new Map(found.map((model) => [model.name, model]))
  const own: OwnPages = { pages, menu }
  const compiled = found.map((model) => compileOwnActions(model, options[model.name]?.actions ?? [], models))
  const icons = Object.entries(options).flatMap(([name, { actions = [] }]) =>
    actions.flatMap((action) => iconMistakes(action.icon, `models.${name}.actions.${action.name}`)),
  )
  const mistakes = [
    ...compiled.flatMap((one) => one.mistakes),
    ...icons,
    ...takenByPeople(people, options),
    ...ownPageMistakes(own, models),
  ]
  if (mistakes.length > 0) throw misconfigured(mistakes)
  const actions = [...compiled.flatMap((one) => one.actions), ...pageActions(pages.map(gatePage))]
  return { actions, names: actions.flatMap(namesOf), own }
}

/** What is done to several records takes another right for many of them. */
function namesOf({ model, verb, on }: Action): readonly string[] {
  return on === 'records' ? [`${model}.${verb}`, `${model}.${BULK}${verb}`] : [`${model}.${verb}`]
}

/** The name is ours where `people` takes new passwords. */
function takenByPeople(
  people: Configuration['people'],
  options: Configuration['models'],
): readonly Mistake[] {
  if (!people?.changePassword) return []
  const actions = options[people.model]?.actions ?? []
  if (!actions.some(({ name }) => name === CHANGE_PASSWORD)) return []
  const place = `models.${people.model}.actions.${CHANGE_PASSWORD}`
  const problem = 'the option "people" adds an action of this name.'
  return [{ id: 'A102', place, problem, remedy: 'Choose another name, or leave changePassword out.' }]
}

function gatePage(page: Configuration['pages'][number]): GatePage {
  return {
    name: pageName(page),
    title: page.title,
    isAccessible: (context) => isPageAccessible(page, context),
  }
}

/** The names of actions on records of the application, as its seeded roles may run them. */
export function recordActionNames({ names }: Extensions): readonly string[] {
  return names.filter((name) => !name.startsWith(`${PAGES}.`))
}
