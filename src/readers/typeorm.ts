/**
 * Reads the entities of a TypeORM data source: names, relations, enums, hidden
 * columns and code of the application, and borrows its pool. Exported as
 * `castellan/typeorm`.
 *
 * Facts of TypeORM 1.1 (https://typeorm.io/docs/entity/entities).
 */

import type { DataSource, EntityMetadata, RelationMetadata } from 'typeorm'
import type { FieldOverlay, ModelOverlay, Overlay, RelationOverlay } from '../data/overlay.ts'
import type { SourceDefinition } from '../data/source-definition.ts'
import { borrow } from './borrow.ts'
import { choicesOf } from './choices.ts'
import { typeormWriter } from './typeorm-writer.ts'
import { writesOf } from './writes.ts'

type ColumnMetadata = EntityMetadata['columns'][number]

export interface TypeormOptions {
  /** For entities with listeners, subscribers or transformers; `refuse` (by default) keeps them read-only. */
  readonly writes?: SourceDefinition['writes']
}

/**
 * The database behind a TypeORM data source, with its entities laid over. The
 * source is initialized when the admin starts, if the application has not yet.
 */
export function typeormSource(dataSource: DataSource, options: TypeormOptions = {}): SourceDefinition {
  return {
    async open() {
      if (!dataSource.isInitialized) await dataSource.initialize()
      return {
        database: await borrow(poolOf(dataSource), 'TypeORM'),
        overlay: { ...typeormOverlay(dataSource), writer: typeormWriter(dataSource) },
      }
    },
    writes: writesOf(options.writes, 'TypeORM'),
  }
}

/** The driver's pool, which TypeORM keeps as `master` and calls internal. */
function poolOf({ driver }: DataSource): unknown {
  if ('master' in driver && driver.master) return driver.master
  return 'pool' in driver ? driver.pool : undefined
}

/** What the entities of an initialized data source say of their tables. */
export function typeormOverlay(dataSource: DataSource): Overlay {
  const subscribers = dataSource.subscribers
  return {
    from: 'TypeORM',
    models: dataSource.entityMetadatas
      .filter(({ tableType }) => tableType !== 'view')
      .map((entity) => {
        const listening = subscribers.filter((one) => {
          const target = one.listenTo?.()
          return target === undefined || target === entity.target
        })
        return modelOverlay(
          entity,
          listening.map((one) => one.constructor.name),
        )
      }),
  }
}

function modelOverlay(entity: EntityMetadata, subscribers: readonly string[]): ModelOverlay {
  return {
    schema: entity.schema ?? null,
    table: entity.tableName,
    entity: entity.isJunction ? null : entity.name,
    description: entity.comment ?? null,
    fields: entity.columns.filter((column) => !column.isVirtualProperty).map(fieldOverlay),
    relations: entity.relations.flatMap((relation) => relationOverlay(relation) ?? []),
    softDeleteColumn: entity.deleteDateColumn?.databaseName ?? null,
    codeOnWrite: [...listenersOf(entity), ...subscribers.map((name) => `the subscriber ${name}`)],
  }
}

function fieldOverlay(column: ColumnMetadata): FieldOverlay {
  const length = Number(column.length)
  return {
    column: column.databaseName,
    property: column.propertyPath.replaceAll('.', ' '),
    help: column.comment ?? null,
    choices: column.isArray ? null : choicesOf(column.enum),
    isHidden: !column.isSelect,
    sensitivity: null,
    maxLength: Number.isSafeInteger(length) && length > 0 ? length : null,
    readonlyReason: readonlyReasonOf(column),
  }
}

function readonlyReasonOf(column: ColumnMetadata): string | null {
  if (column.transformer) return 'The application transforms what it stores here.'
  if (column.isVersion) return 'The application counts versions here.'
  if (column.isCreateDate || column.isUpdateDate) return 'The application keeps this time itself.'
  return column.isUpdate ? null : 'The application never changes it.'
}

/** Methods of the entity that run before or after a change. */
function listenersOf(entity: EntityMetadata): readonly string[] {
  return entity.listeners
    .filter(({ type }) => type !== 'after-load')
    .map(({ type, propertyName }) => `${propertyName} (${type})`)
}

/** A relation through a junction table is shown by the junction's own two. */
function relationOverlay(relation: RelationMetadata): RelationOverlay | null {
  const { inverseEntityMetadata: target, propertyName: name } = relation
  const place = { name, targetSchema: target.schema ?? null, targetTable: target.tableName }
  if (relation.isManyToMany) return null
  const joined = relation.isWithJoinColumn ? relation : relation.inverseRelation
  if (!joined) return null
  const own = joined.joinColumns.map((column) => column.databaseName)
  const other = joined.joinColumns.map((column) => column.referencedColumn?.databaseName ?? '')
  return relation.isWithJoinColumn
    ? { ...place, kind: 'one', from: own, to: other }
    : { ...place, kind: 'many', from: other, to: own }
}
