/**
 * Addresses of databases, `sqlite:shop.db`, and what can be told of the file
 * behind one before it is opened.
 *
 * Apart from the adapters, so that a wrong address is reported together with
 * every other mistake of a configuration, and before anything is made.
 */

import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Mistake } from '../errors.ts'

/** A database as an address names it. */
export interface DatabaseAddress {
  readonly engine: 'sqlite'
  /** An absolute path; null means a private temporary file. */
  readonly file: string | null
}

/** Reads an address that `addressMistake` finds nothing wrong with. */
export function addressOf(address: string): DatabaseAddress {
  const path = address.replace(/^sqlite:/, '')
  return { engine: 'sqlite', file: path === ':memory:' ? null : resolve(path) }
}

/**
 * What is wrong with an address: nothing, or one mistake.
 *
 * A database must exist already; a store may be made, in a folder that exists.
 */
export function addressMistake(place: 'database' | 'store', address: string): readonly Mistake[] {
  const problem = schemeProblem(place, address) ?? targetProblem(place, addressOf(address))
  return problem === null ? [] : [{ ...problem, place }]
}

type Problem = Omit<Mistake, 'place'>

function schemeProblem(place: 'database' | 'store', address: string): Problem | null {
  const [, scheme = ''] = /^([a-z]+):/i.exec(address) ?? []
  const remedy = `Write --${place} sqlite:FILE.`
  if (['postgres', 'postgresql', 'mysql', 'mariadb', 'pglite'].includes(scheme)) {
    return { id: 'C302', problem: `"${scheme}:" addresses are not honoured yet.`, remedy }
  }
  if (scheme === 'sqlite' && address !== 'sqlite:') return null
  return { id: 'C303', problem: 'the address does not say which kind of database it is.', remedy }
}

function targetProblem(place: 'database' | 'store', { file }: DatabaseAddress): Problem | null {
  if (file === null) return null
  return place === 'database' ? fileProblem(file) : storeProblem(file)
}

function storeProblem(file: string): Problem | null {
  if (existsSync(file)) return fileProblem(file)
  if (existsSync(dirname(file))) return null
  return {
    id: 'C304',
    problem: `the folder "${dirname(file)}" does not exist.`,
    remedy: 'Make the folder, or name another file.',
  }
}

/** What is wrong with a file that should be a SQLite database; opening it finds what the header can't tell. */
function fileProblem(file: string): Problem | null {
  if (!existsSync(file)) {
    return {
      id: 'C304',
      problem: `"${file}" does not exist.`,
      remedy: 'Check the path; a database is never made by mistake.',
    }
  }
  if (!statSync(file).isFile()) {
    return { id: 'C305', problem: `"${file}" is not a file.`, remedy: 'Name the database file itself.' }
  }
  try {
    accessSync(file, constants.R_OK)
  } catch {
    return {
      id: 'C306',
      problem: `"${file}" may not be read.`,
      remedy: 'Give this account the right to read it.',
    }
  }
  if (startOf(file) === '' || startOf(file) === 'SQLite format 3\0') return null
  return { id: 'C307', problem: `"${file}" is not a SQLite database.`, remedy: 'Name a SQLite file.' }
}

/** Its first 16 bytes; an empty file is an empty database to SQLite. */
function startOf(file: string): string {
  const bytes = Buffer.alloc(16)
  const handle = openSync(file, 'r')
  try {
    return bytes.toString('latin1', 0, readSync(handle, bytes, 0, 16, 0))
  } finally {
    closeSync(handle)
  }
}
