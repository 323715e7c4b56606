/** `castellan user create`: a person, made without a browser. */

import { asSystem } from './act.ts'
import { type Command, EXIT, UsageError } from './command.ts'
import { listed, needed } from './given.ts'
import { WHERE } from './installation.ts'

export const userCreate: Command = {
  name: 'user create',
  summary: 'Add a person.',
  description: [
    'The password is read from standard input, so that it stands in no history and no process list.',
    'A second factor is enrolled at the first sign-in, or here with --totp.',
  ].join('\n'),
  options: {
    email: { value: 'EMAIL', help: 'What the person signs in with.' },
    name: { value: 'NAME', help: 'How the person is called.' },
    role: { value: 'ROLE', help: 'A role, or several with commas between them.' },
    'password-stdin': { help: 'Read the password from standard input.' },
    totp: { help: 'Enrol an authenticator now and print its otpauth:// address once.' },
    ...WHERE,
  },
  async run(given, workshop) {
    const email = needed(given, 'email', 'EMAIL')
    const name = needed(given, 'name', 'NAME')
    const roles = listed(needed(given, 'role', 'ROLE'))
    if (!given.has('password-stdin')) {
      throw new UsageError(
        'castellan user create: a password is needed. Pipe it in and write --password-stdin.',
      )
    }
    const password = (await workshop.terminal.read()).replace(/\r?\n$/, '')
    const input = { email, name, roles, password, withTotp: given.has('totp') }
    const { totpUri } = await asSystem(userCreate, given, workshop, (act) =>
      act<{ readonly totpUri: string | null }>('castellan.people.create', input),
    )
    workshop.terminal.tell(`${name} may sign in as ${email} (${roles.join(', ')}).`)
    if (totpUri !== null) workshop.terminal.print(totpUri)
    return EXIT.done
  },
}
