/** `castellan doctor`: the production checklist of one installation. */

import { statSync } from 'node:fs'
import { anchorStates } from '../../audit/anchor/anchoring.ts'
import { verifyWithAnchors } from '../../audit/anchor/read-anchors.ts'
import { exitCodeOf, reportLines } from '../../audit/report.ts'
import { sinkStates } from '../../audit/sink/state.ts'
import { AdminError } from '../../errors.ts'
import type { RecordList } from '../../gate/records.ts'
import type { PeopleList } from '../../gate/standing.ts'
import { asSystem, everyPage } from './act.ts'
import { checklist, type Facts, type KeyFacts, type Line, type StoreFacts } from './checklist.ts'
import { type Checked, type Command, EXIT, type Given, type Installation, type Workshop } from './command.ts'
import { installationOf, WHERE } from './installation.ts'
import { withStore } from './log-source.ts'
import { tableOf, textOf } from './table.ts'
import { type Listed, peopleOf } from './user-list.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check an installation against the production checklist.',
  description:
    'One line a point, each pass, warn or fail with the remedy, and what could not be used of the databases. Exits with 1 when one fails.',
  options: WHERE,
  async run(given, workshop) {
    const lines = await examined(given, workshop)
    workshop.terminal.print(tableOf(lines.map(({ grade, name, text }) => [grade, name, text])))
    return lines.some(({ grade }) => grade === 'fail') ? EXIT.failed : EXIT.done
  },
}

/** A configuration that does not start fails with its own mistakes; nothing else can be said of it. */
async function examined(given: Given, workshop: Workshop): Promise<readonly Line[]> {
  try {
    const installation = await installationOf(given, workshop)
    return checklist(await factsOf(installation, given, workshop))
  } catch (error) {
    if (!(error instanceof AdminError) || error.mistakes.length === 0) throw error
    return error.mistakes.map(({ id, place, problem, remedy }) => ({
      grade: 'fail',
      name: 'configuration',
      text: `${id} ${place}: ${problem} ${remedy}`,
    }))
  }
}

async function factsOf(installation: Installation, given: Given, workshop: Workshop): Promise<Facts> {
  const checked = workshop.check(installation)
  const { environment, nodeVersion } = workshop
  const isConfigured =
    Boolean(environment['CASTELLAN_SECRET_KEY']) || installation.file?.options['secretKeys'] !== undefined
  return {
    checked,
    nodeVersion,
    isProduction: environment['NODE_ENV'] === 'production',
    mail: await workshop.mailOf(installation),
    secret: isConfigured ? 'configured' : 'generated',
    store: await storeFacts(installation, checked, given, workshop),
  }
}

/** Looks without making anything: the tables of a store that has none are not made for a check. */
async function storeFacts(
  installation: Installation,
  { store: { file, isTemporary } }: Checked,
  given: Given,
  workshop: Workshop,
): Promise<StoreFacts | null> {
  if (isTemporary) return null
  const audit = await verified(installation, workshop)
  if (audit === null) return null
  const { pages, rings, sources } = await asSystem(doctor, given, workshop, async (act, admin) => ({
    pages: await everyPage<PeopleList>(act, 'castellan.people.list'),
    rings: await everyPage<RecordList>(act, 'castellan.keys.list'),
    sources: admin.sources,
  }))
  const people: readonly Listed[] = pages.flatMap(peopleOf)
  const keys = rings.flatMap((page) => keysOf(page, workshop.clock()))
  return {
    people,
    keys,
    fileMode: file === null ? null : statSync(file).mode,
    audit,
    sources,
    ...(await keepers(installation, workshop)),
  }
}

/** How the anchors and the sinks fare, as the server that serves them has noted it. */
async function keepers(
  installation: Installation,
  workshop: Workshop,
): Promise<Pick<StoreFacts, 'anchors' | 'sinks'>> {
  const labels = (await workshop.anchorsOf(installation)).map(({ label }) => label)
  const names = workshop.sinksOf(installation)
  if (labels.length + names.length === 0) return { anchors: [], sinks: [] }
  const database = await workshop.openStore(installation)
  try {
    const now = workshop.clock()
    return {
      anchors: await anchorStates(database.now, labels, now),
      sinks: await sinkStates(database.now, names, now),
    }
  } finally {
    await database.close()
  }
}

const DAY_MS = 86_400_000

function keysOf({ records }: RecordList, now: number): readonly KeyFacts[] {
  return records.map(({ values }) => ({
    ring: textOf(values['purpose']) ?? '',
    state: textOf(values['state']) ?? '',
    ageDays: (now - Date.parse(textOf(values['created_at']) ?? '')) / DAY_MS,
  }))
}

/** Null where there is no log yet. */
async function verified(installation: Installation, workshop: Workshop): Promise<StoreFacts['audit'] | null> {
  try {
    const now = workshop.clock()
    const report = await withStore(installation, workshop, (reader, anchors) =>
      verifyWithAnchors(reader, anchors, { now }),
    )
    return { isVerified: exitCodeOf(report) === 0, line: reportLines(report)[0] ?? '' }
  } catch (error) {
    if (error instanceof AdminError && error.code === 'not-found') return null
    throw error
  }
}
