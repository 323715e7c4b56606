/**
 * The models of one admin: those of every source and Castellan's own, read once
 * when the process starts and then pinned, so that a change of the schema can't
 * change what a policy means while it is in force.
 */

import { ownModels } from '../actions/own-models.ts'
import { pagesModel } from '../actions/own-pages.ts'
import type { Configuration } from '../config.ts'
import { createSource } from '../data/create-source.ts'
import type { DataSource, Warning } from '../data/data-source.ts'
import type { Database, Engine } from '../database/database.ts'
import { type Mistake, misconfigured } from '../errors.ts'
import { ICON_NAMES } from '../faces/pages/components/icon-names.ts'
import type { Source } from '../gate/parts.ts'
import type { Model, Sensitivity } from '../model/model.ts'
import { refine } from '../model/refine.ts'
import type { OpenDatabases, OpenSource } from './databases.ts'
import type { Extensions } from './extensions.ts'
import { withoutHashes } from './host-people.ts'

/** One source as it was found at the start. */
export interface FoundSource {
  readonly id: string
  readonly engine: Engine
  /** A file name or an address, never a password. */
  readonly label: string
  /** Of the schema as this process sees it; another one after a change of any table. */
  readonly fingerprint: string
  readonly models: readonly Model[]
  /** What could not be used fully. */
  readonly warnings: readonly Warning[]
  /** About how many records a model has, by its name, where the database tells. */
  readonly rows: ReadonlyMap<string, number>
  /** Whether a change and its audit event commit together. */
  readonly sharesStore: boolean
  /** Fields that nobody reads before somebody has classified them. */
  readonly waiting: readonly WaitingField[]
  /** When a server last started on another schema than this one, RFC 3339; null: on this one, or never. */
  readonly changedSince: string | null
}

/** A column that appeared after its database was first connected. */
export interface WaitingField {
  readonly model: string
  readonly field: string
  /** The engine's own name of its type. */
  readonly type: string
  /** How sensitive its name and type say that it is. */
  readonly guess: Sensitivity
}

export interface Administered {
  readonly models: ReadonlyMap<string, Model>
  /** By id, as `Model.source` names them; Castellan's own included. */
  readonly sources: ReadonlyMap<string, Source>
}

const OWN = 'castellan'

/** A source as it was found, and what its records are reached by. */
export interface LiveSource extends FoundSource {
  readonly dataSource: DataSource
}

/**
 * What the application's databases hold, refined by its options; nothing is made or changed.
 * @throws AdminError `misconfigured` with D120, D121 and what is wrong with the options.
 */
export async function findSources(
  { sources, own }: OpenDatabases,
  options: Configuration['models'],
  people: Configuration['people'],
): Promise<readonly LiveSource[]> {
  const found = await Promise.all(sources.map((source) => findSource(source, own)))
  const empty = found.filter(({ models }) => models.length === 0)
  const mistakes = [...empty.map(noTables), ...sameNames(found.flatMap(({ models }) => models))]
  if (mistakes.length > 0) throw misconfigured(mistakes)
  const refined = refine(
    found.flatMap(({ models }) => models),
    options,
    { icons: ICON_NAMES },
  )
  const shown = withoutHashes(refined, people)
  return found.map((one) => ({ ...one, models: shown.filter(({ source }) => source === one.id) }))
}

async function findSource({ id, database, laid, prefix }: OpenSource, own: Database): Promise<LiveSource> {
  const dataSource = await createSource({ id, database, tables: 'application', prefix }, laid)
  const schema = await dataSource.introspect()
  const { engine, label } = database
  const isShared = database === own
  return { id, engine, label, ...schema, sharesStore: isShared, dataSource, waiting: [], changedSince: null }
}

/** Everything that can be administered; the own tables have to be there. */
export async function administered(
  found: readonly LiveSource[],
  own: Database,
  { own: { pages } }: Extensions,
): Promise<Administered> {
  const ownSource = await createSource({ id: OWN, database: own, tables: 'own' })
  const ownSchema = await ownSource.introspect()
  const models = [
    ...found.flatMap((one) => one.models),
    ...ownModels(ownSchema.models),
    ...(pages.length > 0 ? [pagesModel(OWN)] : []),
  ]
  return {
    models: new Map(models.map((model) => [model.name, model])),
    sources: new Map([
      ...found.map(({ id, dataSource, sharesStore }) => [id, { dataSource, sharesStore }] as const),
      [OWN, { dataSource: ownSource, sharesStore: true }],
    ]),
  }
}

/** A schema of the first source and the id of another one can give two models the same name. */
function sameNames(models: readonly Model[]): readonly Mistake[] {
  const named = new Map<string, Model>()
  return models.flatMap((model) => {
    const other = named.get(model.name)
    if (other) return [sameName(model, other)]
    named.set(model.name, model)
    return []
  })
}

function sameName({ name, source }: Model, other: Model): Mistake {
  return {
    id: 'D121',
    place: `sources.${source}`,
    problem: `its model "${name}" has the name of one of "${other.source}".`,
    remedy: 'Give the source another id.',
  }
}

function noTables({ label }: FoundSource): Mistake {
  return {
    id: 'D120',
    place: label,
    problem: 'the database has no tables that this account may read, so there is nothing to administer.',
    remedy: 'Name another one with --database, make its tables first, or grant the account SELECT.',
  }
}
