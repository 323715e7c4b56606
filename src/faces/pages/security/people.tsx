/** The list of people: who may sign in, and what they hold. */

import type { RecordView } from '../../../gate/records.ts'
import type { PeopleList, Standing } from '../../../gate/standing.ts'
import { Avatar, Badge } from '../components/badge.tsx'
import { LinkButton } from '../components/button.tsx'
import { PageHead } from '../components/card.tsx'
import { DateTime, Empty, None } from '../components/display.tsx'
import { SearchInput } from '../components/field.tsx'
import { Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Toolbar } from '../components/menu.tsx'
import { type Column, DataTable, Pager, RowLink } from '../components/table.tsx'
import { isPossible, type PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { countText } from '../record/list-view.ts'
import { render } from '../render.ts'
import { type OwnList, readOwnList, textIn } from './own-list.ts'

const PER_PAGE = 50

export async function answerPeople(page: PageContext): Promise<Response> {
  const people = await readOwnList<PeopleList>(page, 'castellan.people', '/people', { limit: PER_PAGE })
  return render(
    page,
    <Shell
      page={page}
      title="People"
      breadcrumb={[{ label: 'Security' }, { label: 'People' }]}
      current="/people"
    >
      <PeoplePage page={page} people={people} />
    </Shell>,
  )
}

function PeoplePage({
  page,
  people,
}: {
  readonly page: PageContext
  readonly people: OwnList<PeopleList>
}): Html {
  const { list, address } = people
  const count = countText(list.count, page.format.number, { one: 'person', other: 'people' })
  const canInvite = !page.house.identity.host && isPossible(page, 'castellan.people.invite')
  return (
    <>
      <PageHead
        title="People"
        {...(count !== null && { note: count })}
        actions={
          canInvite && (
            <LinkButton page={page} href={page.url('/people/new')} variant="primary" icon="plus">
              Invite
            </LinkButton>
          )
        }
      />
      <Toolbar>
        <form method="get" action={page.url('/people')} role="search">
          <SearchInput
            page={page}
            label="Search people"
            name="q"
            value={address.search}
            placeholder="Search name or e-mail"
            maxlength={200}
          />
        </form>
      </Toolbar>
      <div class="stack">
        <DataTable
          page={page}
          label="People"
          columns={columnsOf(page, list)}
          rows={list.records}
          empty={<Empty page={page} icon="users" title="Nobody matches" />}
          foot={
            (people.previousHref !== null || people.nextHref !== null) && (
              <Pager page={page} previous={people.previousHref} next={people.nextHref} />
            )
          }
        />
        {page.house.identity.host && (
          <Note page={page} tone="neutral" title="Adding a person">
            People are the {(hostLabel(page) ?? 'records').toLowerCase()} of the application. They appear here
            once they have signed in, without any role until one is given to them.
          </Note>
        )}
      </div>
    </>
  )
}

function hostLabel({ house }: PageContext): string | undefined {
  return house.gate.models.get(house.identity.host?.model ?? '')?.labelPlural
}

function columnsOf(page: PageContext, list: PeopleList): readonly Column<RecordView>[] {
  const standing = (record: RecordView): Standing | undefined => list.standing[record.key ?? '']
  return [
    {
      label: 'Name',
      phone: 'title',
      cell: (record) => (
        <span class="who">
          <Avatar page={page} name={record.title} />
          <RowLink href={page.url(`/people/${encodeURIComponent(record.key ?? '')}`)}>{record.title}</RowLink>
        </span>
      ),
    },
    { label: 'E-mail', phone: 'subtitle', cell: (record) => textIn(record, 'email') ?? <None /> },
    {
      label: 'Roles',
      phone: 'hidden',
      cell: (record) => (
        <RoleBadges page={page} roles={standing(record)?.roles.map(({ role }) => role) ?? []} />
      ),
    },
    {
      label: 'Second factor',
      phone: 'hidden',
      cell: (record) =>
        standing(record)?.hasSecondFactor ? (
          <Badge tone="ok">Set up</Badge>
        ) : (
          <Badge tone="warn">Not yet</Badge>
        ),
    },
    {
      label: 'State',
      phone: 'status',
      cell: (record) => <StateBadge page={page} record={record} standing={standing(record)} />,
    },
    {
      label: 'Last seen',
      phone: 'hidden',
      cell: (record) => {
        const at = textIn(record, 'last_seen_at')
        return at === null ? <None>never</None> : <DateTime page={page} at={at} />
      },
    },
  ]
}

export interface StateBadgeProps {
  readonly page: PageContext
  readonly record: RecordView
  readonly standing: Standing | undefined
}

/** Whether they may sign in, and if they have yet to begin. */
export function StateBadge({ page, record, standing }: StateBadgeProps): Html {
  if (record.values['is_active'] !== true) {
    return standing?.waitingSince ? <Badge tone="warn">Waits</Badge> : <Badge>Deactivated</Badge>
  }
  const isInvited = standing?.hasPassword === false && !page.house.identity.host
  return isInvited ? <Badge tone="info">Invited</Badge> : <Badge tone="ok">Active</Badge>
}

export function RoleBadges({
  page,
  roles,
}: {
  readonly page: PageContext
  readonly roles: readonly string[]
}): Html {
  if (roles.length === 0) return <None>no role</None>
  const known = page.house.gate.policy.document.roles
  return (
    <span class="cluster">
      {roles.map((role) => (
        <Badge plain>{known[role]?.title ?? role}</Badge>
      ))}
    </span>
  )
}
