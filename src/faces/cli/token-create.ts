/** `castellan token create`: a service token, printed once and stored only as a hash. */

import { asSystem } from './act.ts'
import { type Command, EXIT } from './command.ts'
import { lengthOfTime, listed, needed } from './given.ts'
import { WHERE } from './installation.ts'
import { instantText } from './table.ts'

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'Make a service token and print it once.',
  description: 'The token alone goes to standard output. It is not stored and cannot be shown again.',
  options: {
    name: { value: 'NAME', help: 'How the service is called.' },
    role: { value: 'ROLE', help: 'A role, or several with commas between them.' },
    actions: { value: 'PATTERNS', help: "What it may do at most, as in 'orders.*,customers.list'." },
    expires: { value: 'TIME', help: 'How long it is good for, as in 30d (90d).' },
    ...WHERE,
  },
  async run(given, workshop) {
    const name = needed(given, 'name', 'NAME')
    const roles = listed(needed(given, 'role', 'ROLE'))
    const actions = given.text('actions')
    const expiresAt = Math.floor(workshop.clock()) + lengthOfTime('expires', given.text('expires') ?? '90d')
    const input = { name, roles, actions: actions === undefined ? null : listed(actions), expiresAt }
    const { token } = await asSystem(tokenCreate, given, workshop, (act) =>
      act<{ readonly token: string }>('castellan.tokens.create', input),
    )
    workshop.terminal.tell(
      `The token of "${name}" is good until ${instantText(new Date(expiresAt).toISOString())}.`,
    )
    workshop.terminal.print(token)
    return EXIT.done
  },
}
