/** `castellan audit export`: the log as files that can be verified anywhere, or as one file for another program. */

import { exportLog } from '../../audit/export.ts'
import { exportAs } from '../../audit/export-format.ts'
import { FORMATS, type FormatName } from '../../audit/format/format.ts'
import { asSystem } from './act.ts'
import { type Command, EXIT, type Given, UsageError } from './command.ts'
import { needed } from './given.ts'
import { storeInstallationOf, WHERE } from './installation.ts'
import { withStore } from './log-source.ts'

export const auditExport: Command = {
  name: 'audit export',
  summary: 'Write the audit log, its checkpoints and its public key into a folder.',
  description:
    'Exporting is recorded first. An export that is there already is never written over. With --format one file of events for another program is written instead, which cannot be verified by itself unless it is jsonl.',
  options: {
    to: { value: 'PATH', help: 'The folder, made when it is missing; with --format the file.' },
    format: { value: 'NAME', help: `One file instead: ${FORMATS.join(', ')}.` },
    ...WHERE,
  },
  async run(given, workshop) {
    const path = needed(given, 'to', 'PATH')
    const format = formatOf(given)
    await asSystem(auditExport, given, workshop, (act) =>
      act('castellan.audit.export', format ? { format } : {}),
    )
    const installation = await storeInstallationOf(given, workshop)
    if (format) {
      const count = await withStore(installation, workshop, (reader) => exportAs(reader, format, path))
      workshop.terminal.tell(`${count} events are in ${path}.`)
      return EXIT.done
    }
    const { events, checkpoints } = await withStore(installation, workshop, (reader) =>
      exportLog(reader, path),
    )
    workshop.terminal.tell(`${events} events and ${checkpoints} checkpoints are in ${path}.`)
    return EXIT.done
  },
}

/** @throws UsageError for a name that is none. */
function formatOf(given: Given): FormatName | null {
  const text = given.text('format')
  if (text === undefined) return null
  const found = FORMATS.find((name) => name === text)
  if (found) return found
  throw new UsageError(`--format must be one of ${FORMATS.join(', ')}; it is "${text}".`)
}
