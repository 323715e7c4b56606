/**
 * Columns as they are known: which are new since their database was first
 * connected, how sensitive each is, and whether a schema changed since a server
 * last started on it.
 */

import type { KnownFields } from '../actions/parts.ts'
import type { Clock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import type { Database } from '../database/database.ts'
import { type Classification, classified, SENSITIVITIES } from '../model/classified.ts'
import type { Field, Model, Sensitivity } from '../model/model.ts'
import {
  decide,
  type FoundField,
  fieldId,
  type KnownField,
  type KnownSchemas,
  knownSchemas,
  takeDown,
  takeShape,
} from '../store/known-fields.ts'
import type { LiveSource, WaitingField } from './models.ts'

interface Book {
  readonly own: Database
  readonly clock: Clock
  /** Whether this process is going to serve with the schema that it found; else it only looks. */
  readonly serves: boolean
}

/** The sources with every field as it is classified, after what is new has been taken down. */
export async function classifySources(
  found: readonly LiveSource[],
  options: Configuration['models'],
  { own, clock, serves }: Book,
): Promise<readonly LiveSource[]> {
  const now = new Date(clock()).toISOString()
  const known = await withNew(found, own, now)
  const sources = found.map((source) => knownSource(source, known, options))
  for (const { id, fingerprint } of sources) {
    const isSeen = known.sources.get(id)?.fingerprint === fingerprint
    if (serves && !isSeen) await takeShape(own, { id, fingerprint, seen_at: now })
  }
  return sources
}

async function withNew(found: readonly LiveSource[], own: Database, now: string): Promise<KnownSchemas> {
  const fields = found.flatMap(({ id, models }) => models.flatMap((model) => foundFields(id, model)))
  const known = await own.read(knownSchemas)
  const isKnown = fields.every((field) => known.fields.has(fieldId(field)))
  return isKnown ? known : await takeDown(own, fields, now)
}

function foundFields(source: string, model: Model): readonly FoundField[] {
  return model.fields
    .filter(({ computed }) => !computed)
    .map(({ column, dbType, sensitivity }) => ({
      source,
      model: model.name,
      field: column,
      type: dbType,
      guess: sensitivity,
    }))
}

function knownSource(
  source: LiveSource,
  { sources, fields }: KnownSchemas,
  options: Configuration['models'],
): LiveSource {
  const all = source.models.map((model) =>
    classified(
      model,
      ({ column }) =>
        classificationOf(fields.get(fieldId({ source: source.id, model: model.name, field: column }))),
      ({ name }) => declared(options, model, name),
    ),
  )
  const last = sources.get(source.id)
  return {
    ...source,
    models: all.map(({ model }) => model),
    waiting: all.flatMap(({ model, waiting }) => waiting.map((field) => waitingField(model, field))),
    changedSince: last && last.fingerprint !== source.fingerprint ? last.seen_at : null,
  }
}

function declared(options: Configuration['models'], { name: model }: Model, field: string): boolean {
  if (!Object.hasOwn(options, model)) return false
  const fields = options[model]?.fields ?? {}
  return Object.hasOwn(fields, field) && fields[field]?.sensitivity !== undefined
}

function waitingField({ name }: Model, { column, dbType, sensitivity }: Field): WaitingField {
  return { model: name, field: column, type: dbType, guess: sensitivity }
}

function classificationOf(row: KnownField | undefined): Classification | undefined {
  return row && { sensitivity: sensitivityOf(row.sensitivity), isDecided: row.decided_by !== null }
}

/** What this version does not know waits. */
function sensitivityOf(text: string | null): Sensitivity | null {
  return SENSITIVITIES.find((one) => one === text) ?? null
}

/** For the action that classifies. */
export const knownFields: KnownFields = {
  async find(connection, model) {
    const { fields } = await knownSchemas(connection)
    return [...fields.values()]
      .filter((row) => row.model === model)
      .map((row) => ({
        id: row.id,
        field: row.field,
        guess: sensitivityOf(row.guess) ?? 'secret',
        sensitivity: sensitivityOf(row.sensitivity),
      }))
  },
  decide,
}
