/**
 * The configuration file: a module whose default export is the options of
 * `createAdmin`. Node.js strips the types of one that is TypeScript.
 *
 * Here it is only loaded; `config.ts` checks what it exports, so that a mistake
 * is told in the same words as one in code or in a variable.
 */

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { AdminError, misconfigured } from './errors.ts'
import type { AdminOptions } from './options.ts'

/** The options as they are: gives `castellan.config.ts` their types. */
export function defineAdmin(options: AdminOptions): AdminOptions {
  return options
}

/**
 * Loads the module and answers its default export.
 * @param path Absolute.
 * @throws AdminError `misconfigured` with C401 to C406.
 */
export async function loadConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw mistake(
      'C401',
      path,
      'the file does not exist.',
      'Check the path, or make one with "castellan init".',
    )
  }
  const loaded = await imported(path)
  if (!('default' in loaded)) {
    throw mistake('C405', path, 'it has no default export.', REMEDY)
  }
  const options = loaded['default']
  if (!isPlain(options)) {
    throw mistake('C406', path, 'its default export is no object of options.', REMEDY)
  }
  return options
}

const REMEDY = 'Write "export default defineAdmin({ … })".'

async function imported(path: string): Promise<Readonly<Record<string, unknown>>> {
  const restore = silenceTypeless()
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw whyNot(path, error)
  } finally {
    restore()
  }
}

/** Node.js warns of a folder whose package.json does not say "module"; a configuration file works either way. */
function silenceTypeless(): () => void {
  const { emitWarning } = process
  process.emitWarning = ((...args: Parameters<typeof emitWarning>) => {
    const [, options] = args
    const isTypeless =
      typeof options === 'object' && 'code' in options && options.code === 'MODULE_TYPELESS_PACKAGE_JSON'
    if (!isTypeless) Reflect.apply(emitWarning, process, args)
  }) as typeof emitWarning
  return () => {
    process.emitWarning = emitWarning
  }
}

function whyNot(path: string, error: unknown): AdminError {
  if (error instanceof AdminError && error.mistakes.length > 0) return error
  const fault = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in fault ? String(fault.code) : ''
  const said = (fault.message.split('\n')[0] ?? '').slice(0, 200).replace(/\.$/, '')
  if (code === 'ERR_MODULE_NOT_FOUND') return missingModule(path, said)
  if (fault instanceof SyntaxError || code.includes('TYPESCRIPT_SYNTAX'))
    return unread(path, fault, code, said)
  return mistake('C404', path, `it threw while it was loaded: ${said}.`, 'Correct what it does.')
}

function missingModule(path: string, said: string): AdminError {
  const [, name = 'a module'] = /'([^']+)'/.exec(said) ?? []
  const isFile = /^[./]/.test(name)
  const remedy = isFile ? 'Check the path of the import.' : `Run "npm install ${name}" in its folder.`
  return mistake('C403', path, `it imports "${name}", which is not there.`, remedy)
}

function unread(path: string, fault: Error, code: string, said: string): AdminError {
  const [, line] = /^[^\n]*:(\d+)\n/.exec(fault.stack ?? '') ?? []
  const place = line === undefined ? path : `${path}:${line}`
  return mistake('C402', place, `it is no module that Node.js can read: ${said}.`, remedyFor(code, said))
}

function remedyFor(code: string, said: string): string {
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node.js strips types and nothing more: leave out enums, namespaces and parameter properties.'
  if (said.includes('outside a module'))
    return 'package.json says "commonjs": call the file castellan.config.mts (or .mjs), or write "type": "module" there.'
  return 'Correct it there.'
}

function mistake(id: string, place: string, problem: string, remedy: string): AdminError {
  return misconfigured([{ id, place, problem, remedy }])
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('then' in value)
}
