/**
 * Relations as names suggest them, measured against the foreign keys that sample
 * databases really have: what is suggested once those are taken away.
 */

import { expect, test } from 'vitest'
import { createSource } from '../../src/data/create-source.ts'
import type { Model } from '../../src/model/model.ts'
import { suggestRelations } from '../../src/model/suggest-relations.ts'
import { openSample, type Sample, samples } from './databases.ts'

interface Measured {
  /** How many of the suggestions are foreign keys. */
  readonly precision: number
  /** How many of the foreign keys are suggested. */
  readonly recall: number
}

/**
 * At least. What is missing is named after a role alone (`ReportsTo`, `ShipVia`, `SupportRepId`); what is wrong in
 * sakila (`film_text.film_id`) leads where its names say, without a foreign key.
 */
const LEAST: Readonly<Record<string, Measured>> = {
  'sqlite chinook': { precision: 1, recall: 9 / 11 },
  'sqlite northwind': { precision: 1, recall: 11 / 13 },
  'sqlite sakila': { precision: 22 / 23, recall: 1 },
  'postgres northwind': { precision: 1, recall: 11 / 13 },
  'postgres pagila': { precision: 1, recall: 1 },
  'postgres sakila': { precision: 1, recall: 1 },
  'mariadb sakila': { precision: 22 / 23, recall: 1 },
}

const found = samples()
if (found.length === 0) test.skip('measures the sample databases')

test.each(found.map((sample) => [`${sample.engine} ${sample.name}`, sample] as const))(
  'finds the foreign keys of %s by names alone',
  async (name, sample) => {
    const models = await modelsOf(sample)
    const real = new Set(models.flatMap(foreignKeysOf))
    const suggested = suggestRelations(models.map((model) => ({ ...model, relations: [] }))).map(
      ({ model, from, target, to }) => wayText(model, from, target, to),
    )
    const right = suggested.filter((way) => real.has(way))

    expect(real.size).toBeGreaterThan(5)
    expect(right.length / suggested.length).toBeGreaterThanOrEqual(LEAST[name]?.precision ?? 1)
    expect(right.length / real.size).toBeGreaterThanOrEqual(LEAST[name]?.recall ?? 1)
    // with its foreign keys there is nothing of theirs left to suggest
    const left = suggestRelations(models).map(({ model, from, target, to }) =>
      wayText(model, from, target, to),
    )
    expect(left.filter((way) => real.has(way))).toEqual([])
  },
  120_000,
)

async function modelsOf(sample: Sample): Promise<readonly Model[]> {
  const opened = await openSample(sample)
  try {
    const source = await createSource({ id: 'main', database: opened.database, tables: 'application' })
    return (await source.introspect()).models
  } finally {
    await opened.close()
  }
}

function foreignKeysOf({ name, relations }: Model): readonly string[] {
  return relations
    .filter(({ kind }) => kind === 'one')
    .map(({ from, target, to }) => wayText(name, from, target, to))
}

function wayText(model: string, from: readonly string[], target: string, to: readonly string[]): string {
  return `${model}(${from.join(', ')}) -> ${target}(${to.join(', ')})`
}
