/** Answers the page of one person, and what is done to them there. */

import type { AdminError } from '../../../errors.ts'
import { Unreasoned } from '../../../gate/evidence.ts'
import type { RecordList } from '../../../gate/records.ts'
import type { InvitedResult, PersonRead } from '../../../gate/standing.ts'
import { type Ask, read, readPart } from '../ask.ts'
import type { FieldError } from '../components/form.tsx'
import { isPossible, type PageContext, pageContext } from '../context.ts'
import { problemSentence } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import {
  type Asked,
  askReason,
  eventInAddress,
  performForm,
  postedForm,
  seeOther,
  shownRefusal,
  statusOf,
} from '../perform.tsx'
import { render } from '../render.ts'
import { liveAgentsOf } from './agent-list.tsx'
import { showLink } from './invite-route.tsx'
import { PersonPage } from './person.tsx'

const SESSIONS = 20

export type PersonVerb =
  | 'activate'
  | 'deactivate'
  | 'reset-credentials'
  | 'renew-password'
  | 'reject'
  | 'delete'
  | 'grant-role'
  | 'revoke-role'

export const PERSON_VERBS: readonly PersonVerb[] = [
  'activate',
  'deactivate',
  'reset-credentials',
  'renew-password',
  'reject',
  'delete',
  'grant-role',
  'revoke-role',
]

export function answerPerson(page: PageContext): Promise<Response> {
  return show(page, null)
}

export async function answerPersonChange(page: PageContext, verb: PersonVerb): Promise<Response> {
  const key = page.c.req.param('id') ?? ''
  const path = `/people/${encodeURIComponent(key)}`
  const form = postedForm(page)
  const person = await readPerson(page, key)
  const words = wordsOf(verb, person.record.title, form.fields)
  const asked: Asked = {
    ...askOf(verb, key, form.fields),
    title: words.title,
    purpose: words.title.charAt(0).toLowerCase() + words.title.slice(1),
    breadcrumb: [
      { label: 'People', href: page.url('/people') },
      { label: person.record.title, href: page.url(path) },
    ],
    current: '/people',
    cancelHref: page.url(path),
    submitLabel: words.submit,
    isDanger: DANGERS.has(verb),
    shownPlan: form.fields['_plan'] ?? null,
  }
  try {
    const performed = await performForm<InvitedResult | null>(page, form, asked)
    if (performed.kind === 'answer') return performed.response
    const { result, event } = performed
    if (result?.link) return await showLink(performed.page, result, person.record.title)
    return seeOther(page, GONE.has(verb) ? '/people' : path, event)
  } catch (error) {
    const now = pageContext(page.c, page.house)
    if (error instanceof Unreasoned) return askReason(now, form, asked, error)
    return show(now, shownRefusal(error))
  }
}

/** Verbs after which there is no such person any more. */
const GONE: ReadonlySet<PersonVerb> = new Set(['reject', 'delete'])
const DANGERS: ReadonlySet<PersonVerb> = new Set(['deactivate', 'reject', 'delete'])

function askOf(verb: PersonVerb, key: string, fields: Readonly<Record<string, string>>): Ask {
  const action = `castellan.people.${verb}`
  if (verb === 'revoke-role') return { action, key, input: { role: fields['role'] ?? '' } }
  if (verb === 'renew-password') return { action, key, input: { by: fields['by'] ?? 'link' } }
  if (verb !== 'grant-role') return { action, key, input: {} }
  const until = fields['expiresAt'] ?? ''
  return { action, key, input: { role: fields['role'] ?? '', expiresAt: until === '' ? null : `${until}Z` } }
}

interface Words {
  readonly title: string
  readonly submit: string
}

function wordsOf(verb: PersonVerb, name: string, fields: Readonly<Record<string, string>>): Words {
  const role = fields['role'] ?? ''
  switch (verb) {
    case 'activate':
      return { title: `Activate ${name}`, submit: 'Activate' }
    case 'deactivate':
      return { title: `Deactivate ${name}`, submit: 'Deactivate' }
    case 'reset-credentials':
      return { title: `Reset the second factor of ${name}`, submit: 'Reset second factor' }
    case 'renew-password':
      return { title: `Have ${name} choose a new password`, submit: 'Remove the password' }
    case 'reject':
      return { title: `Turn ${name} away`, submit: 'Turn away' }
    case 'delete':
      return { title: `Delete ${name}`, submit: 'Delete person' }
    case 'grant-role':
      return { title: `Give ${name} the role ${role}`, submit: 'Grant role' }
    case 'revoke-role':
      return { title: `Take the role ${role} from ${name}`, submit: 'Take away' }
  }
}

function readPerson(page: PageContext, key: string): Promise<PersonRead> {
  return read<PersonRead>(page, { action: 'castellan.people.read', key })
}

async function show(page: PageContext, refusal: AdminError | null): Promise<Response> {
  const key = page.c.req.param('id') ?? ''
  const person = await readPerson(page, key)
  const sessions = isPossible(page, 'castellan.sessions.list') ? await sessionsOf(page, key) : null
  const agents = isPossible(page, 'castellan.agents.list') ? await liveAgentsOf(page, key) : null
  return render(
    page,
    <Shell
      page={page}
      title={person.record.title}
      breadcrumb={[
        { label: 'Security' },
        { label: 'People', href: page.url('/people') },
        { label: person.record.title },
      ]}
      current="/people"
      toast={eventInAddress(page) ? 'Done. The change is in the audit log.' : null}
    >
      <PersonPage
        page={page}
        person={person}
        sessions={sessions}
        agents={agents}
        errors={refusal ? errorsOf(refusal) : []}
      />
    </Shell>,
    refusal ? statusOf(refusal) : 200,
  )
}

function sessionsOf(page: PageContext, personId: string): Promise<RecordList | null> {
  return readPart<RecordList>(page, {
    action: 'castellan.sessions.list',
    input: {
      filters: [{ field: 'person_id', operator: 'eq', value: personId }],
      sort: [{ field: 'last_seen_at', direction: 'desc' }],
      limit: SESSIONS,
    },
  })
}

const LABELS: Readonly<Record<string, string>> = { role: 'Role', expiresAt: 'Until' }
const CONTROLS: Readonly<Record<string, string>> = { role: 'grant-role', expiresAt: 'grant-until' }

function errorsOf({ fields, message }: AdminError): readonly FieldError[] {
  const named = Object.entries(fields ?? {}).flatMap(([name, problems]) =>
    problems.map((problem) => ({
      ...(CONTROLS[name] && { field: CONTROLS[name] }),
      message: problemSentence(LABELS[name] ?? name, problem),
    })),
  )
  return named.length > 0 ? named : [{ message }]
}
