/** Reading, verifying and exporting the log. Nothing changes it: no role has a way to. */

import { z } from 'zod'
import { verifyWithAnchors } from '../audit/anchor/read-anchors.ts'
import { databaseReader } from '../audit/database-reader.ts'
import { endingsOf } from '../audit/ending.ts'
import { findEvents } from '../audit/find-events.ts'
import { FORMATS, type FormatName } from '../audit/format/format.ts'
import { lastCheckpoint, proofOf } from '../audit/proof.ts'
import { reportLines } from '../audit/report.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import { type ReadInput, readAction } from '../gate/record/read.ts'
import type {
  AuditCheckpoint,
  AuditExport,
  AuditList,
  AuditRead,
  AuditVerified,
  SeenEvent,
} from '../gate/recorded.ts'
import type { ListInput, RecordList, RecordRead, RecordView } from '../gate/records.ts'
import { eventFile } from './audit-file.ts'
import { erase } from './erase.ts'
import { readInput } from './input.ts'
import type { ActionParts } from './parts.ts'
import { seenInLog } from './seen-event.ts'

const MODEL = 'castellan.audit'
const LABEL = 'record_label'
const Nothing = z.strictObject({})
type Nothing = Record<string, never>
/** Without `matching`: that the log is handed out, which whoever asks then writes. With it: a file of those events. */
const ExportInput = z.strictObject({
  format: z.enum(FORMATS).optional(),
  event: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  matching: z.strictObject({ filters: z.array(z.unknown()), search: z.string().nullable() }).optional(),
})
interface ExportInput {
  readonly format: FormatName | null
  /** The id of the only one that is handed out, with its proof. */
  readonly event: string | null
  /** Of a file: which events it holds. */
  readonly matching: ListInput | null
}

const eventList: Action<ListInput, RecordList> = listAction(MODEL, 'audit.read')
const NEWEST_FIRST = [{ field: 'entry', direction: 'desc' }] as const
const PORTION = 200

type AuditActionParts = Pick<ActionParts, 'readAnchors'>

export function auditActions(parts: AuditActionParts): readonly Action[] {
  return [listEvents, readEvent, verify(parts), exportEvents, checkpoint, erase] as readonly Action[]
}

const listEvents: Action<ListInput, AuditList> = defineAction<ListInput, AuditList>({
  ...eventList,
  async run(input, context) {
    const found = await eventList.run(input, context)
    const events = await seenOf(
      found.records.flatMap(({ key }) => key ?? []),
      context,
    )
    const records = found.records.map((record) => calledAs(record, events[record.key ?? '']))
    return { ...found, records, events }
  },
})

const eventRead: Action<ReadInput, RecordRead> = readAction(MODEL, 'audit.read')
const readEvent: Action<ReadInput, AuditRead> = defineAction<ReadInput, AuditRead>({
  ...eventRead,
  async run(input, context) {
    const found = await eventRead.run(input, context)
    const key = context.target?.encodedKey ?? ''
    const seen = (await seenOf([key], context))[key]
    const { event = null, sequence = null, ending } = seen ?? {}
    const proof = sequence === null ? null : await proofOf(context.connection, sequence)
    const record = calledAs(found.record, seen)
    return { ...found, record, event, sequence, proof, ...(ending && { ending }) }
  },
})

/** By id, with how those ended that only began; one that can't be read is left out. */
async function seenOf(
  ids: readonly string[],
  context: RunContext,
): Promise<Readonly<Record<string, SeenEvent>>> {
  const found = await findEvents(context.connection, ids)
  const begun = [...found.values()].flatMap(({ event }) => (event.outcome === 'started' ? [event] : []))
  const endings = await endingsOf(context.connection, begun)
  return Object.fromEntries(
    [...found].map(([id, { event, sequence }]) => {
      const ending = endings.get(id)
      return [id, { event: seenInLog(event, context), sequence, ...(ending && { ending }) }]
    }),
  )
}

/** What the record was called stands beside the event too. Of an event that can't be read nothing is told. */
function calledAs(record: RecordView, seen: SeenEvent | undefined): RecordView {
  if (!Object.hasOwn(record.values, LABEL)) return record
  return { ...record, values: { ...record.values, [LABEL]: seen?.event.target?.label ?? null } }
}

function verify({ readAnchors }: AuditActionParts): Action<Nothing, AuditVerified> {
  return defineAction<Nothing, AuditVerified>({
    verb: 'verify',
    model: MODEL,
    label: 'Verify the log',
    on: 'model',
    access: 'read',
    kind: 'audit.verify',
    parse: (raw) => readInput(`${MODEL}.verify`, Nothing, raw),
    async run(_input, { connection, now, report: told }) {
      // before the log: it may only grow meanwhile, and an anchor must never be ahead of what is read
      const anchors = await readAnchors(connection)
      const report = await verifyWithAnchors(await databaseReader(connection), anchors, { now })
      told.count({ matched: report.events })
      told.detail({
        result: report.kind,
        root: report.root,
        ...(report.kind === 'tampered' && { firstBadSequence: report.sequence }),
      })
      return { report, lines: reportLines(report) }
    },
  })
}

const exportEvents: Action<ExportInput, AuditExport> = defineAction<ExportInput, AuditExport>({
  verb: 'export',
  model: MODEL,
  label: 'Export the log',
  on: 'model',
  access: 'read',
  kind: 'audit.export',
  async parse(raw, context) {
    const { format = null, event = null, matching } = readInput(`${MODEL}.export`, ExportInput, raw)
    if (!matching) return { format, event, matching: null }
    const list = await eventList.parse({ ...matching, sort: NEWEST_FIRST, limit: PORTION }, context)
    return { format: format ?? 'jsonl', event: null, matching: list }
  },
  async run({ format, event, matching }, context) {
    const { connection, report } = context
    if (format) report.detail({ format })
    const last = await lastCheckpoint(connection)
    const checkpoint = last?.note ?? null
    if (matching && format) {
      const { file, events, isCut } = await eventFile(eventList, matching, format, context)
      report.count({ exported: events })
      if (isCut) report.detail({ isCut })
      return { events, checkpoint, file }
    }
    const events = event === null ? (last?.size ?? 0) : 1
    report.count({ exported: events })
    if (event !== null) report.detail({ event })
    return { events, checkpoint }
  },
})

const checkpoint: Action<Nothing, AuditCheckpoint> = defineAction<Nothing, AuditCheckpoint>({
  verb: 'checkpoint',
  model: MODEL,
  label: 'Read the last checkpoint',
  on: 'model',
  access: 'read',
  kind: 'audit.read',
  isFolded: true,
  parse: (raw) => readInput(`${MODEL}.checkpoint`, Nothing, raw),
  async run(_input, { connection }) {
    return { checkpoint: (await lastCheckpoint(connection))?.note ?? null }
  },
})
