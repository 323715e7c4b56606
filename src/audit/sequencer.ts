/**
 * Phase two: committed events get their numbers, the tree grows, and a
 * checkpoint signs it, all in one write transaction.
 *
 * There is no standing leader. Any process may run a batch at any moment: the
 * last checkpoint, read under a lock that ends with the transaction, says how
 * far the log is. Numbers are given after commit, so no gap can arise, and a
 * killed process leaves either a whole batch or none. An event that commits
 * late, with a lower entry than others have, gets a later number.
 */

import type { Clock } from '../clock.ts'
import type { Connection, Database } from '../database/database.ts'
import { lockStore } from '../store/lock.ts'
import { inStore } from '../store/tables.ts'
import { handedOver } from './hand-over.ts'
import { type Head, headOf, keepCheckpoint, type SequenceParts } from './head.ts'
import { number } from './number.ts'
import { type Frontier, frontier, isSame, placesOf, type TreeNode } from './tree.ts'

/** How many events one transaction places at most: other writers wait for it. */
export const BATCH = 1_000
/** After this much silence the last checkpoint is signed anew, so that a log that stops is seen to. */
export const HEARTBEAT_MS = 60_000
/** Rows of one insert: SQLite takes 32,766 parameters. */
const ROWS_PER_INSERT = 1_000

/** Whether a batch has anything to do. A point read, cheap enough for every tick. */
export async function isDue(connection: Connection, clock: Clock): Promise<boolean> {
  const waiting = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('entry')
    .where('sequence', 'is', null)
    .orderBy('entry')
    .limit(1)
    .executeTakeFirst()
  if (waiting) return true
  const head = await headOf(connection)
  return head !== null && isSilent(head, clock())
}

/**
 * Places what is waiting, up to `BATCH` events, and signs the checkpoint. Returns how many it placed.
 *
 * @throws Error when what is stored of the tree does not fit its last checkpoint: the log was changed
 * by other hands, and signing on top of that would cover it up.
 */
export function runBatch(database: Database, parts: SequenceParts): Promise<number> {
  return database.write((connection) => placeWaiting(connection, parts), { isolation: 'read-committed' })
}

async function placeWaiting(connection: Connection, parts: SequenceParts): Promise<number> {
  await lockStore(connection)
  await parts.keys.catchUp(connection)
  const head = await handedOver(connection, parts, await headOf(connection))
  const waiting = await waitingEvents(connection)
  if (waiting.length === 0) {
    if (head && isSilent(head, parts.clock())) {
      await sign(connection, parts, head, { size: head.size, root: head.root })
    }
    return 0
  }
  const tree = await treeAt(connection, head)
  const entries = waiting.map(({ entry }) => entry)
  await number(connection, entries, tree.size)
  await insertNodes(
    connection,
    waiting.flatMap(({ leaf }) => tree.append(leaf)),
  )
  await sign(connection, parts, head, { size: tree.size, root: tree.root() })
  return waiting.length
}

function isSilent(head: Head, now: number): boolean {
  return now - Date.parse(head.issuedAt) >= HEARTBEAT_MS
}

/**
 * In the order of insertion, which for the changes of one record is the order of their commits: whoever
 * changes a record has locked it before the event goes in, and the next one waits for that.
 */
function waitingEvents(
  connection: Connection,
): Promise<readonly { readonly entry: number | bigint; readonly leaf: Uint8Array }[]> {
  return inStore(connection)
    .selectFrom('castellan_audit_event')
    .select(['entry', 'leaf'])
    .where('sequence', 'is', null)
    .orderBy('entry')
    .limit(BATCH)
    .execute()
}

async function treeAt(connection: Connection, head: Head | null): Promise<Frontier> {
  if (!head) return frontier()
  const places = placesOf({ begin: 0, end: head.size })
  const hashes: Uint8Array[] = []
  for (const { level, position } of places) {
    const node = await inStore(connection)
      .selectFrom('castellan_audit_node')
      .select('hash')
      .where('level', '=', level)
      .where('position', '=', position)
      .executeTakeFirst()
    if (node) hashes.push(node.hash)
  }
  if (hashes.length === places.length) {
    const tree = frontier(head.size, hashes)
    if (isSame(tree.root(), head.root)) return tree
  }
  throw new Error(
    `The audit log does not fit its checkpoint ${head.number}: nothing is added to it until "castellan audit verify" has been looked at.`,
  )
}

async function insertNodes(connection: Connection, nodes: readonly TreeNode[]): Promise<void> {
  for (let start = 0; start < nodes.length; start += ROWS_PER_INSERT) {
    await inStore(connection)
      .insertInto('castellan_audit_node')
      .values(nodes.slice(start, start + ROWS_PER_INSERT))
      .execute()
  }
}

async function sign(
  connection: Connection,
  parts: SequenceParts,
  head: Head | null,
  tree: { readonly size: number; readonly root: Uint8Array },
): Promise<void> {
  await keepCheckpoint(connection, parts, head, {
    ...tree,
    key: parts.keys.signing('checkpoint'),
    nextKey: null,
  })
}
