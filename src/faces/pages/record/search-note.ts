/** What a search of a large table says of the indexes that it goes by, and of what it leaves out for want of one. Pure. */

import { fieldOf, type Model } from '../../../model/model.ts'
import { behind, type Lookup, type SearchPlan } from '../../../model/search-plan.ts'
import { inSentence } from './list-view.ts'

/** Null where the search looks through all of its fields as people expect. */
export function searchNote(
  model: Model,
  models: ReadonlyMap<string, Model>,
  { places, left, scans }: SearchPlan,
): string | null {
  if (!model.isLarge) return null
  const at = (place: string): string => labelAt(model, models, place)
  const numbers = places.filter(({ by }) => by === 'equal').map(({ place }) => at(place))
  if (scans === 'otherwise') {
    const scanned = places.filter(({ by }) => by === 'scan').map(({ place }) => at(place))
    const only =
      numbers.length > 0 ? ` What could be ${listed(numbers, 'or')} is looked for there alone.` : ''
    return `Searches ${listed(scanned)} without an index: ${model.searchIndex ?? 'an index'} would help.${only}`
  }
  const isPlain = left.length === 0 && places.every(({ by }) => by !== 'begin' && by !== 'word')
  if (isPlain) return null
  const searched = places.map(({ place, by }) => `${WORDS[by] ?? ''}${at(place)}`)
  const missing = left.length > 0 ? `; not ${listed(left.map(at), 'or')}: no index` : ''
  return `Searches ${listed(searched)}${missing}.`
}

const WORDS: Readonly<Partial<Record<Lookup, string>>> = {
  begin: 'the beginning of ',
  word: 'words of ',
}

function labelAt(model: Model, models: ReadonlyMap<string, Model>, place: string): string {
  const { relation, target, name } = behind(model, models, place)
  const label = inSentence(fieldOf(target ?? model, name)?.label ?? name)
  return relation ? `${inSentence(relation.label)} ${label}` : label
}

function listed(labels: readonly string[], word = 'and'): string {
  const last = labels.at(-1) ?? ''
  return labels.length > 1 ? `${labels.slice(0, -1).join(', ')} ${word} ${last}` : last
}
