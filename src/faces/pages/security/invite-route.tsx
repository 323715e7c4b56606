/** Inviting somebody: the form, and the link that is shown once where no letter takes it along. */

import { AdminError } from '../../../errors.ts'
import type { InvitedResult } from '../../../gate/standing.ts'
import { grantableRoles } from '../../../policy/grantable.ts'
import type { FieldError } from '../components/form.tsx'
import { isPossible, type PageContext, pageContext, principalOf } from '../context.ts'
import { problemSentence } from '../fields/widget-props.ts'
import { Shell } from '../layout.tsx'
import { performForm, postedForm, seeOther, shownRefusal, statusOf } from '../perform.tsx'
import { render } from '../render.ts'
import { attributesIn } from './attribute-lines.ts'
import { HandOver, InvitePage, type TypedPerson } from './invite.tsx'

const NOBODY: TypedPerson = { name: '', email: '', roles: [], attributes: '', by: null }
const ROLE = 'role.'

export function answerInvite(page: PageContext): Promise<Response> {
  if (page.house.identity.host || !isPossible(page, 'castellan.people.invite')) {
    throw new AdminError('not-found', 'There is nothing at this address.')
  }
  return show(page, NOBODY, null)
}

export async function answerInvited(page: PageContext): Promise<Response> {
  const form = postedForm(page)
  const typed = typedIn(form.fields)
  try {
    const performed = await performForm<InvitedResult>(page, form, {
      action: 'castellan.people.invite',
      input: inputOf(typed),
      title: 'Invite a person',
      purpose: 'invite this person',
      breadcrumb: [{ label: 'People', href: page.url('/people') }, { label: 'Invite' }],
      current: '/people',
      cancelHref: page.url('/people'),
      submitLabel: 'Invite',
    })
    if (performed.kind === 'answer') return performed.response
    const { result, event } = performed
    const path = `/people/${encodeURIComponent(result.id)}`
    if (result.link === null) return seeOther(page, path, event)
    return await showLink(performed.page, result, typed.name)
  } catch (error) {
    return show(pageContext(page.c, page.house), typed, shownRefusal(error))
  }
}

/** The link, this once: it is stored only as a hash. */
export function showLink(page: PageContext, result: InvitedResult, name: string): Promise<Response> {
  const title = `A link for ${name}`
  return render(
    page,
    <Shell
      page={page}
      title={title}
      breadcrumb={[{ label: 'Security' }, { label: 'People', href: page.url('/people') }, { label: title }]}
      current="/people"
      narrow
    >
      <HandOver
        page={page}
        title={title}
        name={name}
        link={`${originOf(page)}${page.url(result.link ?? '/')}`}
        expiresAt={result.expiresAt}
        personHref={page.url(`/people/${encodeURIComponent(result.id)}`)}
      />
    </Shell>,
  )
}

/** For the eyes of whoever asks, in their own browser: without `publicUrl` the address that they are at. */
function originOf({ house, c }: PageContext): string {
  return house.settings.publicUrl ?? new URL(c.req.url).origin
}

function typedIn(fields: Readonly<Record<string, string>>): TypedPerson {
  const chosen = Object.entries(fields).filter(([name, value]) => name.startsWith(ROLE) && value === 'true')
  const by = fields['by']
  return {
    name: fields['name'] ?? '',
    email: fields['email'] ?? '',
    roles: chosen.map(([name]) => name.slice(ROLE.length)),
    attributes: fields['attributes'] ?? '',
    by: by === 'mail' || by === 'link' ? by : null,
  }
}

function inputOf({ name, email, roles, attributes, by }: TypedPerson): Readonly<Record<string, unknown>> {
  return { name, email, roles, attributes: attributesIn(attributes), by: by ?? 'link' }
}

async function show(page: PageContext, typed: TypedPerson, refusal: AdminError | null): Promise<Response> {
  const { policy } = page.house.gate
  return render(
    page,
    <Shell
      page={page}
      title="Invite a person"
      breadcrumb={[
        { label: 'Security' },
        { label: 'People', href: page.url('/people') },
        { label: 'Invite' },
      ]}
      current="/people"
      narrow
    >
      <InvitePage
        page={page}
        typed={typed}
        roles={grantableRoles(policy, principalOf(page).subject.roles)}
        errors={refusal ? errorsOf(refusal) : []}
        fields={refusal ? sentences(refusal) : {}}
      />
    </Shell>,
    refusal ? statusOf(refusal) : 200,
  )
}

const LABELS: Readonly<Record<string, string>> = {
  name: 'Name',
  email: 'E-mail',
  roles: 'Roles',
  attributes: 'Attributes',
  by: 'The way',
}

function sentences({ fields }: AdminError): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, problems]) => [
      name,
      problems.map((problem) => problemSentence(LABELS[name] ?? name, problem)),
    ]),
  )
}

function errorsOf(refusal: AdminError): readonly FieldError[] {
  const named = Object.entries(sentences(refusal)).flatMap(([field, messages]) =>
    messages.map((message) => ({ field: `invite-${field}`, message })),
  )
  return named.length > 0 ? named : [{ message: refusal.message }]
}
