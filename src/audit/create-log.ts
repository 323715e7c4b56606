/**
 * The audit log put together: appending, folding reads, and the runner that
 * keeps sealing what has committed.
 */

import { createHash } from 'node:crypto'
import type { Connection } from '../database/database.ts'
import type { KeyRings } from '../keys/keys.ts'
import type { Store } from '../store/store.ts'
import { inStore } from '../store/tables.ts'
import { type AppendParts, append, appendAll } from './append.ts'
import type { EventDraft } from './event.ts'
import type { AuditLog } from './log.ts'
import { BATCH, isDue, runBatch } from './sequencer.ts'
import { isChange, parseEvent } from './stored-event.ts'
import { unsealedValues } from './unsealed.ts'

export interface CreateAuditLogOptions extends AppendParts {
  readonly keys: KeyRings
  readonly store: Store
  /** Milliseconds between two looks for something to seal; null: only when asked to. 200 by default. */
  readonly everyMs?: number | null
  /** Told once when sealing on its own begins to fail; it is tried again at every tick. */
  onError?(error: unknown): void
}

export interface RunningAuditLog extends AuditLog {
  /** Seals everything that has committed by now. */
  seal(): Promise<void>
  /** How many events wait for a checkpoint, and since when (RFC 3339); for readiness and alarms. */
  backlog(): Promise<{ readonly waiting: number; readonly oldestAt: string | null }>
}

const EVERY_MS = 200
/** Ticks of rest after a batch: under steady activity about one checkpoint a second. */
const REST_TICKS = 4
const FOLD_MS = 60_000
/** How many reads are remembered to fold; the oldest are forgotten first. */
const MOST_FOLDS = 10_000

/** The log of that store. Its timer keeps no process alive. */
export function createAuditLog(options: CreateAuditLogOptions): RunningAuditLog {
  const { store, clock, everyMs = EVERY_MS } = options
  const { database } = store
  const folds = new Map<string, Fold>()
  const runner = createRunner(options)
  const timer = everyMs === null ? null : setInterval(runner.tick, everyMs).unref()

  /** Nobody holds a lock for it; only events that name the one before them must go in one after another. */
  function appendAlone(draft: EventDraft): Promise<string> {
    return database.write((connection) => append(options, connection, draft), {
      isolation: isChange(draft) ? 'serializable' : 'read-committed',
    })
  }

  return {
    append: (connection, draft) => append(options, connection, draft),
    appendAll: (connection, drafts) => appendAll(options, connection, drafts),
    appendAlone,
    appendAllAlone: (drafts) =>
      database.write((connection) => appendAll(options, connection, drafts), {
        isolation: drafts.some(isChange) ? 'serializable' : 'read-committed',
      }),
    async appendRead(draft, sameness) {
      const fold = foldOf(draft, sameness)
      const now = clock()
      // Either way, since a clock that was set back must not silence the log until it has caught up.
      const last = folds.get(fold)
      if (last && Math.abs(now - last.at) < FOLD_MS) {
        last.count += 1
        return null
      }
      const id = await appendAlone(last ? withFolded(draft, last.count) : draft)
      // Only now: a read whose event did not commit must not hide the next one.
      folds.delete(fold)
      folds.set(fold, { at: now, count: 0 })
      for (const oldest of folds.keys()) {
        if (folds.size <= MOST_FOLDS) break
        folds.delete(oldest)
      }
      return id
    },
    async sealed(eventId) {
      while (!(await hasSequence(database.now, eventId))) await runner.run()
    },
    async find(eventId) {
      const row = await inStore(database.now)
        .selectFrom('castellan_audit_event')
        .select(['event', 'sequence'])
        .where('id', '=', eventId)
        .executeTakeFirst()
      const event = row && parseEvent(row.event)
      return event ? { event, sequence: row.sequence === null ? null : Number(row.sequence) } : null
    },
    unsealed: (connection, events) => unsealedValues(connection, options.keys, events),
    seal: runner.run,
    async backlog() {
      const { waiting, oldestAt } = await inStore(database.now)
        .selectFrom('castellan_audit_event')
        .select(({ fn }) => [fn.countAll().as('waiting'), fn.min('occurred_at').as('oldestAt')])
        .where('sequence', 'is', null)
        .executeTakeFirstOrThrow()
      return { waiting: Number(waiting), oldestAt }
    },
    async close() {
      if (timer) clearInterval(timer)
      await runner.looked()
      try {
        await runner.run()
      } catch (error) {
        // What waits is sealed by the next start; whoever closes must get to close the rest.
        if (!options.onError) throw error
        options.onError(error)
      }
    },
  }
}

interface Runner {
  /** Runs batches until nothing waits that had committed when it was called. */
  run(): Promise<void>
  tick(): void
  /** Resolves when what the last tick began is over. */
  looked(): Promise<void>
}

function createRunner({ store, keys, clock, onError }: CreateAuditLogOptions): Runner {
  let installation: string | null = null
  /** Never rejects; settled when nothing runs. */
  let underWay: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  let isLooking = false
  let looking: Promise<void> = Promise.resolve()
  let isFailing = false
  let rest = 0

  async function batches(): Promise<void> {
    installation ??= await store.installation()
    const parts = { keys, clock, installation }
    while ((await runBatch(store.database, parts)) === BATCH);
  }

  /** The one under way may have read before our event committed, so whoever asks meanwhile shares the next. */
  function run(): Promise<void> {
    next ??= underWay.then(async () => {
      next = null
      const running = batches()
      underWay = running.catch(() => {})
      await running
    })
    return next
  }

  async function runWhenDue(): Promise<void> {
    if (rest > 0) {
      rest -= 1
      return
    }
    isLooking = true
    try {
      if (await isDue(store.database.now, clock)) {
        await run()
        rest = REST_TICKS
      }
      isFailing = false
    } catch (error) {
      if (!isFailing) onError?.(error)
      isFailing = true
    } finally {
      isLooking = false
    }
  }

  return {
    run,
    tick() {
      // never rejects: what fails is told to onError
      if (!isLooking) looking = runWhenDue()
    },
    looked: () => looking,
  }
}

/** @throws TypeError for an event that has not committed: nothing would ever seal it. */
async function hasSequence(connection: Connection, eventId: string): Promise<boolean> {
  const row = await inStore(connection)
    .selectFrom('castellan_audit_event')
    .select('sequence')
    .where('id', '=', eventId)
    .executeTakeFirst()
  if (!row) throw new TypeError('An audit event can only be sealed once it has committed.')
  return row.sequence !== null
}

/** A read that was recorded, and how many like it were not since. */
interface Fold {
  readonly at: number
  count: number
}

/** The next event says how many were left out: what is folded is recorded itself. */
function withFolded(draft: EventDraft, folded: number): EventDraft {
  return folded === 0 ? draft : { ...draft, details: { ...draft.details, folded } }
}

/** What makes two reads the same, in a bounded form. */
function foldOf({ principal, session, action }: EventDraft, sameness: string): string {
  const parts = JSON.stringify([principal.kind, principal.id, session, action, sameness])
  return createHash('sha256').update(parts).digest('base64')
}
