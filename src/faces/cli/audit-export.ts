/** `castellan audit export`: the log as files that can be verified anywhere. */

import { exportLog } from '../../audit/export.ts'
import { asSystem } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { needed } from './given.ts'
import { storeInstallationOf, WHERE } from './installation.ts'
import { withStore } from './log-source.ts'

export const auditExport: Command = {
  name: 'audit export',
  summary: 'Write the audit log, its checkpoints and its public key into a folder.',
  description: 'Exporting is recorded first. An export that is there already is never written over.',
  options: { to: { value: 'DIR', help: 'The folder, made when it is missing.' }, ...WHERE },
  async run(given, workshop) {
    const folder = needed(given, 'to', 'DIR')
    await asSystem(auditExport, given, workshop, (act) => act('castellan.audit.export', {}))
    const installation = await storeInstallationOf(given, workshop)
    const { events, checkpoints } = await withStore(installation, workshop, (reader) =>
      exportLog(reader, folder),
    )
    workshop.terminal.tell(`${events} events and ${checkpoints} checkpoints are in ${folder}.`)
    return EXIT.done
  },
}
