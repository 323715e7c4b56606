/**
 * The generated secret of an installation without a configured one: a demo, or
 * a server for one developer. Production brings its own in CASTELLAN_SECRET_KEY.
 */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { misconfigured } from '../../errors.ts'

const ONLY_OWNER = 0o600

/**
 * The secret in that file, or null when there is none.
 * @throws AdminError `misconfigured` when others on this machine may read it.
 */
export function readSecret(file: string): string | null {
  if (!existsSync(file)) return null
  if ((statSync(file).mode & 0o077) !== 0) {
    const problem = 'other accounts of this machine may read it.'
    throw misconfigured([{ id: 'C104', place: file, problem, remedy: `Run "chmod 600 ${file}".` }])
  }
  return readFileSync(file, 'utf8').trim()
}

/** Writes it for its owner alone. An existing file is never overwritten: keys may be wrapped with what it holds. */
export function keepSecret(file: string, secret: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${secret}\n`, { flag: 'wx', mode: ONLY_OWNER })
  chmodSync(file, ONLY_OWNER)
}

/** Removes a secret that wraps nothing, and its folder when nothing else is in it. */
export function removeSecret(file: string): void {
  rmSync(file, { force: true })
  if (readdirSync(dirname(file)).length === 0) rmdirSync(dirname(file))
}
