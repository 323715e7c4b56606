/** `castellan migrate`: Castellan's own tables, made or brought up to date, and nothing else. */

import { type Command, EXIT } from './command.ts'
import { installationOf, WHERE } from './installation.ts'

export const migrate: Command = {
  name: 'migrate',
  summary: "Make or update Castellan's own tables.",
  description: "The application's tables are never touched. It may run any number of times.",
  options: WHERE,
  async run(given, workshop) {
    const admin = await workshop.open(await installationOf(given, workshop))
    await admin.close()
    workshop.terminal.tell(`Castellan's own tables in ${admin.checked.store.label} are up to date.`)
    return EXIT.done
  },
}
