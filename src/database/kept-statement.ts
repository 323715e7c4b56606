/**
 * Statements that are asked at every request: built and compiled once for each
 * engine, and from then on only given their values.
 */

import { CompiledQuery } from 'kysely'
import { engineOf } from './connection.ts'
import type { Connection, Engine } from './database.ts'

/** What `build` puts where a value will be. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

interface Compilable<Row> {
  compile(): CompiledQuery<Row>
}

interface Kept {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/**
 * A statement by the values that it takes, all of them texts.
 * @param build Called with something to put in the place of each; its answer may depend on nothing else but the engine.
 */
export function keptStatement<Name extends string, Row>(
  build: (connection: Connection, given: (name: Name) => string) => Compilable<Row>,
): (connection: Connection, values: Readonly<Record<Name, string>>) => Promise<readonly Row[]> {
  const kept = new Map<Engine, Kept>()

  function compiledOn(connection: Connection): Kept {
    // the builder hands values through as they are
    const { sql, parameters } = build(connection, (name) => new Slot(name) as unknown as string).compile()
    return { text: sql, parameters }
  }

  return async (connection, values) => {
    const engine = engineOf(connection)
    const { text, parameters } = kept.get(engine) ?? compiledOn(connection)
    kept.set(engine, { text, parameters })
    const filled = parameters.map((one) => (one instanceof Slot ? values[one.name as Name] : one))
    const { rows } = await connection.executeQuery<Row>(CompiledQuery.raw(text, filled))
    return rows
  }
}
