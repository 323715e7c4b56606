/** `castellan user invite`: a person who chooses their own password by a one-time link. */

import type { InvitedResult } from '../../gate/standing.ts'
import { asSystem } from './act.ts'
import { type Checked, type Command, EXIT, type Terminal } from './command.ts'
import { listed, needed } from './given.ts'
import { WHERE } from './installation.ts'
import { instantText } from './table.ts'

export const userInvite: Command = {
  name: 'user invite',
  summary: 'Invite a person, who chooses their own password.',
  description: [
    'The one-time link goes to standard output, or with --mail to the person alone. It works for a day.',
    'A second factor is enrolled when they follow it.',
  ].join('\n'),
  options: {
    email: { value: 'EMAIL', help: 'What the person signs in with.' },
    name: { value: 'NAME', help: 'How the person is called.' },
    role: { value: 'ROLE', help: 'A role, or several with commas between them (none).' },
    attribute: {
      value: 'NAME=VALUE',
      help: 'What rules compare records with; repeated: several.',
      isRepeated: true,
    },
    mail: { help: 'Send the link by e-mail.' },
    ...WHERE,
  },
  async run(given, workshop) {
    const email = needed(given, 'email', 'EMAIL')
    const name = needed(given, 'name', 'NAME')
    const input = {
      email,
      name,
      roles: listed(given.text('role') ?? ''),
      attributes: Object.fromEntries(given.all('attribute').map(pair)),
      by: given.has('mail') ? 'mail' : 'link',
    }
    await asSystem(userInvite, given, workshop, async (act, { checked }) => {
      const result = await act<InvitedResult>('castellan.people.invite', input)
      tellLink(workshop.terminal, checked, result, email)
    })
    return EXIT.done
  },
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** The link alone on standard output, so that a script can take it; where it went otherwise. */
export function tellLink(
  terminal: Terminal,
  { publicUrl, basePath }: Checked,
  { link, expiresAt }: InvitedResult,
  email: string,
): void {
  const until = `It works once, until ${instantText(expiresAt)}.`
  if (link === null) {
    terminal.tell(`A letter with a link is under way to ${email}. ${until}`)
    return
  }
  const where = publicUrl === null ? ' Open it at the address of the admin (publicUrl is not set).' : ''
  terminal.tell(`Hand this link to ${email}. ${until}${where}`)
  terminal.print(`${publicUrl ?? ''}${basePath}${link}`)
}
