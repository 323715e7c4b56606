/** How an owner lets models be written whose ORM runs code of its own. */

import type { SourceDefinition } from '../data/source-definition.ts'
import { misconfigured } from '../errors.ts'

/**
 * What was chosen, `refuse` where nothing was.
 * @param from Whose option it is, for messages: `Drizzle`.
 * @param noOrm Why writes can't go through this ORM, as a sentence; null: they can.
 * @throws AdminError `misconfigured` with D162 for anything else.
 */
export function writesOf(
  chosen: SourceDefinition['writes'] | undefined,
  from: string,
  noOrm: string | null = null,
): SourceDefinition['writes'] {
  if (chosen === undefined || chosen === 'refuse' || chosen === 'sql') return chosen ?? 'refuse'
  if (chosen === 'orm' && noOrm === null) return chosen
  throw misconfigured([
    {
      id: 'D162',
      place: `${from}: writes`,
      problem: problemOf(chosen, noOrm),
      remedy: 'Leave it out to keep such models read-only, or choose "sql".',
    },
  ])
}

function problemOf(chosen: unknown, noOrm: string | null): string {
  if (chosen === 'orm' && noOrm !== null) return `"orm" can not be honoured: ${noOrm}`
  const words = noOrm === null ? '"refuse", "sql" or "orm"' : '"refuse" or "sql"'
  return `must be ${words}; it is ${JSON.stringify(chosen)}.`
}
