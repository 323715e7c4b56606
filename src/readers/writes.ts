/** How an owner lets models be written whose ORM runs code of its own. */

import type { SourceDefinition } from '../data/source-definition.ts'
import { misconfigured } from '../errors.ts'

/**
 * What was chosen, `refuse` where nothing was.
 * @param from Whose option it is, for messages: `Drizzle`.
 * @throws AdminError `misconfigured` with D162 for anything else, as for `orm`, which is not honoured yet.
 */
export function writesOf(
  chosen: SourceDefinition['writes'] | undefined,
  from: string,
): SourceDefinition['writes'] {
  if (chosen === undefined || chosen === 'refuse' || chosen === 'sql') return chosen ?? 'refuse'
  throw misconfigured([
    {
      id: 'D162',
      place: `${from}: writes`,
      problem: `must be "refuse" or "sql"; it is ${JSON.stringify(chosen)}. Writing through an ORM is not honoured yet.`,
      remedy: 'Leave it out to keep such models read-only, or choose "sql".',
    },
  ])
}
