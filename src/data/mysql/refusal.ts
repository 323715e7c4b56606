/**
 * Why MariaDB or MySQL refused a change, as a refusal at the fields it is about.
 *
 * The kind is told by the error's number. Which column, index or constraint it
 * was, the server says in its message only: there the message is searched for
 * the quoted names that the model knows, and shown to nobody.
 */

import { isSignalled, mysqlErrnoOf } from '../../database/mysql/fault.ts'
import { AdminError } from '../../errors.ts'
import type { Field, Model, Relation } from '../../model/model.ts'
import type { Attempt } from '../data-source.ts'
import { NOT_THERE, refusedAt, takenProblem } from '../refusal-words.ts'
import { mustField } from '../sql/dialect.ts'
import type { Check } from './column.ts'

type Kind =
  | 'taken'
  | 'missing'
  | 'unrelated'
  | 'related'
  | 'check'
  | 'length'
  | 'range'
  | 'type'
  | 'rule'
  | 'size'
  | 'right'

/** https://mariadb.com/kb/en/mariadb-error-codes/ and the reference of MySQL 8, "Server Error Message Reference". */
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [1022, 'taken'],
  [1062, 'taken'],
  [1586, 'taken'],
  [1048, 'missing'],
  [1364, 'missing'],
  [1216, 'unrelated'],
  [1452, 'unrelated'],
  [1217, 'related'],
  [1451, 'related'],
  [1761, 'related'],
  [1762, 'related'],
  [3819, 'check'],
  [4025, 'check'],
  [1406, 'length'],
  [1264, 'range'],
  [1690, 'range'],
  [1265, 'type'],
  [1292, 'type'],
  [1366, 'type'],
  [1411, 'type'],
  [3140, 'type'],
  [1416, 'type'],
  [1906, 'rule'],
  [3105, 'rule'],
  [1369, 'rule'],
  [1644, 'rule'],
  [1118, 'size'],
  [1153, 'size'],
  [1036, 'right'],
  [1142, 'right'],
  [1143, 'right'],
  [1288, 'right'],
  [1290, 'right'],
  [1471, 'right'],
])

const PROBLEMS: Readonly<Record<Exclude<Kind, 'taken' | 'related' | 'size' | 'right'>, string>> = {
  missing: 'must have a value',
  unrelated: NOT_THERE,
  check: 'breaks a rule of the database',
  length: 'is longer than the column takes',
  range: 'is beyond what the column takes',
  type: 'is not of the type that the column takes',
  rule: 'breaks a rule of the database',
}

/** @param checks The CHECK constraints of the model's table. */
export function refusalOf(error: unknown, attempt: Attempt, checks: readonly Check[]): unknown {
  const kind = KINDS.get(mysqlErrnoOf(error) ?? 0) ?? (isSignalled(error) ? 'rule' : undefined)
  if (kind === undefined || !(error instanceof Error)) return error
  const { label, labelPlural } = attempt.model
  switch (kind) {
    case 'related':
      return new AdminError(
        'conflict',
        `Other records refer to this ${label.toLowerCase()}. Change or delete those first.`,
        { cause: error },
      )
    case 'size':
      return new AdminError('too-large', `${label}: a value is larger than the database takes.`, {
        cause: error,
      })
    case 'right':
      return new AdminError(
        'denied',
        `${labelPlural}: the account of this admin has no right to make that change in the database.`,
        { cause: error },
      )
    case 'taken': {
      const names = takenFields(attempt.model, error.message)
      return refusedAt(attempt, names, takenProblem(names), error)
    }
    default:
      return refusedAt(attempt, namesOf(kind, attempt, error.message, checks), PROBLEMS[kind], error)
  }
}

function namesOf(kind: Kind, attempt: Attempt, message: string, checks: readonly Check[]): readonly string[] {
  switch (kind) {
    case 'unrelated':
      return relatingFields(attempt.model, message)
    case 'check':
      return preferWritten(attempt, checkedFields(attempt.model, message, checks))
    case 'rule':
      return []
    default:
      return namedFields(attempt.model, message)
  }
}

function preferWritten({ values }: Attempt, names: readonly string[]): readonly string[] {
  const written = names.filter((name) => name in values)
  return written.length > 0 ? written : names
}

/** The message ends in the name of the index, behind that of its table in MySQL. */
function takenFields(model: Model, message: string): readonly string[] {
  const isNamed = (name: string): boolean =>
    message.endsWith(`'${name}'`) || message.endsWith(`'${model.table}.${name}'`)
  if (isNamed('PRIMARY')) return model.key ?? []
  const index = model.indexes.find(({ name, unique }) => unique && isNamed(name))
  return (index?.fields ?? []).filter((name) => name !== null)
}

/** The message quotes the declaration of the foreign key. */
function relatingFields(model: Model, message: string): readonly string[] {
  const failed = model.relations.find(
    (relation) => relation.kind === 'one' && message.includes(declared(model, relation)),
  )
  return failed?.from ?? []
}

function declared(model: Model, { from }: Relation): string {
  return `FOREIGN KEY (${from.map((name) => quoted(mustField(model, name).column)).join(', ')})`
}

/** MariaDB names a check in backticks, that of one column behind its table; MySQL in apostrophes. */
function checkedFields(model: Model, message: string, checks: readonly Check[]): readonly string[] {
  const failed = checks.find(({ name }) =>
    [quoted(name), quoted(`${model.table}.${name}`), `'${name}'`].some((text) => message.includes(text)),
  )
  return model.fields.filter(({ column }) => failed?.columns.has(column)).map(({ name }) => name)
}

/**
 * The column stands at the end in quotes, alone or behind its database and table. A value may stand
 * before it, so the last name counts.
 */
function namedFields(model: Model, message: string): readonly string[] {
  const place = ({ column }: Field): number =>
    Math.max(message.lastIndexOf(`'${column}'`), message.lastIndexOf(`.${quoted(column)}`))
  const found = model.fields
    .map((field) => ({ name: field.name, at: place(field) }))
    .filter(({ at }) => at >= 0)
    .toSorted((left, right) => right.at - left.at)
  return found.slice(0, 1).map(({ name }) => name)
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
