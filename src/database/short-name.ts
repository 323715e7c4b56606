/** Short names for databases that nobody has named: ids of sources, parts of variables. */

import { basename, extname } from 'node:path'
import { type DatabaseUrl, parseDatabaseUrl } from './url.ts'

const FALLBACK = 'database'
/** Castellan's own models are called after it. */
const RESERVED = 'castellan'
const MAX_LENGTH = 32

/** One for each URL, made of the name of its database or file; no two are the same. */
export function shortNames(urls: readonly string[]): readonly string[] {
  const names: string[] = []
  for (const url of urls) names.push(free(shortName(url), names))
  return names
}

function shortName(text: string): string {
  try {
    const name = nameOf(parseDatabaseUrl(text, 'database'))
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '_')
      .replaceAll(/^[^a-z]+|[_-]+$/g, '')
      .slice(0, MAX_LENGTH)
    return name === '' || name === RESERVED ? FALLBACK : name
  } catch {
    // what is wrong with the URL is told with everything else that is
    return FALLBACK
  }
}

function nameOf(url: DatabaseUrl): string {
  switch (url.engine) {
    case 'sqlite':
      return basename(url.file, extname(url.file))
    case 'pglite':
      return basename(url.folder)
    default:
      return basename(url.address.label)
  }
}

function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  let number = 2
  while (taken.includes(`${name}_${number}`)) number += 1
  return `${name}_${number}`
}
