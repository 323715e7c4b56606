/** Answers the page of one's agents; making one and revoking one go through the gate as anything else. */

import type { Hono } from 'hono'
import { AdminError } from '../../../errors.ts'
import type { RecordList } from '../../../gate/records.ts'
import type { NewAgentResult } from '../../../gate/standing.ts'
import type { Env } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { answering } from '../answer.ts'
import { read } from '../ask.ts'
import { type FieldSentences, sentencesOf } from '../components/form.tsx'
import { isPossible, type PageContext, pageContext, principalOf } from '../context.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress, performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { liveAgentsOf } from '../security/agent-list.tsx'
import { textIn } from '../security/own-list.ts'
import { AgentsPage, AgentToken, REACHES, type TypedAgent } from './agents-page.tsx'

const PATH = '/profile/agents'
const NEW: TypedAgent = { name: '', reach: 'read', actions: '', days: '30' }

export function addAgents(app: Hono<Env>, house: House): void {
  app.get(
    PATH,
    answering(house, (page) => show(page, NEW, null)),
  )
  app.post(PATH, answering(house, make))
  app.post('/agents/:key/revoke', answering(house, revoke))
}

async function make(page: PageContext): Promise<Response> {
  const form = postedForm(page)
  const typed = typedIn(form.fields)
  try {
    const performed = await performForm<NewAgentResult>(page, form, {
      action: 'castellan.agents.create',
      input: { name: typed.name, actions: patternsOf(typed), days: Number(typed.days) },
      title: 'Make an agent',
      purpose: 'make an agent that acts for you',
      breadcrumb: trail(page),
      current: '/profile',
      cancelHref: page.url(PATH),
      submitLabel: 'Make the agent',
    })
    if (performed.kind === 'answer') return performed.response
    const { token, expiresAt } = performed.result
    const title = `The token of ${typed.name}`
    return await render(
      performed.page,
      <Shell page={performed.page} title={title} breadcrumb={[...trail(page), { label: title }]} narrow>
        <AgentToken page={performed.page} name={typed.name} token={token} expiresAt={expiresAt} />
      </Shell>,
    )
  } catch (error) {
    return show(pageContext(page.c, page.house), typed, shownRefusal(error))
  }
}

/** One's own, or somebody else's where the policy lets one; back to where its line stood. */
async function revoke(page: PageContext): Promise<Response> {
  const key = page.c.req.param('key') ?? ''
  const { records } = await read<RecordList>(page, {
    action: 'castellan.agents.list',
    input: { filters: [{ field: 'id', operator: 'eq', value: key }], limit: 1 },
  })
  const [agent] = records
  if (!agent) throw new AdminError('not-found', 'There is no such agent.')
  const person = textIn(agent, 'person_id') ?? ''
  const path = person === principalOf(page).subject.id ? PATH : `/people/${encodeURIComponent(person)}`
  const performed = await performForm<null>(page, postedForm(page), {
    action: 'castellan.agents.revoke',
    key,
    input: {},
    title: `Revoke ${agent.title}`,
    purpose: `revoke ${agent.title}`,
    breadcrumb: trail(page),
    current: '/profile',
    cancelHref: page.url(path),
    submitLabel: 'Revoke',
    isDanger: true,
  })
  return performed.kind === 'answer' ? performed.response : seeOther(page, path, performed.event)
}

function typedIn(fields: Readonly<Record<string, string>>): TypedAgent {
  const reach = fields['reach'] ?? ''
  return {
    name: fields['name'] ?? '',
    reach: reach === 'work' || reach === 'chosen' ? reach : 'read',
    actions: fields['actions'] ?? '',
    days: fields['days'] ?? '',
  }
}

function patternsOf({ reach, actions }: TypedAgent): readonly string[] {
  if (reach !== 'chosen') return REACHES[reach].patterns
  return actions.split(/\s+/).filter((pattern) => pattern !== '')
}

function trail(page: PageContext) {
  return [
    { label: 'Profile', href: page.url('/profile') },
    { label: 'Agents', href: page.url(PATH) },
  ]
}

const LABELS: Readonly<Record<string, string>> = { name: 'Name', actions: 'Actions', days: 'The time' }

async function show(page: PageContext, typed: TypedAgent, refusal: AdminError | null): Promise<Response> {
  const agents = await liveAgentsOf(page, principalOf(page).subject.id)
  const mayMake = isPossible(page, 'castellan.agents.create')
  if (!agents && !mayMake) throw new AdminError('not-found', 'There is nothing at this address.')
  const fields: FieldSentences = refusal ? sentencesOf(refusal.fields ?? {}, LABELS) : {}
  const named = Object.entries(fields).flatMap(([field, messages]) =>
    messages.map((message) => ({ field: `agent-${field}`, message })),
  )
  const errors = refusal && named.length === 0 ? [{ message: refusal.message }] : named
  return render(
    page,
    <Shell
      page={page}
      title="Agents"
      breadcrumb={[{ label: 'Profile', href: page.url('/profile') }, { label: 'Agents' }]}
      current="/profile"
      toast={eventInAddress(page) ? 'Revoked. The very next request of it is refused.' : null}
      narrow
    >
      <AgentsPage
        page={page}
        agents={agents?.records ?? []}
        mayMake={mayMake}
        typed={typed}
        errors={errors}
        fields={fields}
      />
    </Shell>,
    refusal ? statusOf(refusal) : 200,
  )
}
