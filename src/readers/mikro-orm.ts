/**
 * Reads the entities of MikroORM: names, relations, enums, hidden properties
 * and code of the application, and borrows its pool. Exported as
 * `castellan/mikro-orm`.
 *
 * Facts of MikroORM 7.2 (https://mikro-orm.io/docs/metadata-providers).
 */

import type { EntityMetadata, EntityProperty, MikroORM } from '@mikro-orm/core'
import type { FieldOverlay, ModelOverlay, Overlay, RelationOverlay } from '../data/overlay.ts'
import type { SourceDefinition } from '../data/source-definition.ts'
import { borrow } from './borrow.ts'
import { choicesOf } from './choices.ts'
import { mikroOrmWriter } from './mikro-orm-writer.ts'
import { writesOf } from './writes.ts'

export interface MikroOrmOptions {
  /** For entities with hooks, subscribers or `onCreate`; `refuse` (by default) keeps them read-only. */
  readonly writes?: SourceDefinition['writes']
}

/** The database behind a MikroORM instance, with its entities laid over. */
export function mikroOrmSource(orm: MikroORM, options: MikroOrmOptions = {}): SourceDefinition {
  return {
    open: async () => ({
      database: await borrow(await poolOf(orm), 'MikroORM'),
      overlay: { ...mikroOrmOverlay(orm), writer: mikroOrmWriter(orm) },
    }),
    writes: writesOf(options.writes, 'MikroORM'),
  }
}

/** The SQL drivers hand out their pool; the core's type does not know of it. */
async function poolOf(orm: MikroORM): Promise<unknown> {
  const connection = orm.em.getDriver().getConnection()
  const isSql = 'getNativeClient' in connection && typeof connection.getNativeClient === 'function'
  return isSql ? await connection.getNativeClient() : undefined
}

/** What the discovered entities say of their tables. */
export function mikroOrmOverlay(orm: MikroORM): Overlay {
  const subscribers = [...orm.em.getEventManager().getSubscribers()]
  const models = [...orm.getMetadata().getAll().values()]
    .filter((entity) => !entity.abstract && !entity.virtual && !entity.embeddable && !entity.view)
    .map((entity) => {
      const listening = subscribers.filter((one) => {
        const named = one.getSubscribedEntities?.() ?? []
        return named.length === 0 || named.some((name) => name === entity.class)
      })
      return modelOverlay(
        entity,
        listening.map((one) => one.constructor.name),
      )
    })
  return { from: 'MikroORM', models }
}

function modelOverlay(entity: EntityMetadata, subscribers: readonly string[]): ModelOverlay {
  const properties = entity.props.filter((property) => property.persist !== false)
  const stored = properties.filter(isStored)
  return {
    schema: entity.schema && entity.schema !== '*' ? entity.schema : null,
    table: entity.tableName,
    entity: entity.pivotTable ? null : entity.className,
    description: entity.comment ?? null,
    fields: stored.flatMap(fieldOverlays),
    relations: properties.flatMap((property) => relationOverlay(property) ?? []),
    softDeleteColumn: null,
    codeOnWrite: [
      ...Object.keys(entity.hooks).map((event) => `the hook ${event}`),
      ...subscribers.map((name) => `the subscriber ${name}`),
      // both are given the entity, which a change by SQL never makes
      ...stored.filter(({ onCreate }) => onCreate).map(({ name }) => `onCreate of ${name}`),
      ...stored.filter(({ onUpdate }) => onUpdate).map(({ name }) => `onUpdate of ${name}`),
    ],
  }
}

/** Whether the property has columns in the table of its own entity. */
function isStored(property: EntityProperty): boolean {
  if (property.kind === 'scalar') return property.formula === undefined
  return (
    (property.kind === 'm:1' || property.kind === '1:1') && property.fieldNames.length > 0 && property.owner
  )
}

function fieldOverlays(property: EntityProperty): readonly FieldOverlay[] {
  const isOne = property.fieldNames.length === 1
  return property.fieldNames.map((column) => ({
    column,
    property: isOne ? property.name : null,
    help: property.comment ?? null,
    choices: property.enum && !property.array ? choicesOf(property.items) : null,
    isHidden: property.hidden === true || property.lazy === true,
    sensitivity: null,
    maxLength: property.runtimeType === 'string' ? (property.length ?? null) : null,
    readonlyReason: readonlyReasonOf(property),
  }))
}

function readonlyReasonOf(property: EntityProperty): string | null {
  if (property.version) return 'The application counts versions here.'
  const isConverted = property.hasConvertToDatabaseValueSQL || property.hasConvertToJSValueSQL
  return isConverted ? 'The application converts what it stores here.' : null
}

function relationOverlay(property: EntityProperty): RelationOverlay | null {
  const { kind, name, targetMeta: target } = property
  if (!target || kind === 'm:n' || kind === 'scalar' || kind === 'embedded') return null
  const place = {
    name,
    targetSchema: target.schema && target.schema !== '*' ? target.schema : null,
    targetTable: target.tableName,
  }
  if (property.owner) {
    return { ...place, kind: 'one', from: property.joinColumns, to: property.referencedColumnNames }
  }
  const inverse = target.props.find((one) => one.name === property.mappedBy)
  if (!inverse) return null
  return { ...place, kind: 'many', from: inverse.referencedColumnNames, to: inverse.joinColumns }
}
