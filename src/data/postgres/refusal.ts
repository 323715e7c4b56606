/**
 * Why PostgreSQL refused a change, as a refusal at the fields it is about.
 *
 * The kind is told by SQLSTATE (PostgreSQL, appendix A), the place by the names
 * of constraint, table and column in the error report: never by the message,
 * which is shown to nobody.
 */

import { reportOf, type ServerReport } from '../../database/postgres/fault.ts'
import { AdminError } from '../../errors.ts'
import type { FieldType, Model } from '../../model/model.ts'
import type { Attempt } from '../data-source.ts'
import { NOT_THERE, takenProblem } from '../refusal-words.ts'
import { type Constraint, constraintKey, type Facts, keyOfModel } from './column.ts'

const OVERLAPS = 'stands in the way of another record'
const MISSING = 'must have a value'
const BREAKS = 'breaks a rule of the database'
const UNTAKEN = 'has a value that the database does not take'
const NO_RIGHT = 'may not do this: the account that Castellan connects with lacks the right.'

/** The error for whoever asked; what is no refusal comes back as it was. */
export function refusalOf(error: unknown, attempt: Attempt, facts: Facts): unknown {
  const report = reportOf(error)
  return report ? (refusalOfReport({ report, attempt, facts, cause: error }) ?? error) : error
}

/**
 * A constraint that is checked only at the end of the transaction.
 * @param attempts What the transaction tried, in its order.
 */
export function refusalOfCommit(error: unknown, attempts: readonly Attempt[], facts: Facts): unknown {
  const report = reportOf(error)
  if (!report) return error
  const broken = constraintOf(report, facts)
  const attempt =
    attempts.findLast(({ model }) => keyOfModel(facts, model) === broken?.table) ?? attempts.at(-1)
  return attempt ? refusalOf(error, attempt, facts) : error
}

interface Refused {
  readonly report: ServerReport
  readonly attempt: Attempt
  readonly facts: Facts
  readonly cause: unknown
}

function refusalOfReport(refused: Refused): AdminError | null {
  const { report, attempt, cause } = refused
  switch (report.code) {
    case '23505':
      return taken(refused)
    case '23P01':
      return atFields(refused, constrained(refused), OVERLAPS)
    case '23503':
    case '23001':
      return unrelated(refused)
    case '23502':
      return atFields(refused, named(refused), MISSING)
    case '23514':
      return atFields(refused, constrained(refused), BREAKS)
    case '428C9':
      return atFields(refused, named(refused), 'is computed by the database')
    case '42501':
      return new AdminError('denied', `${attempt.model.labelPlural}: Castellan ${NO_RIGHT}`, { cause })
    case '42601':
      return misread(refused)
    case '54000':
      return new AdminError(
        'too-large',
        `${attempt.model.label}: a value is larger than the database takes.`,
        {
          cause,
        },
      )
    default:
      return byClass(refused)
  }
}

/** What PostgreSQL calls an error of syntax although it is one value's: a `tsvector` that is none. */
function misread(refused: Refused): AdminError | null {
  const names = unread(refused)
  return names.length > 0 ? atFields(refused, names, UNTAKEN) : null
}

/** 22: data exceptions. 23: other constraints. 27, 09, P0: triggers. 44: the check of a view. */
function byClass(refused: Refused): AdminError | null {
  switch (refused.report.code.slice(0, 2)) {
    case '22':
      return atFields(refused, unread(refused), UNTAKEN)
    case '09':
    case '23':
    case '27':
    case '44':
    case 'P0':
      return atFields(refused, named(refused), BREAKS)
    default:
      // a trigger of the database's owner may raise any code there is
      return refused.report.routine === 'exec_stmt_raise' ? atFields(refused, named(refused), BREAKS) : null
  }
}

/** At every field of the unique set, written or not: together they are what is taken. */
function taken(refused: Refused): AdminError {
  const { report, attempt, facts } = refused
  const broken = constraintOf(report, facts)
  const isHere = broken?.table === keyOfModel(facts, attempt.model)
  const names = broken && isHere ? fieldsOf(attempt.model, broken.columns) : named(refused)
  return atFields(refused, names, takenProblem(names))
}

function atFields({ attempt, cause }: Refused, names: readonly string[], problem: string): AdminError {
  const { label } = attempt.model
  if (names.length === 0)
    return new AdminError('invalid-input', `${label}: something of it ${problem}.`, { cause })
  return new AdminError('invalid-input', `${label}: check ${names.join(', ')}.`, {
    fields: Object.fromEntries(names.map((name) => [name, [problem]])),
    cause,
  })
}

function constraintOf({ schema, table, constraint }: ServerReport, facts: Facts): Constraint | undefined {
  if (schema === undefined || table === undefined || constraint === undefined) return undefined
  return facts.constraints.get(constraintKey(schema, table, constraint))
}

/** The fields of the broken constraint: those that were written, or else all of them. */
function constrained(refused: Refused): readonly string[] {
  const { report, attempt, facts } = refused
  const broken = constraintOf(report, facts)
  if (broken?.table === keyOfModel(facts, attempt.model)) return writtenFirst(attempt, broken.columns)
  return named(refused)
}

/** The field of the column that the report names, or of the domain whose check it was. */
function named({ report, attempt, facts }: Refused): readonly string[] {
  const { column, dataType, schema, table } = report
  const { model } = attempt
  const isHere =
    table === undefined || (table === model.table && schema === (model.schema ?? facts.defaultSchema))
  if (column !== undefined && isHere) return fieldsOf(model, [column])
  if (column !== undefined && table !== undefined) return partitionFields(attempt, column, facts)
  if (dataType === undefined) return []
  const columns = facts.columns.get(keyOfModel(facts, model))
  return writtenFirst(
    attempt,
    [...(columns ?? [])].filter(([, { domains }]) => domains.includes(dataType)).map(([name]) => name),
  )
}

/** The report seldom says which value it was: then it is one of those that only PostgreSQL can read. */
function unread(refused: Refused): readonly string[] {
  const names = named(refused)
  if (names.length > 0) return names
  const { model, values } = refused.attempt
  const written = model.fields.filter(({ name }) => name in values && values[name] !== null)
  const own = written.filter(({ type, element }) => OWN_TEXTS.has(element?.type ?? type))
  return (own.length > 0 ? own : written.filter(({ type }) => MOMENTS.has(type))).map(({ name }) => name)
}

const OWN_TEXTS: ReadonlySet<FieldType> = new Set(['native', 'json'])
/** A day that does not exist, far from any calendar of ours. */
const MOMENTS: ReadonlySet<FieldType> = new Set(['date', 'timestamp', 'timestamptz'])

/** A partition is a table of another name, with the columns of the whole. */
function partitionFields({ model }: Attempt, column: string, facts: Facts): readonly string[] {
  const isPartitioned = !facts.places.has(keyOfModel(facts, model))
  return isPartitioned ? fieldsOf(model, [column]) : []
}

function writtenFirst({ model, values }: Attempt, columns: readonly string[]): readonly string[] {
  const names = fieldsOf(model, columns)
  const written = names.filter((name) => name in values)
  return written.length > 0 ? written : names
}

function fieldsOf({ fields }: Model, columns: readonly string[]): readonly string[] {
  return fields.filter(({ column }) => columns.includes(column)).map(({ name }) => name)
}

/** The table of the report is the one that holds the foreign key: ours, or one that refers to ours. */
function unrelated(refused: Refused): AdminError {
  const { report, attempt, facts, cause } = refused
  const broken = constraintOf(report, facts)
  const isOurs = broken?.table === keyOfModel(facts, attempt.model)
  const names = isOurs && attempt.kind !== 'remove' ? fieldsOf(attempt.model, broken.columns) : []
  if (names.some((name) => name in attempt.values)) return atFields(refused, names, NOT_THERE)
  const label = attempt.model.label.toLowerCase()
  return new AdminError('conflict', `Other records refer to this ${label}. Change or delete those first.`, {
    cause,
  })
}
