/** Another value for a field, as a person would type it: one that fits, and is not easy to carry. */

import type { Random } from '../../src/demo/random.ts'
import type { Field, Model } from '../../src/model/model.ts'

/** What lies in wait on the way: quotes, markup, a reference, a space at the end. No character that Sakila's MariaDB has no room for. */
const AWKWARD = `O'Neil & "Zoë" <b> &amp; 100% \\ `

/** Columns whose CHECK wants more than their type says. */
const CHECKED: ReadonlySet<string> = new Set(['Discount', 'special_features'])

/**
 * Fields of which any other value will do, by themselves: no key, no part of a
 * unique set, not what leads to another record.
 */
export function freeFields(model: Model, writable: readonly string[]): readonly Field[] {
  const bound = new Set([
    ...(model.key ?? []),
    ...model.uniques.flat(),
    ...model.relations.filter(({ kind }) => kind === 'one').flatMap(({ from }) => from),
  ])
  return model.fields.filter(({ name }) => writable.includes(name) && !bound.has(name) && !CHECKED.has(name))
}

/** Null: there is no such value for this type, or not for certain. */
export function newText(random: Random, field: Field, now: string | null): string | null {
  if (field.choices) {
    const others = field.choices.filter(({ value }) => value !== now)
    return others.length > 0 ? random.pick(others).value : null
  }
  const make = MADE[field.type]
  for (let tries = 0; make && tries < TRIES; tries += 1) {
    const text = make(random, field, now)
    if (text !== now) return text
  }
  return null
}

/** What is made may be what is there: of a text of one character nine are made. */
const TRIES = 20

type Made = (random: Random, field: Field, now: string | null) => string | null

const MADE: Partial<Record<Field['type'], Made>> = {
  text: (random, { maxLength }) => {
    const text = `${random.int(100, 999)} ${AWKWARD}`
    return maxLength === null ? text : [...text].slice(0, maxLength).join('')
  },
  int: (_, __, now) => String(Number(now ?? 0) === 1 ? 2 : Number(now ?? 0) - 1).replace('-', ''),
  bigint: (_, __, now) => String(BigInt(now ?? 0) + 1n),
  decimal: (random, { scale }) => `${random.int(1, 8)}${scale === 0 ? '' : `.${random.int(1, 8)}`}`,
  float: (random) => `${random.int(1, 8)}.25`,
  bool: (_, __, now) => (now === 'true' ? 'false' : 'true'),
  date: (random) => `2019-02-${random.int(10, 28)}`,
  time: (random) => `07:30:${random.int(10, 59)}`,
  timestamp: (random, _, now) => `2019-02-${random.int(10, 28)}T07:30:01${now?.includes('.') ? '.5' : ''}`,
  timestamptz: (random) => `2019-02-${random.int(10, 28)}T07:30:01`,
  json: (random) => `{"n": 1.50,  "list": [${random.int(1, 99)}]}`,
  uuid: (random) => random.uuid(),
}
