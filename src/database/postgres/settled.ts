/**
 * Sessions of our own pool that are settled once, and not at each transaction.
 *
 * Only where nothing stands between us and the server: a pooler lends its
 * sessions to others, who would find our settings there, and it knows nothing of
 * the names of our statements. It tells a number of its own where a server tells
 * the process that a session is served by, and is known by that.
 */

import type { ClientBase } from 'pg'
import { settledSession } from './session.ts'

/** A session that is ours for as long as it lives. */
export interface Settled {
  /** What a statement may take, unless its transaction says less. */
  readonly limitMs: number
  /** How the server knows a statement that is asked again and again; undefined: not by a name. */
  nameOf(text: string): string | undefined
  /** What the server no longer knows, or may no longer answer by its name. */
  forget(text: string): void
}

/** The first that are asked a second time are those of every page; what comes behind goes without a name. */
const MOST_NAMES = 100
const MOST_SEEN = 500
/**
 * A plan that is kept has to do for every word, and none that does goes by an index of words: what looks for one is
 * planned for that word, each time.
 */
const OF_WORDS = /\bI?LIKE\b/

export interface Settling {
  /** Before anybody has the session. Never rejects. */
  onConnect(client: ClientBase): Promise<void>
  /** Null: it has to be done at each transaction. */
  of(client: ClientBase): Settled | null
}

/** @param limitMs What a statement of these sessions may usually take. */
export function settling(limitMs: number): Settling {
  const settled = new WeakSet<ClientBase>()
  const names = new Map<string, string | undefined>()
  const seen = new Set<string>()
  const manner: Settled = {
    limitMs,
    nameOf(text) {
      if (OF_WORDS.test(text)) return undefined
      if (names.has(text) || names.size >= MOST_NAMES) return names.get(text)
      if (seen.delete(text)) names.set(text, `castellan_${names.size}`)
      else remember(seen, text)
      return names.get(text)
    },
    forget(text) {
      names.set(text, undefined)
    },
  }
  return {
    async onConnect(client) {
      if (await settle(client, limitMs)) settled.add(client)
    },
    of: (client) => (settled.has(client) ? manner : null),
  }
}

function remember(seen: Set<string>, text: string): void {
  seen.add(text)
  const [oldest] = seen
  if (seen.size > MOST_SEEN && oldest !== undefined) seen.delete(oldest)
}

async function settle(client: ClientBase, limitMs: number): Promise<boolean> {
  try {
    const { rows } = await client.query<{ readonly pid: string }>('SELECT pg_backend_pid()::text AS pid')
    if (Number(rows[0]?.pid) !== processOf(client)) return false
    await client.query(settledSession(limitMs))
    return true
  } catch {
    // whatever is wrong with the session, its first statement will say
    return false
  }
}

/** The driver knows it and does not declare it. */
function processOf(client: ClientBase): number | null {
  return (client as unknown as { readonly processID: number | null }).processID
}
