/**
 * What a search of a large table looks through, and by which index.
 *
 * What an index serves is looked up, and the rest left out; where no text is
 * served, everything is looked through until the time limit, as on a table
 * that is not large. Pure: everything is read off the models.
 */

import { fieldOf, type Model, type Relation, relationOf } from './model.ts'
import { isAllowed, isLed } from './scan.ts'

/**
 * `equal`: one number or id; `part`: any part of three characters and more; `begin`: the beginning; `word`: the
 * beginning of a word; `scan`: any part, by looking at each record.
 */
export type Lookup = 'equal' | 'part' | 'begin' | 'word' | 'scan'

/** A field, or one behind a relation, as `list.search` names it. */
export interface SearchPlace {
  readonly place: string
  readonly by: Lookup
}

export interface SearchPlan {
  readonly places: readonly SearchPlace[]
  /** Of the fields that could be searched, those that are not, because no index serves them. */
  readonly left: readonly string[]
  /** When records are looked at one by one: for every word, for those that no index takes, or for short ones at most. */
  readonly scans: 'always' | 'otherwise' | 'never'
}

/** @param places Those of `list.search` that the principal may query, here and behind relations. */
export function planSearch(
  model: Model,
  models: ReadonlyMap<string, Model>,
  places: readonly string[],
): SearchPlan {
  if (!model.isLarge) return { places: places.map(scanned), left: [], scans: 'always' }
  const found = places.map((place) =>
    isAllowed(model, place) ? scanned(place) : lookedUp(model, models, place),
  )
  const served = found.filter((one) => one !== null)
  const left = places.filter((_, index) => found[index] === null)
  const isAllowedSomewhere = served.some(({ by }) => by === 'scan')
  const isTextServed = served.some(({ by }) => by !== 'scan' && by !== 'equal')
  if (isAllowedSomewhere || isTextServed || left.length === 0) {
    return { places: served, left, scans: isAllowedSomewhere ? 'always' : 'never' }
  }
  return {
    places: places.map((place, index) => found[index] ?? scanned(place)),
    left: [],
    scans: 'otherwise',
  }
}

function scanned(place: string): SearchPlace {
  return { place, by: 'scan' }
}

function lookedUp(model: Model, models: ReadonlyMap<string, Model>, place: string): SearchPlace | null {
  const by = lookupOf(model, models, place)
  return by && { place, by }
}

/** Which index finds it; null: none. */
function lookupOf(model: Model, models: ReadonlyMap<string, Model>, place: string): Lookup | null {
  const { relation, target, name } = behind(model, models, place)
  if (!relation) return fieldLookup(model, name)
  const [from, ...more] = relation.from
  if (!target || from === undefined || more.length > 0) return null
  const isFollowed = model.key?.[0] === from || isLed(model, from, ['order', 'equal'])
  const { compares, follows } = fieldOf(model, from)?.indexing ?? {}
  if (!isFollowed || compares === 'none' || !follows) return null
  // a few records there are looked through before any here is looked up
  return target.isLarge ? fieldLookup(target, name) : 'part'
}

function fieldLookup(model: Model, name: string): Lookup | null {
  const field = fieldOf(model, name)
  if (!field) return null
  if (field.type === 'int' || field.type === 'bigint' || field.type === 'uuid') {
    const isUnique = [model.key ?? [], ...model.uniques].some(
      ([first, ...more]) => first === name && more.length === 0,
    )
    return isUnique && field.indexing?.compares !== 'none' ? 'equal' : null
  }
  if (field.type !== 'text') return null
  const whole = model.indexes.filter(({ partial, fields }) => !partial && fields.includes(name))
  if (whole.some(({ method }) => method === 'parts')) return 'part'
  // an index of several fields finds words in the others as well, which may not be readable
  if (whole.some(({ method, fields }) => method === 'words' && fields.length === 1)) return 'word'
  const isBegun = isLed(model, name, field.indexing?.begins ? ['begin', 'order'] : ['begin'])
  return isBegun ? 'begin' : null
}

/** What a place of `list.search` names: a field of the model, or one of the target of a relation. */
export function behind(
  model: Model,
  models: ReadonlyMap<string, Model>,
  place: string,
): { readonly relation?: Relation; readonly target?: Model; readonly name: string } {
  const [first = '', name] = place.split('.')
  if (name === undefined) return { name: first }
  const relation = relationOf(model, first)
  const target = relation && models.get(relation.target)
  return relation && target ? { relation, target, name } : { name: place }
}

/** A part of fewer characters stands in so many texts that an index is of no help. */
const PART_LENGTH = 3

/** Whether its index finds that word. A number or an id is found whatever its length, if it is one. */
export function takes({ by }: SearchPlace, word: string): boolean {
  if (by === 'part') return [...word].length >= PART_LENGTH
  if (by === 'scan') return false
  return by !== 'word' || indexedWords(word).length > 0
}

/** The words within a word that an index of words knows: letters and digits, three of them at least. */
export function indexedWords(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}_]+/u).filter((word) => {
    const { length } = [...word]
    return length >= SHORTEST_WORD && length <= LONGEST_WORD
  })
}

/** What InnoDB puts into an index of words unless it is told otherwise. */
const SHORTEST_WORD = 3
const LONGEST_WORD = 84
