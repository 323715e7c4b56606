/** The cards of one's own page. */

import type { AuthenticatorList, RoleGrant } from '../../../identity/identity.ts'
import type { OidcLink } from '../../../identity/oidc/oidc.ts'
import { Badge } from '../components/badge.tsx'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, Columns, PageHead } from '../components/card.tsx'
import { DateTime, DefinitionList, Where } from '../components/display.tsx'
import { Radio, TextField } from '../components/field.tsx'
import { ErrorSummary, Form, fieldErrors, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import { isPossible, type PageContext, principalOf, type Theme } from '../context.ts'
import { Shell } from '../layout.tsx'
import { AuthenticatorsCard } from './authenticators-card.tsx'
import { deviceOf } from './device.ts'
import type { Refusal } from './flow.ts'
import { methodsText } from './method.ts'
import { NewPasswordField } from './new-password.tsx'
import { ProvidersCard } from './provider-card.tsx'

export interface OwnSession {
  readonly key: string
  /** The one this page was asked from. */
  readonly isThis: boolean
  readonly address: string | null
  readonly userAgent: string | null
  /** JSON, as in the column. */
  readonly methods: string | null
  readonly startedAt: string | null
  readonly lastSeenAt: string | null
}

export interface ProfilePageProps {
  readonly page: PageContext
  readonly sessions: readonly OwnSession[] | null
  readonly roles: readonly RoleGrant[]
  readonly authenticators: AuthenticatorList
  /** Whether passkeys can be made at this address. */
  readonly hasPasskeys: boolean
  readonly links: readonly OidcLink[]
  readonly refusal: Refusal | null
  readonly linkRefusal: Refusal | null
  readonly done: string | null
}

export function ProfilePage(props: ProfilePageProps): Html {
  const { page, sessions, links, refusal, linkRefusal, done } = props
  return (
    <Shell page={page} title="Profile" breadcrumb={[{ label: 'Profile' }]} toast={done} narrow>
      <PageHead title="Profile" />
      <Columns
        label="Who you are here"
        aside={
          <>
            <PersonCard page={page} roles={props.roles} />
            <ThemeCard page={page} />
          </>
        }
      >
        <AuthenticatorsCard page={page} list={props.authenticators} hasPasskeys={props.hasPasskeys} />
        {hasPassword(page) && <PasswordCard page={page} refusal={refusal} />}
        <ProvidersCard page={page} links={links} refusal={linkRefusal} />
        {sessions && <SessionsCard page={page} sessions={sessions} />}
        {isPossible(page, 'castellan.agents.list') && <AgentsCard page={page} />}
      </Columns>
    </Shell>
  )
}

/** Where the application keeps people, it may keep the changing of passwords to itself. */
function hasPassword(page: PageContext): boolean {
  return page.house.identity.host?.canChangePassword ?? true
}

function PersonCard({ page, roles: held }: Pick<ProfilePageProps, 'page' | 'roles'>): Html {
  const { name, email, timeZone, locale } = principalOf(page)
  const { roles } = page.house.gate.policy.document
  return (
    <Card title="You">
      <DefinitionList
        entries={[
          { term: 'Name', value: name },
          { term: 'E-mail', value: <bdi dir="ltr">{email ?? 'none'}</bdi> },
          {
            term: 'Roles',
            value: (
              <span class="cluster end">
                {held.length === 0 && 'none'}
                {held.map(({ role, expiresAt }) => (
                  <span>
                    <Badge plain>{roles[role]?.title ?? role}</Badge>
                    {expiresAt !== null && (
                      <span class="hint">
                        {' '}
                        until <DateTime page={page} at={expiresAt} as="dateTime" />
                      </span>
                    )}
                  </span>
                ))}
              </span>
            ),
          },
          { term: 'Time zone', value: timeZone },
          { term: 'Language', value: locale },
        ]}
      />
    </Card>
  )
}

/** Their list is a page of its own, so that this one stays as quick as it is for everybody without any. */
function AgentsCard({ page }: { readonly page: PageContext }): Html {
  return (
    <Card title="Agents" id="agents">
      <div class="stack">
        <p>Programs that act for you over the API, with what you may and no more.</p>
        <div>
          <LinkButton page={page} href={page.url('/profile/agents')}>
            Your agents
          </LinkButton>
        </div>
      </div>
    </Card>
  )
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

function ThemeCard({ page }: { readonly page: PageContext }): Html {
  return (
    <Card title="Theme">
      <Form page={page} action={page.url('/theme')} class="stack">
        <input type="hidden" name="next" value={page.url('/profile')} />
        <fieldset>
          <legend class="visually-hidden">Theme</legend>
          {THEMES.map(([value, label]) => (
            <Radio name="theme" value={value} checked={page.theme === value}>
              {label}
            </Radio>
          ))}
        </fieldset>
        <div>
          <Button page={page}>Use this theme</Button>
        </div>
      </Form>
    </Card>
  )
}

interface PasswordCardProps {
  readonly page: PageContext
  readonly refusal: Refusal | null
}

function PasswordCard({ page, refusal }: PasswordCardProps): Html {
  const fields = refusal?.fields ?? {}
  return (
    <Card title="Change password">
      <Form page={page} action={page.url('/profile/password')} class="stack narrow-form">
        <RefusalSummary page={page} refusal={refusal} />
        <input
          class="visually-hidden"
          type="text"
          name="email"
          value={principalOf(page).email ?? ''}
          autocomplete="username"
          readonly
          tabindex={-1}
          aria-hidden="true"
        />
        <TextField
          page={page}
          id="current"
          name="current"
          type="password"
          label="Current password"
          autocomplete="current-password"
          required
          unmarked
          revealable
          error={fields['current']}
        />
        <NewPasswordField
          page={page}
          id="next"
          label="New password"
          also="Your other sessions end when you change it."
          error={fields['next'] ?? fields['password']}
        />
        <TextField
          page={page}
          id="repeat"
          name="repeat"
          type="password"
          label="New password again"
          autocomplete="new-password"
          required
          unmarked
          revealable
          error={fields['repeat']}
        />
        <div>
          <Button page={page} variant="primary">
            Change password
          </Button>
        </div>
      </Form>
    </Card>
  )
}

function RefusalSummary({ page, refusal }: PasswordCardProps): Html | null {
  if (!refusal) return null
  if (Object.keys(refusal.fields).length > 0) {
    return <ErrorSummary page={page} errors={fieldErrors(refusal.fields)} />
  }
  return (
    <Note page={page} tone="bad" alert>
      {refusal.message}
    </Note>
  )
}

interface SessionsCardProps {
  readonly page: PageContext
  readonly sessions: readonly OwnSession[]
}

function SessionsCard({ page, sessions }: SessionsCardProps): Html {
  const count = page.format.plural(sessions.length, 'session', 'sessions')
  return (
    <Card title="Where you are signed in" id="sessions" aside={count} flush>
      <ul class="line-list">
        {sessions.map((session) => (
          <SessionLine page={page} session={session} />
        ))}
      </ul>
    </Card>
  )
}

function SessionLine({ page, session }: { readonly page: PageContext; readonly session: OwnSession }): Html {
  const device = deviceOf(session.userAgent)
  return (
    <li>
      <Icon page={page} name={device.isPhone ? 'smartphone' : 'monitor'} />
      <div class="line">
        <p class="cluster">
          <span class="strong">{device.label}</span>
          {session.isThis && <Badge tone="ok">This browser</Badge>}
        </p>
        <p class="facts">
          <span>
            <Where page={page} address={session.address} />
          </span>
          {session.startedAt && (
            <span>
              Signed in <DateTime page={page} at={session.startedAt} />
              {session.methods !== null && ` with ${methodsText(page, session.methods)}`}
            </span>
          )}
          {session.lastSeenAt && (
            <span>
              Last seen <DateTime page={page} at={session.lastSeenAt} />
            </span>
          )}
        </p>
      </div>
      {!session.isThis && (
        <Form page={page} action={page.url(`/profile/sessions/${encodeURIComponent(session.key)}/end`)}>
          <Button page={page} small label={`End session: ${device.label}`}>
            End
          </Button>
        </Form>
      )}
    </li>
  )
}
