/** `castellan session list` and `session end`: who is signed in, and putting them out. */

import { AdminError } from '../../errors.ts'
import type { RecordList } from '../../gate/records.ts'
import type { PeopleList } from '../../gate/standing.ts'
import { type Act, asSystem, everyPage } from './act.ts'
import { type Command, EXIT, type Given, type Option, UsageError } from './command.ts'
import { WHERE } from './installation.ts'
import { instantText, tableOf, textOf } from './table.ts'
import { peopleOf } from './user-list.ts'

interface Listed {
  readonly id: string
  readonly email: string
  readonly roles: readonly string[]
  readonly address: string | null
  readonly browser: string | null
  readonly signedInAt: string | null
  readonly lastSeenAt: string | null
}

const WHICH: Readonly<Record<string, Option>> = {
  email: { value: 'EMAIL', help: 'Those of one person.' },
  role: { value: 'ROLE', help: 'Those of everybody who holds that role.' },
  idle: { value: 'MINUTES', help: 'Those that nobody has used for so long.' },
}

export const sessionList: Command = {
  name: 'session list',
  summary: 'List who is signed in.',
  description:
    'One line a session: id, e-mail, roles, address, since when, last seen. Options narrow it together.',
  options: { ...WHICH, json: { help: 'Print JSON.' }, ...WHERE },
  async run(given, workshop) {
    const isWanted = wanted(given, workshop.clock())
    const found = await asSystem(sessionList, given, workshop, sessionsOf)
    const sessions = found.filter(isWanted)
    const rows = sessions.map((one) => [
      one.id,
      one.email,
      one.roles.join(','),
      one.address ?? 'unknown',
      instantText(one.signedInAt),
      instantText(one.lastSeenAt),
    ])
    const heading = ['ID', 'EMAIL', 'ROLES', 'ADDRESS', 'SIGNED IN', 'LAST SEEN']
    workshop.terminal.print(given.has('json') ? JSON.stringify(sessions) : tableOf([heading, ...rows]))
    return EXIT.done
  },
}

export const sessionEnd: Command = {
  name: 'session end',
  summary: 'End sessions: their next request is refused.',
  description: [
    'Ends the session of that id, or all that the options name together, in every process. Whoever is put',
    'out can sign in again; "castellan user deactivate" keeps somebody out.',
  ].join('\n'),
  argument: 'ID',
  options: { ...WHICH, all: { help: 'Those of everybody.' }, ...WHERE },
  async run(given, workshop) {
    const isWanted = chosen(given, workshop.clock())
    const { terminal } = workshop
    const ended = await asSystem(sessionEnd, given, workshop, async (act) => {
      let count = 0
      for (const { id } of (await sessionsOf(act)).filter(isWanted)) count += await endOne(act, id)
      return count
    })
    terminal.tell(ended === 1 ? 'One session is ended.' : `${ended === 0 ? 'No' : ended} sessions are ended.`)
    return ended === 0 && given.argument !== undefined ? EXIT.failed : EXIT.done
  },
}

/** How many ended: none where it was over before its turn came, which keeps no other from ending. */
async function endOne(act: Act, id: string): Promise<number> {
  try {
    return (await act<{ readonly ended: number }>('castellan.sessions.end', {}, id)).ended
  } catch (error) {
    if (error instanceof AdminError && error.code === 'not-found') return 0
    throw error
  }
}

/** @throws UsageError where nothing is named, or everything and something. */
function chosen(given: Given, now: number): (session: Listed) => boolean {
  const isNarrowed = Object.keys(WHICH).some((option) => given.text(option) !== undefined)
  const id = given.argument
  const ways = [id !== undefined, isNarrowed, given.has('all')].filter(Boolean).length
  if (ways !== 1) {
    throw new UsageError(
      'castellan session end: name an id, or --email, --role and --idle as they apply, or --all.',
    )
  }
  return id === undefined ? wanted(given, now) : (session) => session.id === id
}

function wanted(given: Given, now: number): (session: Listed) => boolean {
  const [email, role, idle] = [given.text('email')?.toLowerCase(), given.text('role'), given.text('idle')]
  if (idle !== undefined && !/^\d{1,6}$/.test(idle)) {
    throw new UsageError(`--idle is a number of minutes; it is "${idle}".`)
  }
  const since = now - Number(idle ?? 0) * 60_000
  return (session) =>
    (email === undefined || session.email.toLowerCase() === email) &&
    (role === undefined || session.roles.includes(role)) &&
    (idle === undefined || session.lastSeenAt === null || Date.parse(session.lastSeenAt) <= since)
}

async function sessionsOf(act: Act): Promise<readonly Listed[]> {
  const people = (await everyPage<PeopleList>(act, 'castellan.people.list')).flatMap(peopleOf)
  const personOf = new Map(people.map((person) => [person.id, person]))
  const pages = await everyPage<RecordList>(act, 'castellan.sessions.list')
  return pages
    .flatMap(({ records }) => records)
    .map(({ key, values }) => {
      const person = personOf.get(textOf(values['person_id']))
      return {
        id: key ?? '',
        email: person?.email ?? '',
        roles: person?.roles ?? [],
        address: textOf(values['address']),
        browser: textOf(values['user_agent']),
        signedInAt: textOf(values['created_at']),
        lastSeenAt: textOf(values['last_seen_at']),
      }
    })
}
