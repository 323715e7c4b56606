/**
 * What PostgreSQL's error codes mean to the rest of the house.
 *
 * Told apart by SQLSTATE, never by message (PostgreSQL, appendix A). Violations
 * of constraints stay as they are: `data/` knows which field they are about.
 */

import { AdminError } from '../../errors.ts'

/** The fields of an error report (PostgreSQL, section 55.8), as every driver names them. */
export interface ServerReport {
  readonly code: string
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined
  /** The type that a value was refused for, where it is a domain. */
  readonly dataType: string | undefined
  /** What of the server's own code reported it: `exec_stmt_raise` is a RAISE of somebody's function. */
  readonly routine: string | undefined
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** What the server reported, or null when the error is not the server's. */
export function reportOf(error: unknown): ServerReport | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  const { code } = error
  if (typeof code !== 'string' || !SQLSTATE.test(code)) return null
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    code,
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
    dataType: text('dataType'),
    routine: text('routine'),
  }
}

/** Parts of a report, and what drivers add to it, that quote values and statements: errors are logged, those are not. */
const QUOTING = ['detail', 'where', 'internalQuery', 'query', 'params', 'queryOptions', 'client'] as const

/** The same error without them. */
export function withoutValues(error: unknown): unknown {
  if (error instanceof Error) {
    for (const name of QUOTING) if (name in error) Reflect.deleteProperty(error, name)
  }
  return error
}

/** SQLSTATE of an error or of what caused it; null when none is PostgreSQL's. */
export function sqlStateOf(error: unknown): string | null {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    const report = reportOf(one)
    if (report) return report.code
  }
  return null
}

/** The server rolled the transaction back because another one was in its way. */
export function isInTheWay(error: unknown): boolean {
  const code = sqlStateOf(error)
  return code === '40001' || code === '40P01'
}

/** The statement was cancelled: by its own time limit, or because we asked for it. */
export function isCancelled(error: unknown): boolean {
  return sqlStateOf(error) === '57014'
}

/** Refused because an earlier statement of the transaction had failed. */
export function isAftermath(error: unknown): boolean {
  return reportOf(error)?.code === '25P02'
}

/** The driver's word that the connection is gone; drivers have no codes of their own for it. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** Nothing comes over the connection any more, or nothing that can be relied upon. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  const code = reportOf(error)?.code
  return code !== undefined && (code.startsWith('08') || code === '40003' || LOST.has(code))
}

/** 57P01 administrator's shutdown, 57P02 crash, 57P03 not yet up, 57P05 idle for too long, 25P03 and 25P04 in a transaction. */
const LOST: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04'])

/**
 * The error for the caller: trouble of the database itself becomes `data-source-failed`, the rest stays.
 * @param name How the database is called to people.
 */
export function publicFault(error: unknown, name: string): unknown {
  if (error instanceof AdminError) return error
  const report = reportOf(error)
  const sentence = report ? sentenceOf(report.code) : transportSentence(error)
  if (sentence === undefined) return error
  return new AdminError('data-source-failed', `The database ${name} ${sentence}`, { cause: error })
}

/** The same of a read, which gives the database no value that it could refuse: the fault is in what it computes. */
export function readingFault(error: unknown, name: string): unknown {
  if (isForgotten(error)) {
    return new AdminError('data-source-failed', `The database ${name} ${CHANGED_NOW}`, { cause: error })
  }
  const isComputed = COMPUTING.has(reportOf(error)?.code.slice(0, 2) ?? '')
  if (!isComputed) return publicFault(error, name)
  const sentence = `The database ${name} could not compute a value of a table or a view. Its own log says which.`
  return new AdminError('data-source-failed', sentence, { cause: error })
}

/**
 * The server no longer has a statement as it was named. 0A000: the type of one of its columns was changed; 26000: there
 * is none of that name any more.
 */
export function isForgotten(error: unknown): boolean {
  const code = reportOf(error)?.code
  return code === '0A000' || code === '26000'
}

const CHANGED_NOW = 'has changed its tables just now. Try again.'

/** 22: data exceptions, such as a division by zero. P0 and 38: raised by a function. */
const COMPUTING: ReadonlySet<string> = new Set(['22', '38', 'P0'])

const LOST_SENTENCE = 'ended the connection. Nothing was changed. Try again.'

/** A table, a column, a type or a function is not there any more, or is of another kind than it was. */
const CHANGED = 'has other tables than when they were read. Start Castellan again to read them anew.'

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['25006', 'can only be read at the moment.'],
  ['25P02', 'gave the transaction up after an error.'],
  ['25P03', 'ended a transaction that was idle for too long. Nothing was changed. Try again.'],
  ['3D000', 'is not there any more.'],
  ['40001', 'is busy: others keep changing the same records. Try again.'],
  ['40P01', 'is busy: others keep changing the same records. Try again.'],
  ['42501', 'refused access: its account lacks the right. Grant it, or sign in to the database as another.'],
  ['3F000', CHANGED],
  ['42703', CHANGED],
  ['42704', CHANGED],
  ['42804', CHANGED],
  ['42809', CHANGED],
  ['42846', CHANGED],
  ['42883', CHANGED],
  ['42P01', CHANGED],
  ['53100', 'could not grow: its disk is full.'],
  ['53200', 'ran out of memory.'],
  ['53300', 'has no connection free: its limit is reached. Raise max_connections, or take fewer.'],
  ['55P03', 'is busy: another session holds a lock. Try again.'],
  ['57014', 'took too long and was told to stop. Try again.'],
  ['57P03', 'is starting or stopping. Try again in a moment.'],
])

/** By the two characters of the class, where the code itself has no sentence. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['08', LOST_SENTENCE],
  ['28', 'refused the account: check its name and password.'],
  ['53', 'ran out of resources. Try again.'],
  ['54', 'can not take so much at once.'],
  ['57', LOST_SENTENCE],
  ['58', 'could not be read or written: check its disk.'],
  ['XX', 'failed with an error of its own: look into its log.'],
])

function sentenceOf(code: string): string | undefined {
  return SENTENCES.get(code) ?? CLASSES.get(code.slice(0, 2))
}

function transportSentence(error: unknown): string | undefined {
  if (!(error instanceof ConnectionLost)) return undefined
  return isUnreachable(error.cause)
    ? 'can not be reached: check that it is running and where it listens.'
    : LOST_SENTENCE
}

/** No server answered at that address. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnreachable)
  return error instanceof Error && 'code' in error && UNREACHABLE.has(String(error.code))
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
])
