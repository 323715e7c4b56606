/**
 * The files of a project that `init` adds to: each is left as it is but for
 * what is added, and every function says what it did, one line a file.
 */

import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { AdminError } from '../../errors.ts'

const ONLY_OWNER = 0o600

/** @throws AdminError `conflict` when the file is there, `internal` when it can't be written. */
export function writeNew(file: string, text: string, mode = 0o644): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode })
  } catch (cause) {
    throw unwritten(file, cause)
  }
}

/** Adds variables that `.env` lacks: name, value, and a comment that says what for. */
export function withVariables(
  folder: string,
  variables: readonly (readonly [string, string, string])[],
): readonly string[] {
  const file = join(folder, '.env')
  const isThere = existsSync(file)
  const text = isThere ? readFileSync(file, 'utf8') : ''
  const known = parseEnv(text)
  const missing = variables.filter(([name]) => !known[name])
  if (missing.length === 0) return ['.env: has everything already.']
  const added = missing.map(([name, value, comment]) => `# ${comment}\n${name}=${inEnv(value)}\n`).join('')
  const names = missing.map(([name]) => name).join(', ')
  if (!isThere) {
    writeNew(file, added, ONLY_OWNER)
    return [`.env: made, for its owner alone, with ${names}.`]
  }
  append(file, text, added)
  const isOpen = (statSync(file).mode & 0o077) !== 0
  return [
    `.env: added ${names}.`,
    ...(isOpen ? ['  Other accounts of this machine may read it. Run "chmod 600 .env".'] : []),
  ]
}

/** Adds the lines that a file lacks; makes the file where there is none. */
export function addLines(folder: string, name: string, lines: readonly string[]): readonly string[] {
  const file = join(folder, name)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const known = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ''))
  const missing = lines.filter((line) => !known.includes(line.replace(/\/$/, '')))
  if (missing.length === 0) return []
  append(file, text, missing.map((line) => `${line}\n`).join(''))
  return [`${name}: ${text === '' ? 'made' : 'added'} ${missing.join(', ')}.`]
}

interface PackageJson {
  readonly name?: string
  readonly type?: string
  readonly scripts?: Readonly<Record<string, string>>
}

/** The folder's package.json, as far as it can be read. */
export function readPackage(folder: string): PackageJson | null {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    // every member is looked at as if it might be missing
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as PackageJson) : null
  } catch {
    return null
  }
}

/** Whether Node.js takes a file `x.ts` in the folder for CommonJS: the nearest package.json says so. */
export function isCommonJs(folder: string): boolean {
  if (existsSync(join(folder, 'package.json'))) return readPackage(folder)?.type === 'commonjs'
  const above = dirname(folder)
  return above !== folder && isCommonJs(above)
}

/** Adds a script to a package.json that is there and has none of that name; keeps its indentation. */
export function addScript(folder: string, name: string, command: string): readonly string[] {
  const file = join(folder, 'package.json')
  const read = readPackage(folder)
  if (!read) return existsSync(file) ? ['package.json: left alone, since it can not be read.'] : []
  if (read.scripts && Object.hasOwn(read.scripts, name)) {
    return [`package.json: left alone, since it has a script "${name}".`]
  }
  const text = readFileSync(file, 'utf8')
  const [, indent = '  '] = /^([ \t]+)"/m.exec(text) ?? []
  const changed = { ...read, scripts: { ...read.scripts, [name]: command } }
  try {
    writeFileSync(file, `${JSON.stringify(changed, null, indent)}${text.endsWith('\n') ? '\n' : ''}`)
  } catch (cause) {
    throw unwritten(file, cause)
  }
  return [`package.json: added the script "${name}".`]
}

/** Whether `import 'castellan'` finds a package from this folder. */
export function isInstalled(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', 'castellan', 'package.json'))) return true
  if (readPackage(folder)?.name === 'castellan') return true
  const above = dirname(folder)
  return above !== folder && isInstalled(above)
}

function append(file: string, text: string, added: string): void {
  try {
    appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${added}`)
  } catch (cause) {
    throw unwritten(file, cause)
  }
}

/** A value as `.env` takes it, in the quotes that it does not contain itself. */
function inEnv(value: string): string {
  const forms = [value, `'${value}'`, `"${value}"`, `\`${value}\``]
  return forms.find((form) => parseEnv(`X=${form}`)['X'] === value) ?? value
}

function unwritten(file: string, cause: unknown): AdminError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'EEXIST')
    return new AdminError('conflict', `${file} is there already; it was left alone.`, { cause })
  const message = `${file} could not be written (${code}). Check the rights of its folder.`
  return new AdminError('internal', message, { cause })
}
