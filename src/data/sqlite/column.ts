/**
 * What is known of a SQLite column beyond the model: facts that only the
 * adapter needs to read, compare and write it.
 */

import type { Form } from './temporal.ts'

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric'

export interface Column {
  readonly affinity: Affinity
  /** Whether the column may hold NULL; a key that SQLite does not protect may. */
  readonly isNullable: boolean
  /** How the column itself compares text; `BINARY` unless declared. */
  readonly collation: string
  /** For moments. */
  readonly form: Form | null
}

/** The affinity of a declared type (https://www.sqlite.org/datatype3.html, section 3.1). */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}
