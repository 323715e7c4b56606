/** `castellan user activate|deactivate|grant|revoke|reset`: what is done to a person, found by their e-mail. */

import { AdminError } from '../../errors.ts'
import type { InvitedResult, PeopleList } from '../../gate/standing.ts'
import { canonicalEmail } from '../../identity/email.ts'
import { type Act, asSystem, everyPage } from './act.ts'
import { type Checked, type Command, EXIT, type Given, type Option, type Workshop } from './command.ts'
import { lengthOfTime, needed } from './given.ts'
import { WHERE } from './installation.ts'
import { instantText } from './table.ts'
import { tellLink } from './user-invite.ts'
import { type Listed, peopleOf } from './user-list.ts'

const PERSON: Readonly<Record<string, Option>> = {
  email: { value: 'EMAIL', help: 'What the person signs in with.' },
}
const ROLE: Readonly<Record<string, Option>> = { role: { value: 'ROLE', help: 'The role.' } }

interface Change {
  readonly person: Listed
  readonly key: string
  readonly act: Act
  readonly given: Given
  readonly workshop: Workshop
  readonly checked: Checked
}

export const userActivate: Command = command({
  name: 'user activate',
  summary: 'Let a person sign in.',
  description: 'Whoever was deactivated, or registered and waits.',
  options: {},
  async run({ act, key, person, workshop }) {
    await act('castellan.people.activate', {}, key)
    workshop.terminal.tell(`${person.name} may sign in.`)
  },
})

export const userDeactivate: Command = command({
  name: 'user deactivate',
  summary: 'Keep a person out and end their sessions.',
  description: 'Their next request is refused, in every process.',
  options: {},
  async run({ act, key, person, workshop }) {
    await act('castellan.people.deactivate', {}, key)
    workshop.terminal.tell(`${person.name} is kept out, and every session of theirs has ended.`)
  },
})

export const userGrant: Command = command({
  name: 'user grant',
  summary: 'Give a person a role.',
  description: 'It counts from their next request on.',
  options: { ...ROLE, expires: { value: 'TIME', help: 'How long it is theirs, as in 30d (for good).' } },
  async run({ act, key, person, given, workshop }) {
    const role = needed(given, 'role', 'ROLE')
    const expires = given.text('expires')
    const expiresAt =
      expires === undefined ? null : Math.floor(workshop.clock()) + lengthOfTime('expires', expires)
    await act('castellan.people.grant-role', { role, expiresAt }, key)
    const until = expiresAt === null ? '' : ` until ${instantText(new Date(expiresAt).toISOString())}`
    workshop.terminal.tell(`${person.name} has the role ${role}${until}.`)
  },
})

export const userRevoke: Command = command({
  name: 'user revoke',
  summary: 'Take a role from a person.',
  description: 'It counts from their next request on.',
  options: ROLE,
  async run({ act, key, person, given, workshop }) {
    const role = needed(given, 'role', 'ROLE')
    await act('castellan.people.revoke-role', { role }, key)
    workshop.terminal.tell(`${person.name} has no longer the role ${role}.`)
  },
})

export const userReset: Command = command({
  name: 'user reset',
  summary: 'Have a person set up anew how they sign in.',
  description: [
    'Removes the password, ends every session, and prints a one-time link to choose a new one; with --mail the link',
    'goes to the person alone. With --second-factor the authenticator and recovery codes are removed as well.',
  ].join('\n'),
  options: {
    mail: { help: 'Send the link by e-mail.' },
    'second-factor': { help: 'Remove the second factor as well.' },
  },
  async run({ act, key, person, given, workshop, checked }) {
    if (given.has('second-factor')) await act('castellan.people.reset-credentials', {}, key)
    const by = given.has('mail') ? 'mail' : 'link'
    const result = await act<InvitedResult>('castellan.people.renew-password', { by }, key)
    tellLink(workshop.terminal, checked, result, person.email)
  },
})

function command({
  run,
  ...about
}: Pick<Command, 'name' | 'summary' | 'description' | 'options'> & {
  run(change: Change): Promise<void>
}): Command {
  const made: Command = {
    ...about,
    options: { ...PERSON, ...about.options, ...WHERE },
    async run(given, workshop) {
      const email = needed(given, 'email', 'EMAIL')
      await asSystem(made, given, workshop, async (act, { checked }) => {
        const person = await personAt(act, email)
        await run({ person, key: person.id ?? '', act, given, workshop, checked })
      })
      return EXIT.done
    },
  }
  return made
}

/** @throws AdminError `not-found` */
async function personAt(act: Act, email: string): Promise<Listed> {
  const wanted = canonicalEmail(email)
  const pages = await everyPage<PeopleList>(act, 'castellan.people.list')
  const found = pages.flatMap(peopleOf).find((person) => canonicalEmail(person.email) === wanted)
  if (found) return found
  throw new AdminError('not-found', `Nobody signs in as "${email}". "castellan user list" lists everybody.`)
}
