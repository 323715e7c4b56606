/**
 * Verifying a log from nothing but what is stored: every leaf is computed again
 * from the bytes of its event, every root from the leaves, every checkpoint is
 * checked against root, key and the checkpoint before it.
 *
 * Since each root is computed over the same growing row of leaves, two
 * checkpoints that both fit prove that the smaller tree begins the larger.
 * It reads pages and keeps one edge of the tree, so a log of any length fits in memory.
 */

import { checkEvent } from './check-event.ts'
import type { ReadCheckpoint } from './checkpoint.ts'
import { type BrokenLink, checkpointChain, type GoodLink, keysFrom, readAnchor } from './checkpoint-chain.ts'
import { beginningOf, UNDER_WAY_MS } from './ending.ts'
import type { AuditEvent } from './event.ts'
import type { LoggedEvent, LogReader } from './log-reader.ts'
import { type NoteKey, noteKeyFingerprint } from './note.ts'
import type { VerifyReport } from './report.ts'
import { emptyRoot, type Frontier, frontier, isSame } from './tree.ts'

export interface VerifyOptions {
  /** UTC, milliseconds since the epoch: tells an event that waits its turn from one that was left out. */
  readonly now: number
  /** The keys that the caller trusts; absent: those found with the log, which proves less. */
  readonly pinned?: readonly NoteKey[]
  /** Checkpoints kept elsewhere, as signed notes: finds a log that was cut off, or rewritten as a whole. */
  readonly anchor?: string
}

interface Fault {
  readonly sequence: number
  /** The end of a sentence. */
  readonly reason: string
}

/** An event waits this long at most before somebody has to ask why. */
const WAITING_MS = 5_000
const MOST_WARNINGS = 5

/**
 * Verifies the log. `tampered` names the first sequence from which on it is not
 * what was signed: exactly, where the hashes recorded for an event tell; else the
 * first that no good checkpoint covers.
 *
 * @throws AdminError `invalid-input` when the anchor is none, or is not signed by the pinned key.
 */
export async function verifyLog(reader: LogReader, options: VerifyOptions): Promise<VerifyReport> {
  const { pinned, anchor } = options
  const keys = pinned ?? (await reader.keys())
  const anchors =
    anchor === undefined
      ? []
      : readAnchor(anchor, pinned ? await keysFrom(reader.checkpoints(), pinned) : null)
  const waiting = await reader.waiting()
  const walk = startWalk(checkpointChain(reader.checkpoints(), keys), anchors, options.now)

  const fault = await walk.through(reader.events())
  const seen = {
    ...walk.seen(),
    fingerprint: fingerprintOf(walk.signer() ?? keys[0]),
    isPinned: pinned !== undefined,
  }
  if (fault) return { ...seen, kind: 'tampered', ...fault }
  const gap = gapOf(waiting, options.now) ?? keylessGap(keys, seen.checkpoints)
  return gap ? { ...seen, kind: 'incomplete', reason: gap } : { ...seen, kind: 'verified' }
}

function fingerprintOf(key: NoteKey | undefined): string | null {
  return key ? noteKeyFingerprint(key) : null
}

function gapOf({ count, oldestAt }: Awaited<ReturnType<LogReader['waiting']>>, now: number): string | null {
  if (oldestAt === null || now - Date.parse(oldestAt) < WAITING_MS) return null
  return `${count} events wait for a checkpoint since ${oldestAt}; start the admin to have them sealed`
}

function keylessGap(keys: readonly NoteKey[], checkpoints: number): string | null {
  return keys.length > 0 || checkpoints === 0 ? null : 'there is no key to check the signatures with'
}

/** One walk over a log, from its first event to its last. */
interface Walk {
  /** The first fault, or null when every event and checkpoint is good. */
  through(pages: AsyncIterable<readonly LoggedEvent[]>): Promise<Fault | null>
  /** What was found good. */
  seen(): {
    events: number
    checkpoints: number
    root: string
    handOvers: VerifyReport['handOvers']
    warnings: readonly string[]
  }
  /** Who signed the last good checkpoint. */
  signer(): NoteKey | null
}

function startWalk(
  chain: AsyncGenerator<GoodLink | BrokenLink>,
  anchors: readonly ReadCheckpoint[],
  now: number,
): Walk {
  /** Over the leaves as computed from the bytes. */
  const tree = frontier()
  /** Over the leaves as recorded, once an event does not fit what was recorded: tells whether it is the only one. */
  let recorded: Frontier | null = null
  let suspect: Fault | null = null
  let next: GoodLink | BrokenLink | null = null
  let last: GoodLink | null = null
  const anchored = createAnchored(anchors)
  const clock = createClockWatch()
  const outcomes = createOutcomeWatch(now)
  const handOvers: { readonly checkpoint: number; readonly fingerprint: string }[] = []
  const covered = (): number => last?.checkpoint.size ?? 0

  async function advance(): Promise<void> {
    const { value, done } = await chain.next()
    next = done ? null : value
  }

  /** Adds one event to the tree; a fault only when it stands in the wrong place. */
  function visit(logged: LoggedEvent): Fault | null {
    const sequence = tree.size + 1
    if (logged.sequence !== sequence) return suspect ?? misplaced(logged.sequence, sequence)
    const { leaf, event, fault } = checkEvent(logged)
    if (event) {
      clock.event(sequence, event.occurredAt)
      outcomes.event(sequence, event)
    }
    if (fault && !suspect) {
      suspect = { sequence, reason: fault }
      recorded = tree.copy()
    }
    tree.append(leaf)
    recorded?.append(logged.recorded.at(-1) ?? leaf)
    return null
  }

  function isToSettle(): boolean {
    return next?.kind === 'broken' || next?.checkpoint.size === tree.size
  }

  /** Holds every checkpoint of the tree's present size against it. */
  async function settle(): Promise<Fault | null> {
    while (next?.kind === 'good' && next.checkpoint.size === tree.size) {
      const fault = judge(next)
      if (fault) return fault
      clock.checkpoint(next)
      const { nextKey } = next.checkpoint
      if (nextKey) handOvers.push({ checkpoint: next.number, fingerprint: noteKeyFingerprint(nextKey) })
      last = next
      await advance()
    }
    return next?.kind === 'broken' ? { sequence: covered() + 1, reason: next.reason } : null
  }

  async function throughPage(page: readonly LoggedEvent[]): Promise<Fault | null> {
    for (const logged of page) {
      // most events are the last of no checkpoint, and nothing is awaited for them
      const fault = visit(logged) ?? (isToSettle() ? await settle() : null) ?? anchored.at(tree, last)
      if (fault) return fault
    }
    return null
  }

  function judge({ number, checkpoint: { size, root } }: GoodLink): Fault | null {
    const fits = isSame(root, tree.root())
    if (fits && !suspect) return null
    if (suspect && (fits || (recorded && isSame(root, recorded.root())))) return suspect
    const first = covered() + 1
    const which = size > first ? `one of the events ${first} to ${size}` : `event ${size}`
    return { sequence: first, reason: `${which} is not what checkpoint ${number} signs` }
  }

  function atEnd(): Fault | null {
    if (suspect) return suspect
    const sequence = tree.size + 1
    if (next?.kind === 'good') {
      const { number, checkpoint } = next
      return { sequence, reason: `missing, though checkpoint ${number} covers ${checkpoint.size} events` }
    }
    if (tree.size > covered()) return { sequence: covered() + 1, reason: 'no checkpoint covers it' }
    return anchored.atEnd(tree)
  }

  return {
    async through(pages) {
      await advance()
      const atStart = (await settle()) ?? anchored.at(tree, last)
      if (atStart) return atStart
      for await (const page of pages) {
        const fault = await throughPage(page)
        if (fault) return fault
      }
      return atEnd()
    },
    seen: () => ({
      events: covered(),
      checkpoints: last?.number ?? 0,
      root: Buffer.from(last?.checkpoint.root ?? emptyRoot()).toString('hex'),
      handOvers,
      warnings: [...clock.warnings(), ...outcomes.warnings()],
    }),
    signer: () => last?.signer ?? null,
  }
}

function misplaced(found: number | null, expected: number): Fault {
  if (found === null) return { sequence: expected, reason: 'what stands there is no event of a log' }
  if (found > expected) return { sequence: expected, reason: 'the event is missing' }
  return { sequence: Math.max(found, 1), reason: 'the number stands twice' }
}

/** Holds the tree against the checkpoints that the caller kept elsewhere. */
function createAnchored(anchors: readonly ReadCheckpoint[]) {
  let held = 0
  return {
    at(tree: Frontier, last: GoodLink | null): Fault | null {
      for (let anchor = anchors[held]; anchor?.size === tree.size; anchor = anchors[held]) {
        if (last && last.checkpoint.origin !== anchor.origin) {
          return { sequence: 1, reason: `the anchor is of another log, ${anchor.origin}` }
        }
        if (!isSame(anchor.root, tree.root())) {
          const first = (anchors[held - 1]?.size ?? 0) + 1
          return {
            sequence: first,
            reason: `one of the events ${first} to ${anchor.size} is not what the anchor holds`,
          }
        }
        held += 1
      }
      return null
    },
    atEnd(tree: Frontier): Fault | null {
      const anchor = anchors[held]
      if (!anchor) return null
      return { sequence: tree.size + 1, reason: `missing, though the anchor covers ${anchor.size} events` }
    },
  }
}

/** What began and never ended: the log is whole, and yet nobody knows whether that change stands. */
function createOutcomeWatch(now: number) {
  const begun = new Map<string, { readonly sequence: number; readonly at: number }>()
  return {
    event(sequence: number, event: AuditEvent): void {
      if (event.outcome === 'started') begun.set(event.id, { sequence, at: Date.parse(event.occurredAt) })
      const beginning = beginningOf(event)
      if (beginning !== null) begun.delete(beginning)
    },
    warnings(): readonly string[] {
      const cutOff = [...begun.values()].filter(({ at }) => now - at > UNDER_WAY_MS)
      const told = cutOff
        .slice(0, MOST_WARNINGS)
        .map(({ sequence }) => `what began at sequence ${sequence} has no end: its outcome is unknown`)
      const more = cutOff.length - told.length
      return more > 0 ? [...told, `${more} more have no end`] : told
    },
  }
}

/** Clocks that go back prove nothing, but somebody should know. */
function createClockWatch() {
  const found: string[] = []
  let count = 0
  let [occurredAt, issuedAt] = ['', '']
  function warn(warning: string): void {
    count += 1
    if (found.length < MOST_WARNINGS) found.push(warning)
  }
  return {
    event(sequence: number, at: string): void {
      if (at < occurredAt) warn(`the clock went back at sequence ${sequence}`)
      occurredAt = at
    },
    checkpoint({ number, checkpoint }: GoodLink): void {
      if (checkpoint.issuedAt < issuedAt) warn(`the clock went back at checkpoint ${number}`)
      issuedAt = checkpoint.issuedAt
    },
    warnings: (): readonly string[] =>
      count > found.length ? [...found, `the clock went back ${count - found.length} more times`] : found,
  }
}
