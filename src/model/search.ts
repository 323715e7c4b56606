/** What the search of a model looks through that nobody has described. */

import { wordsOf } from './label.ts'
import { fieldOf, type Model } from './model.ts'
import { isLong, isOpen, isTitleField, nameOf } from './shown.ts'

/** Fields of its own that search looks through, at most. */
const MAX_SEARCHED = 8
/** Fields behind relations that search looks through, at most: each is a look-up for every record. */
const MAX_HOPS = 6

/** What people have in hand when they look for a record; other words weigh 3. */
const WEIGHT_BY_WORD: Readonly<Record<string, number>> = {
  email: 9,
  mail: 9,
  name: 8,
  number: 8,
  reference: 8,
  phone: 7,
  mobile: 7,
  company: 7,
  username: 7,
  login: 7,
  sku: 7,
  title: 5,
  code: 6,
  subject: 6,
  city: 5,
  postal: 5,
  zip: 5,
  address: 4,
  street: 4,
  courtesy: 0,
  country: 2,
  region: 1,
  state: 1,
  fax: 1,
  path: 1,
}
const ORDINARY = 3

/** Titles and the key, then the texts that people look for most, in the order of the table. */
export function guessSearch(model: Model): readonly string[] {
  const titles = model.title.filter((name) => isTitleField(model, name))
  const [key, ...more] = model.key ?? []
  const number = key !== undefined && more.length === 0 && isTitleField(model, key) ? [key] : []
  const first = [...new Set([...titles, ...number])]
  const texts = model.fields.map(nameOf).filter((name) => isSearched(model, name) && !first.includes(name))
  const best = texts
    .toSorted((a, b) => weightOf(b) - weightOf(a))
    .slice(0, Math.max(0, MAX_SEARCHED - first.length))
  return [...first, ...texts.filter((name) => best.includes(name))]
}

/**
 * Adds what search finds over the `one` relations: their titles, so that an
 * order is found by its customer's name. Done when every model has its title.
 */
export function searchAcross(model: Model, models: ReadonlyMap<string, Model>): readonly string[] {
  const hops = model.relations
    .filter((relation) => relation.kind === 'one' && relation.target !== model.name)
    .flatMap((relation) => {
      const target = models.get(relation.target)
      const texts = (target?.title ?? []).filter((name) => target && isSearched(target, name))
      return texts.map((name) => `${relation.name}.${name}`)
    })
  const places = hops.filter((place) => place.split('.').length === 2).slice(0, MAX_HOPS)
  return [...model.list.search, ...places]
}

function isSearched(model: Model, name: string): boolean {
  const field = fieldOf(model, name)
  return (
    field !== undefined && field.type === 'text' && isOpen(field) && !isLong(field) && !name.includes('.')
  )
}

function weightOf(name: string): number {
  const known = wordsOf(name).flatMap((word) => WEIGHT_BY_WORD[word] ?? [])
  return known.length > 0 ? Math.max(...known) : ORDINARY
}
