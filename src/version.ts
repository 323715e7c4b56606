/** Castellan's own version, as its package.json says. */

import { readFileSync } from 'node:fs'

const described: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

export const VERSION: string = String((described as { version: unknown }).version)
