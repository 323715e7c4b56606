/** `castellan token create`: a service token, printed once and stored only as a hash. */

import { act } from './act.ts'
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
    const expiresAt = workshop.clock() + lengthOfTime('expires', given.text('expires') ?? '90d')
    const { token } = await act<{ readonly token: string }>(tokenCreate, given, workshop, {
      action: 'castellan.tokens.create',
      input: { name, roles, actions: actions === undefined ? null : listed(actions), expiresAt },
    })
    workshop.terminal.tell(`The token of "${name}" is good until ${instantText(expiresAt)}.`)
    workshop.terminal.print(token)
    return EXIT.done
  },
}
