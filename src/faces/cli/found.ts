/** What is said of databases as they were found, in one block a sentence. */

import type { FoundSource, WaitingField } from './command.ts'

/** A sentence, and the models and fields that it is true of. */
export interface Said {
  readonly sentence: string
  readonly places: readonly string[]
}

/** What could not be used fully. What the reasons of read-only models say already is left out. */
export function warningsOf({ models, warnings }: Pick<FoundSource, 'models' | 'warnings'>): readonly Said[] {
  const explained = new Set(models.filter(({ writable }) => writable.reason !== null).map(({ name }) => name))
  const worth = warnings.filter(
    ({ code, model }) => !(code === 'no-key' && model !== null && explained.has(model)),
  )
  return [...Map.groupBy(worth, ({ detail }) => detail)].map(([sentence, those]) => ({
    sentence,
    places: those.flatMap(({ model, field }) => {
      const place = [model, field].filter((part) => part !== null).join('.')
      return place === '' ? [] : [place]
    }),
  }))
}

/** `customers.iban`, as it is written behind `--field`. */
export function placeOf({ model, field }: WaitingField): string {
  return `${model}.${field}`
}
