/** `castellan relations`: relations that a database does not declare, as its names suggest them, to be pasted. */

import type { Model } from '../../model/model.ts'
import { type SuggestedRelation, suggestRelations } from '../../model/suggest-relations.ts'
import { asSystem } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { WHERE } from './installation.ts'

export const relations: Command = {
  name: 'relations',
  summary: 'Suggest relations that have no foreign key.',
  description:
    'Found by names and types, where the other side has a key or a unique field. None is applied: look through them, and paste those that are right into the option "models".',
  options: WHERE,
  async run(given, workshop) {
    const found = await asSystem(relations, given, workshop, async (_act, { sources }) =>
      suggestedIn(sources),
    )
    if (found.length === 0) workshop.terminal.tell('No relation is missing, as far as names tell.')
    else workshop.terminal.print(optionText(found))
    return EXIT.done
  },
}

/** What names suggest, in the order of the databases and of their models. */
export function suggestedIn(
  sources: readonly { readonly models: readonly Model[] }[],
): readonly SuggestedRelation[] {
  return sources.flatMap(({ models }) => suggestRelations(models))
}

/** `orders.customer_id -> customers.id`. */
export function wayText({ model, from, target, to }: SuggestedRelation): string {
  return `${model}.${from.join('+')} -> ${target}.${to.join('+')}`
}

/** As it stands in a configuration file. */
function optionText(found: readonly SuggestedRelation[]): string {
  const byModel = Map.groupBy(found, ({ model }) => model)
  const lines = [...byModel].flatMap(([model, those]) => [
    `  ${property(model)}: {`,
    '    relations: {',
    ...those.map(
      ({ name, from, target, to }) =>
        `      ${property(name)}: { target: ${quoted(target)}, from: ${names(from)}, to: ${names(to)} },`,
    ),
    '    },',
    '  },',
  ])
  return ['models: {', ...lines, '},'].join('\n')
}

function names(fields: readonly string[]): string {
  const [only = ''] = fields
  return fields.length === 1 ? quoted(only) : `[${fields.map(quoted).join(', ')}]`
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)
}

/** Names come from a database: none ends the text that it stands in. */
function quoted(name: string): string {
  const text = JSON.stringify(name).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')
  return `'${text}'`
}
