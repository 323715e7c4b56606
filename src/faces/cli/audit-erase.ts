/** `castellan audit erase`: personal values that the log holds of one record, made unreadable for good. */

import { asSystem } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { needed } from './given.ts'
import { WHERE } from './installation.ts'

export const auditErase: Command = {
  name: 'audit erase',
  summary: 'Make the personal values unreadable that the log holds of one record.',
  description: [
    'The key that they are sealed under is destroyed, and nobody can bring it back but from a backup. The',
    'record stays as it is, and the log verifies as before. That it was done is recorded with its ground.',
  ].join('\n'),
  options: {
    model: { value: 'MODEL', help: 'The model of the record, as in customers.' },
    key: { value: 'KEY', help: 'Its key, as in the address of its page.' },
    ground: { value: 'TEXT', help: 'What obliges to it, such as the request of the person.' },
    ...WHERE,
  },
  async run(given, workshop) {
    const input = {
      model: needed(given, 'model', 'MODEL'),
      key: needed(given, 'key', 'KEY'),
      ground: needed(given, 'ground', 'TEXT'),
    }
    await asSystem(auditErase, given, workshop, (act) => act('castellan.audit.erase', input))
    workshop.terminal.tell(`Nobody can read what the log held of ${input.model} "${input.key}" any more.`)
    return EXIT.done
  },
}
