/**
 * What keeps the audit log honest while an admin runs: its checkpoints go to the
 * anchors, events that nobody seals are an alarm, and the whole of it is verified
 * by the calendar. An alarm is an event, and a line of the process's own log.
 */

import type { Logger } from 'pino'
import type { Anchor } from '../audit/anchor/anchor.ts'
import { type AnchorAlarm, keepDue } from '../audit/anchor/anchoring.ts'
import type { RunningAuditLog } from '../audit/create-log.ts'
import { lastVerifiedAt } from '../audit/last-verified.ts'
import type { Clock } from '../clock.ts'
import type { Configuration } from '../config.ts'
import type { Database } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import type { Gate } from '../gate/gate.ts'
import type { AuditVerified } from '../gate/recorded.ts'
import { systemPrincipal } from '../identity/principal.ts'
import { alarmDraft } from '../system-events.ts'
import { VERSION } from '../version.ts'

export interface LogCareParts {
  readonly own: Database
  readonly anchors: readonly Anchor[]
  readonly audit: Pick<RunningAuditLog, 'appendAlone' | 'backlog'>
  readonly gate: Pick<Gate, 'perform'>
  readonly clock: Clock
  readonly randomBytes: (size: number) => Uint8Array
  readonly log: Logger
}

export interface LogCare {
  /** One look at everything: what the clock calls for is done. Never rejects. */
  look(): Promise<void>
  /** Stops looking, behind a look that is under way. */
  close(): Promise<void>
}

const EVERY_MS = 1000
/** Events that have waited so long for their checkpoint are an alarm: they are sealed within a second. */
const BACKLOG_MS = 5000
const BACKLOG_LOOKS = 3
const HOUR_MS = 3_600_000
const ANCHOR_SECONDS = 60
const VERIFY_HOURS = 24
/** How often it is asked whether a verification is due, in looks. */
const ASK_EVERY = 60

/** @param looksByItself False: it looks when it is asked to, and nothing else. */
export function careForLog(
  { audit: option }: Pick<Configuration, 'audit'>,
  parts: LogCareParts,
  looksByItself: boolean,
): LogCare {
  const { own, anchors, clock, log } = parts
  const verifyMs = (option.verifyHours ?? VERIFY_HOURS) * HOUR_MS
  const anchoring = {
    ...{ database: own, anchors, clock },
    everyMs: (option.anchorSeconds ?? ANCHOR_SECONDS) * 1000,
    onAlarm: (alarm: AnchorAlarm) => raise(parts, `anchor ${alarm.label}`, alarm),
    onFault: (label: string, code: string) =>
      log.warn({ anchor: label, code }, 'an anchor kept nothing; it is tried again'),
  }
  let backlog = { oldestAt: '', looks: 0, isAlarm: false }
  let looks = 0
  let isClosed = false
  let running: Promise<void> | null = null

  async function watchBacklog(): Promise<void> {
    const { oldestAt } = await parts.audit.backlog()
    const { isAlarm } = backlog
    const isOld = oldestAt !== null && clock() - Date.parse(oldestAt) >= BACKLOG_MS
    // the same event as at the looks before: a clock that was set on makes none wait
    const looks = isOld && oldestAt === backlog.oldestAt ? backlog.looks + 1 : 0
    backlog = { oldestAt: oldestAt ?? '', looks, isAlarm: isOld && (isAlarm || looks >= BACKLOG_LOOKS) }
    if (backlog.isAlarm !== isAlarm) await raise(parts, 'backlog', { code: 'not-sealed', isOver: isAlarm })
  }

  async function lookOnce(): Promise<void> {
    for (const work of [() => keepDue(anchoring), watchBacklog, verifyWhenDue]) {
      try {
        if (!isClosed) await work()
      } catch (error) {
        log.warn({ err: error }, 'caring for the audit log failed; it is tried again')
      }
    }
  }

  async function verifyWhenDue(): Promise<void> {
    looks += 1
    if (verifyMs === 0 || looks % ASK_EVERY !== 0) return
    const last = await lastVerifiedAt(own.now)
    if (last !== null && clock() - Date.parse(last) >= verifyMs) await verifyNow(parts)
  }

  function look(): Promise<void> {
    running ??= lookOnce().finally(() => {
      running = null
    })
    return running
  }

  // what fails is told to the log; nothing here rejects
  const timer = looksByItself ? setInterval(() => void look(), EVERY_MS).unref() : null
  return {
    look,
    async close() {
      isClosed = true
      if (timer) clearInterval(timer)
      await running
    },
  }
}

/** An action like any other: the system asks the gate for it, which decides and records. Its event is the last result. */
async function verifyNow(parts: LogCareParts): Promise<void> {
  const { gate, clock, randomBytes, log } = parts
  try {
    const outcome = await gate.perform({
      action: 'castellan.audit.verify',
      input: {},
      principal: systemPrincipal('schedule', clock()),
      reason: 'the log is verified by the calendar',
      origin: {
        id: Buffer.from(randomBytes(16)).toString('hex'),
        traceparent: null,
        address: '',
        addressChain: [],
        userAgent: `castellan/${VERSION}`,
        method: 'SCHEDULE',
        route: 'audit verify',
      },
    })
    if (outcome.kind !== 'done') return
    // what the action answers, as its own type says
    const { report } = outcome.result as AuditVerified
    if (report.kind !== 'verified') await raise(parts, 'verification', { code: report.kind, isOver: false })
  } catch (error) {
    // a policy of the application's own that leaves the system no way in
    if (!(error instanceof AdminError)) throw error
    log.warn({ code: error.code }, 'The audit log was not verified by the calendar.')
  }
}

async function raise(
  { audit, log, clock, randomBytes }: LogCareParts,
  alarm: string,
  { code, isOver }: { readonly code: string; readonly isOver: boolean },
): Promise<void> {
  if (isOver) log.info({ alarm }, 'an alarm of the audit log is over')
  else log.error({ alarm, code }, 'an alarm of the audit log')
  await audit.appendAlone(alarmDraft({ alarm, code, isOver }, { clock, randomBytes }))
}
