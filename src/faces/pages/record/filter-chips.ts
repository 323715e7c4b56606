/** The filters of a list address as chips: a sentence each, or "ignored" for what can't be asked. */

import { AdminError } from '../../../errors.ts'
import { costOf, type Filter, parseFilter } from '../../../model/filter.ts'
import { overLimit } from '../../../model/filter-limit.ts'
import type { Askable } from '../../../model/filter-place.ts'
import { type WrittenFilter, writeFilterText } from '../../../model/filter-text.ts'
import type { Model } from '../../../model/model.ts'
import { scanSentence, servedFilters } from '../../../model/scan.ts'
import { filterWords } from './filter-words.ts'

export interface FilterChip {
  /** As it stands in the address. */
  readonly text: string
  /** The field's label, "Any of", or "Filter ignored". */
  readonly label: string
  /** "is unpaid"; for an ignored one what is wrong with it. */
  readonly sentence: string
  readonly isIgnored: boolean
  readonly filter: Filter | null
}

/**
 * Reads each filter by itself, so that a bad one never hides the others. What exceeds the limits of all of
 * them together is ignored from there on.
 */
export function filterChips(model: Model, texts: readonly string[], askable: Askable): readonly FilterChip[] {
  const taken: Filter[] = []
  const known = askable.queryable(model.name)
  const chips = texts.map((text): FilterChip => {
    try {
      const filter = parseFilter(model, text, askable)
      const over = overLimit(costOf(model, [...taken, filter], askable))
      if (over !== null) return ignored(text, `The filters of a list may not ${over}`)
      taken.push(filter)
      return { text, ...filterWords(model, filter, askable), isIgnored: false, filter }
    } catch (error) {
      if (!(error instanceof AdminError)) throw error
      return ignored(text, problemOf(text, error))
    }
  })
  return withoutScans(model, chips, (name) => known.has(name))
}

/** Those that a large table would have to be walked through for are not asked. */
function withoutScans(
  model: Model,
  chips: readonly FilterChip[],
  isKnown: (field: string) => boolean,
): readonly FilterChip[] {
  const filters = chips.flatMap(({ filter }) => filter ?? [])
  const served = servedFilters(model, filters, isKnown)
  return chips.map((chip) => {
    const scan = chip.filter && served.get(chip.filter)
    return scan ? ignored(chip.text, `${chip.label} ${scanSentence(scan, isKnown)}`) : chip
  })
}

/**
 * Whether some filter of the address is not in force. What is listed is then more than what was asked for, so
 * nothing may be done to "all that match".
 */
export function isSomeIgnored(chips: readonly FilterChip[]): boolean {
  return chips.some((chip) => chip.isIgnored)
}

function ignored(text: string, sentence: string): FilterChip {
  return { text, label: 'Filter ignored', sentence, isIgnored: true, filter: null }
}

function problemOf(text: string, error: AdminError): string {
  const [name, problems] = Object.entries(error.fields ?? {})[0] ?? []
  return name && problems ? `${name} ${problems.join(' ')}` : text
}

/**
 * The filter that the inputs of a field's editor make: `status:eq:unpaid`, or of several values
 * `status:in:paid,unpaid`. Null while they say too little.
 */
export function filterFromEditor(query: URLSearchParams): string | null {
  const field = query.get('ff')
  const operator = query.get('fo')
  const [value = '', ...more] = query.getAll('fv').filter((one) => one !== '')
  if (!field || !operator) return null
  const path = query.get('fp')?.trim() ?? ''
  const condition = (operator: string, value: string): WrittenFilter => ({
    kind: 'condition',
    field: `${field}${path}`,
    operator,
    value,
  })
  if (operator === 'isNull' || operator === 'notNull') {
    return writeFilterText(condition('isNull', String(operator === 'isNull')))
  }
  if (value === '') return null
  if (operator !== 'in' && operator !== 'notIn') return writeFilterText(condition(operator, value))
  if (more.length === 0 && !query.has('fm')) {
    return writeFilterText(condition(operator === 'in' ? 'eq' : 'ne', value))
  }
  const among = condition('in', query.has('fm') ? value : membersText([value, ...more]))
  return writeFilterText(operator === 'in' ? among : { kind: 'not', of: among })
}

function membersText(values: readonly string[]): string {
  return values.every((one) => /^[\w-]+$/.test(one)) ? values.join(',') : JSON.stringify(values)
}
