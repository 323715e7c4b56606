/**
 * Values that code of the application makes when a record is written: an id, a
 * time of change. Filled in under the gate, so that whoever reads the record
 * after the change, the log included, sees them.
 */

import type { Field, Model, Value, Values } from '../model/model.ts'
import type { DataSource, Transaction } from './data-source.ts'
import type { CodeValues, ModelOverlay } from './overlay.ts'

/**
 * The same source, whose writes ask the application's code for what nobody gave.
 * @param overlayOf What the application says of a model; undefined: nothing.
 */
export function withCodeValues(
  source: DataSource,
  overlayOf: (model: Model) => ModelOverlay | undefined,
): DataSource {
  function filled(model: Model, values: Values, when: keyof CodeValues): Values {
    const made: Record<string, Value> = {}
    for (const { column, makes } of overlayOf(model)?.fields ?? []) {
      const field = model.fields.find((one) => one.column === column)
      const make = makes?.[when]
      if (field && make && values[field.name] === undefined) made[field.name] = asValue(field, make())
    }
    return { ...made, ...values }
  }

  return {
    ...source,
    transaction: (work, options) => source.transaction((transaction) => work(writing(transaction)), options),
  }

  function writing(transaction: Transaction): Transaction {
    return {
      ...transaction,
      insert: ({ model, values }) => transaction.insert({ model, values: filled(model, values, 'onCreate') }),
      update: (query) =>
        transaction.update({ ...query, values: filled(query.model, query.values, 'onUpdate') }),
      updateMany: (query) =>
        transaction.updateMany({ ...query, values: filled(query.model, query.values, 'onUpdate') }),
    }
  }
}

/** What the application would hand to its driver, as a value of the field. */
export function asValue({ type }: Field, raw: unknown): Value {
  if (raw === null || raw === undefined) return null
  if (raw instanceof Date) return momentOf(type, raw.toISOString())
  if (type === 'json' || type === 'array' || type === 'set') return JSON.stringify(raw)
  if (raw instanceof Uint8Array || typeof raw === 'boolean' || typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return type === 'bigint' ? BigInt(raw) : raw
  return String(raw)
}

function momentOf(type: Field['type'], iso: string): string {
  if (type === 'date') return iso.slice(0, 10)
  if (type === 'time') return iso.slice(11, 23)
  return type === 'timestamptz' ? iso : iso.slice(0, 23)
}
