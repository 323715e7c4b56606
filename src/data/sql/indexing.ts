/** What indexes are good for, told to the models that need it: those that are too large to walk through. */

import { sql } from 'kysely'
import type { Field, Model } from '../../model/model.ts'
import type { Schema } from '../data-source.ts'
import type { Dialect } from './dialect.ts'

/** The schema whose large models say how far an index serves the house's order and comparisons of each field. */
export function withIndexing(schema: Schema, dialect: Dialect): Schema {
  const models = schema.models.map((model) => (model.isLarge ? indexedModel(model, dialect) : model))
  return { ...schema, models }
}

function indexedModel(model: Model, dialect: Dialect): Model {
  return {
    ...model,
    ...(dialect.searchIndex !== undefined && { searchIndex: dialect.searchIndex }),
    fields: model.fields.map((field) => indexed(model, field, dialect)),
  }
}

function indexed(model: Model, field: Field, dialect: Dialect): Field {
  const codec = dialect.codec(model, field)
  const column = sql.id(field.column)
  // what orders by anything else than the column itself finds no index
  return {
    ...field,
    indexing: {
      sorts: codec.order(column) === column,
      compares: codec.compares ?? 'range',
      ...((dialect.joinsIndexes || dialect.equalsOneOf) && { follows: true }),
      ...(dialect.begins?.(model, field) && { begins: true }),
    },
  }
}
