/** One person: what they hold, where they are signed in, and what may be done about it. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { PersonRead } from '../../../gate/standing.ts'
import type { RoleGrant } from '../../../identity/identity.ts'
import { Badge } from '../components/badge.tsx'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, Columns, PageHead } from '../components/card.tsx'
import { Code, Copy, DateTime, DefinitionList, None } from '../components/display.tsx'
import { controlTies, Field, Input, Select } from '../components/field.tsx'
import { ErrorSummary, type FieldError, Form, Note } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import { isPossible, type PageContext, principalOf } from '../context.ts'
import { AgentLines } from './agent-list.tsx'
import { attributesOf } from './attribute-lines.ts'
import { textIn } from './own-list.ts'
import { StateBadge } from './people.tsx'
import { SessionTable } from './sessions.tsx'

export interface PersonProps {
  readonly page: PageContext
  readonly person: PersonRead
  /** Null where their sessions may not be seen. */
  readonly sessions: RecordList | null
  /** Those that work now; null where they may not be seen. */
  readonly agents: RecordList | null
  /** Why what was tried last was refused. */
  readonly errors: readonly FieldError[]
}

export function PersonPage(props: PersonProps): Html {
  const { page, person, sessions, agents, errors } = props
  const { record } = person
  return (
    <>
      <PageHead
        title={record.title}
        badges={<StateBadge page={page} record={record} standing={person.standing} />}
        actions={
          isPossible(page, 'castellan.people.update') && (
            <LinkButton
              page={page}
              href={page.url(`/people/${encodeURIComponent(record.key ?? '')}/edit`)}
              icon="pencil"
            >
              Edit
            </LinkButton>
          )
        }
      />
      <div class="stack">
        <ErrorSummary page={page} errors={errors} title="Nothing was changed." />
        <Columns label="About this person" aside={<About {...props} />}>
          <RolesCard {...props} />
          {sessions && (
            <Card
              title="Sessions"
              aside={page.format.plural(sessions.records.length, 'session', 'sessions')}
              flush
            >
              <SessionTable page={page} sessions={sessions.records} isOfOnePerson />
            </Card>
          )}
          {agents && agents.records.length > 0 && (
            <Card title="Agents that act for them" flush>
              <AgentLines page={page} agents={agents.records} />
            </Card>
          )}
          <AccessCard {...props} />
        </Columns>
      </div>
    </>
  )
}

function About({ page, person }: PersonProps): Html {
  const { record, standing } = person
  const moment = (name: string, none: string): Child => {
    const at = textIn(record, name)
    return at === null ? <None>{none}</None> : <DateTime page={page} at={at} />
  }
  return (
    <Card title="Person">
      <DefinitionList
        entries={[
          { term: 'E-mail', value: <bdi dir="ltr">{textIn(record, 'email') ?? 'none'}</bdi> },
          {
            term: 'Second factor',
            value: standing.hasSecondFactor ? (
              <Badge tone="ok">Set up</Badge>
            ) : (
              <Badge tone="warn">Not yet</Badge>
            ),
          },
          { term: 'Added', value: moment('created_at', 'unknown') },
          { term: 'Last seen', value: moment('last_seen_at', 'never') },
          { term: 'Attributes', value: <Attributes record={record} /> },
          {
            term: 'Id',
            value: (
              <Copy page={page} text={record.key ?? ''} what="id">
                {(record.key ?? '').slice(0, 8)}
              </Copy>
            ),
          },
        ]}
      />
    </Card>
  )
}

/** Scope attributes, which rules compare records with. */
function Attributes({ record }: { readonly record: RecordView }): Html {
  const entries = Object.entries(attributesOf(textIn(record, 'attributes')))
  if (entries.length === 0) return <None />
  return (
    <>
      {entries.map(([name, value]) => (
        <span class="line">
          <Code>{name}</Code> {value}
        </span>
      ))}
    </>
  )
}

function RolesCard({ page, person }: PersonProps): Html {
  const { record, standing, grantable } = person
  const isSelf = principalOf(page).subject.id === record.key
  const may = (verb: string): boolean => !isSelf && isPossible(page, `castellan.people.${verb}`)
  const held = standing.roles.map(({ role }) => role)
  const free = grantable.filter((role) => !held.includes(role))
  const given = grantable.filter((role) => held.includes(role))
  return (
    <Card title="Roles" flush>
      <ul class="line-list">
        {standing.roles.length === 0 && <li class="muted">Holds no role, and so may do nothing.</li>}
        {standing.roles.map((grant) => (
          <RoleLine
            page={page}
            personKey={record.key ?? ''}
            grant={grant}
            isRevocable={may('revoke-role') && grantable.includes(grant.role)}
          />
        ))}
      </ul>
      {isSelf && <p class="card-body hint">Nobody changes their own roles. Ask another administrator.</p>}
      {may('grant-role') && grantable.length > 0 && (
        <GrantForm page={page} personKey={record.key ?? ''} roles={[...free, ...given]} />
      )}
    </Card>
  )
}

function RoleLine({
  page,
  personKey,
  grant,
  isRevocable,
}: {
  readonly page: PageContext
  readonly personKey: string
  readonly grant: RoleGrant
  readonly isRevocable: boolean
}): Html {
  const role = page.house.gate.policy.document.roles[grant.role]
  const title = role?.title ?? grant.role
  return (
    <li>
      <div>
        <p class="strong">
          {title}
          {grant.expiresAt !== null && (
            <span class="muted">
              {' '}
              until <DateTime page={page} at={grant.expiresAt} as="dateTime" />
            </span>
          )}
        </p>
        {role && <p class="hint">{role.description}</p>}
      </div>
      {isRevocable && (
        <Form page={page} action={page.url(`/people/${encodeURIComponent(personKey)}/revoke-role`)}>
          <input type="hidden" name="role" value={grant.role} />
          <Button page={page} small label={`Take away the role ${title}`}>
            Take away
          </Button>
        </Form>
      )}
    </li>
  )
}

function GrantForm({
  page,
  personKey,
  roles,
}: {
  readonly page: PageContext
  readonly personKey: string
  readonly roles: readonly string[]
}): Html {
  const known = page.house.gate.policy.document.roles
  const role = { id: 'grant-role', label: 'Role' }
  const until = {
    id: 'grant-until',
    label: 'Until',
    hint: 'In UTC. Empty: until it is taken away. A role that they have gets this end.',
  }
  return (
    <Form
      page={page}
      class="card-body grant"
      action={page.url(`/people/${encodeURIComponent(personKey)}/grant-role`)}
    >
      <Field page={page} {...role}>
        <Select
          {...controlTies(role)}
          name="role"
          options={roles.map((name) => ({ value: name, label: known[name]?.title ?? name }))}
          blank="Choose a role"
        />
      </Field>
      <Field page={page} {...until}>
        <Input {...controlTies(until)} type="datetime-local" name="expiresAt" />
      </Field>
      <Button page={page} icon="plus">
        Grant role
      </Button>
    </Form>
  )
}

function AccessCard({ page, person, sessions }: PersonProps): Html | null {
  const { record, standing } = person
  const isActive = record.values['is_active'] === true
  const isSelf = principalOf(page).subject.id === record.key
  const may = (verb: string): boolean => isPossible(page, `castellan.people.${verb}`)
  const { host, byMail } = page.house.identity
  const isWaiting = standing.waitingSince !== null
  const linkSentence = standing.hasPassword
    ? 'Removes the password and ends every session. A link lets them choose a new one; the second factor stays.'
    : 'A new link to choose the first password; the one before stops working.'
  const firstSession = encodeURIComponent(sessions?.records[0]?.key ?? '')
  const path = (verb: string): string => `/people/${encodeURIComponent(record.key ?? '')}/${verb}`
  const lines = [
    isActive && may('deactivate') && !isSelf && (
      <AccessLine page={page} path={path('deactivate')} button="Deactivate" isDanger>
        Keeps {record.title} out and ends every session of theirs at once.
      </AccessLine>
    ),
    !isActive && may('activate') && (
      <AccessLine page={page} path={path('activate')} button={isWaiting ? 'Let in' : 'Activate'}>
        Lets {record.title} sign in{isWaiting ? '' : ' again'}, with the roles above.
      </AccessLine>
    ),
    isWaiting && may('reject') && (
      <AccessLine page={page} path={path('reject')} button="Turn away" isDanger>
        Forgets that {record.title} asked for an account.
      </AccessLine>
    ),
    isActive && !isSelf && !host && may('renew-password') && byMail && (
      <AccessLine page={page} path={path('renew-password')} by="mail" button="Send a link">
        {linkSentence}
      </AccessLine>
    ),
    isActive && !isSelf && !host && may('renew-password') && (
      <AccessLine page={page} path={path('renew-password')} by="link" button="Make a link">
        {byMail ? 'The same, with a link that you hand over yourself.' : linkSentence}
      </AccessLine>
    ),
    standing.hasSecondFactor && may('reset-credentials') && !isSelf && (
      <AccessLine page={page} path={path('reset-credentials')} button="Reset second factor">
        Removes the authenticator and ends every session. A new one is set up at the next sign-in.
      </AccessLine>
    ),
    firstSession && !isSelf && isPossible(page, 'castellan.sessions.end-all') && (
      <AccessLine page={page} path={`/sessions/${firstSession}/end-all`} button="End all sessions">
        Signs {record.title} out everywhere, at once.
      </AccessLine>
    ),
    !isSelf && !isWaiting && may('delete') && (
      <AccessLine page={page} path={path('delete')} button="Delete" isDanger>
        Removes {record.title} for good, with everything they sign in with. The audit log keeps what they did.
      </AccessLine>
    ),
  ].filter(Boolean)
  if (lines.length === 0) return null
  return (
    <Card title="Access" flush>
      <ul class="line-list">{lines}</ul>
      <div class="card-body">
        <Note page={page} tone="neutral">
          Each of these is recorded, and a rule may ask you to prove who you are first.
        </Note>
      </div>
    </Card>
  )
}

function AccessLine({
  page,
  path,
  by,
  button,
  isDanger,
  children,
}: {
  readonly page: PageContext
  /** Where the button's form goes. */
  readonly path: string
  /** How a link reaches its person. */
  readonly by?: 'mail' | 'link'
  readonly button: string
  readonly isDanger?: boolean
  readonly children?: Child
}): Html {
  return (
    <li>
      <p>{children}</p>
      <Form page={page} action={page.url(path)}>
        {by && <input type="hidden" name="by" value={by} />}
        <Button page={page} small variant={isDanger ? 'danger' : 'default'}>
          {button}
        </Button>
      </Form>
    </li>
  )
}
