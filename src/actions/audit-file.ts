/**
 * Events of the log as a file for another program: those that match, as far as
 * whoever asks may see them. The whole log, which can be verified, is written by
 * the terminal.
 */

import { findEvents } from '../audit/find-events.ts'
import { FORMAT, type FormatName } from '../audit/format/format.ts'
import type { Action, RunContext } from '../gate/action.ts'
import type { OwnFile } from '../gate/own-action.ts'
import type { ListInput, RecordList } from '../gate/records.ts'
import { seenInLog } from './seen-event.ts'

/** So many a file holds; of more the newest. */
export const MOST_IN_FILE = 10_000

export interface EventFile {
  readonly file: OwnFile
  readonly events: number
  /** Whether older ones matched too. */
  readonly isCut: boolean
}

/** Oldest first. Events that no checkpoint covers yet are left out, as everywhere where the log leaves. */
export async function eventFile(
  list: Pick<Action<ListInput, RecordList>, 'run'>,
  matching: ListInput,
  format: FormatName,
  context: RunContext,
): Promise<EventFile> {
  const { keys, isCut } = await matchingKeys(list, matching, context)
  const found = await findEvents(context.connection, keys)
  const { extension, mediaType, head, line, lineEnd } = FORMAT[format]
  const lines = keys.toReversed().flatMap((key) => {
    const { event, sequence = null } = found.get(key) ?? {}
    if (!event || sequence === null) return []
    return [`${line({ event: seenInLog(event, context), sequence })}${lineEnd}`]
  })
  const day = new Date(context.now).toISOString().slice(0, 10)
  return {
    file: { name: `audit-${day}.${extension}`, type: mediaType, content: `${head}${lines.join('')}` },
    events: lines.length,
    isCut,
  }
}

/** Newest first. */
async function matchingKeys(
  list: Pick<Action<ListInput, RecordList>, 'run'>,
  matching: ListInput,
  context: RunContext,
): Promise<{ readonly keys: readonly string[]; readonly isCut: boolean }> {
  const keys: string[] = []
  let cursor: string | null = null
  do {
    const page: RecordList = await list.run({ ...matching, cursor }, context)
    keys.push(...page.records.flatMap(({ key }) => key ?? []))
    cursor = page.page.next
  } while (cursor !== null && keys.length < MOST_IN_FILE)
  return { keys: keys.slice(0, MOST_IN_FILE), isCut: cursor !== null || keys.length > MOST_IN_FILE }
}
