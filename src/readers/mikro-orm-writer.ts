/** Writes records through MikroORM's entities, in a transaction that it did not begin. */

import type { EntityManager, EntityMetadata, EntityProperty, MikroORM } from '@mikro-orm/core'
import type { ModelOverlay, OrmSession, OrmValues, OrmWriter } from '../data/overlay.ts'
import { kyselyOverClient } from '../database/driver-client.ts'

export function mikroOrmWriter(orm: MikroORM): OrmWriter {
  return {
    over(client) {
      // an identity map of its own: nothing of this change is known elsewhere before it is committed
      const em = orm.em.fork({ clear: true })
      em.setTransactionContext(kyselyOverClient(client))
      return sessionOver(orm, em)
    },
  }
}

function sessionOver(orm: MikroORM, em: EntityManager): OrmSession {
  return {
    async insert(overlay, values) {
      const entity = entityOf(orm, overlay)
      const record = em.create(entity.class, byProperty(entity, values) as never)
      await em.persist(record).flush()
      return valuesOf(entity, record)
    },
    async update(overlay, key, values) {
      const entity = entityOf(orm, overlay)
      const record = await found(em, entity, key)
      em.assign(record, byProperty(entity, values) as never)
      await em.flush()
    },
    async remove(overlay, key) {
      const entity = entityOf(orm, overlay)
      em.remove(await found(em, entity, key))
      await em.flush()
    },
  }
}

function entityOf(orm: MikroORM, { schema, table }: ModelOverlay): EntityMetadata {
  const entity = [...orm.getMetadata().getAll().values()].find(
    (one) => one.tableName === table && (one.schema && one.schema !== '*' ? one.schema : null) === schema,
  )
  if (!entity) throw new TypeError(`MikroORM has no entity of the table "${table}".`)
  return entity
}

async function found(em: EntityManager, entity: EntityMetadata, key: OrmValues): Promise<object> {
  return await em.findOneOrFail<object>(entity.class, byProperty(entity, key) as never, { filters: false })
}

/** A reference is given by the key of what it leads to. */
function byProperty(entity: EntityMetadata, values: OrmValues): Record<string, unknown> {
  return Object.fromEntries(
    storedIn(entity).flatMap(({ name, fieldNames }) => {
      const given = fieldNames.filter((column) => column in values)
      if (given.length === 0) return []
      const [column = ''] = given
      return [[name, fieldNames.length === 1 ? values[column] : fieldNames.map((one) => values[one] ?? null)]]
    }),
  )
}

function valuesOf(entity: EntityMetadata, record: object): OrmValues {
  return Object.fromEntries(
    storedIn(entity)
      .filter(({ fieldNames }) => fieldNames.length === 1)
      .map(({ name, fieldNames: [column = ''] }) => [column, keyIn(Reflect.get(record, name))]),
  )
}

/** The value itself; of an entity, its key. */
function keyIn(value: unknown): unknown {
  const isEntity = typeof value === 'object' && value !== null && '__helper' in value
  if (!isEntity) return value
  const helper = value.__helper
  return typeof helper === 'object' && helper !== null && 'getPrimaryKey' in helper
    ? (helper.getPrimaryKey as () => unknown).call(helper)
    : value
}

function storedIn(entity: EntityMetadata): readonly EntityProperty[] {
  return entity.props.filter(
    (property) => property.persist !== false && property.fieldNames !== undefined && property.kind !== 'm:n',
  )
}
