/** Who is signed in, from where: one's own sessions and, where it is allowed, everybody's. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import { deviceOf } from '../auth/device.ts'
import { methodsText } from '../auth/method.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { PageHead, type Tab, Tabs } from '../components/card.tsx'
import { Code, DateTime, Empty, None } from '../components/display.tsx'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import { type Column, DataTable, Pager } from '../components/table.tsx'
import { isPossible, type PageContext, principalOf } from '../context.ts'
import { Shell } from '../layout.tsx'
import { eventInAddress, performForm, postedForm, seeOther } from '../perform.tsx'
import { countText } from '../record/list-view.ts'
import { render } from '../render.ts'
import { type OwnList, readOwnList, textIn } from './own-list.ts'

const PER_PAGE = 50

export async function answerSessions(page: PageContext): Promise<Response> {
  const isMine = page.c.req.query('view') === 'mine'
  const own = { field: 'person_id', operator: 'eq' as const, value: principalOf(page).subject.id }
  const sessions = await readOwnList<RecordList>(page, 'castellan.sessions', '/sessions', {
    filters: isMine ? [own] : [],
    limit: PER_PAGE,
  })
  return render(
    page,
    <Shell
      page={page}
      title="Sessions"
      breadcrumb={[{ label: 'Security' }, { label: 'Sessions' }]}
      current="/sessions"
      toast={eventInAddress(page) ? 'Ended. The very next request of it is refused.' : null}
    >
      <SessionsPage page={page} sessions={sessions} isMine={isMine} />
    </Shell>,
  )
}

function SessionsPage({
  page,
  sessions,
  isMine,
}: {
  readonly page: PageContext
  readonly sessions: OwnList<RecordList>
  readonly isMine: boolean
}): Html {
  const count = countText(sessions.list.count, page.format.number, { one: 'session', other: 'sessions' })
  return (
    <>
      <PageHead title="Sessions" {...(count !== null && { note: count })} />
      <Tabs label="Whose sessions" tabs={tabsOf(page, isMine)} />
      <SessionTable page={page} sessions={sessions.list.records} />
      {(sessions.previousHref !== null || sessions.nextHref !== null) && (
        <Pager page={page} previous={sessions.previousHref} next={sessions.nextHref} />
      )}
    </>
  )
}

function tabsOf(page: PageContext, isMine: boolean): readonly Tab[] {
  return [
    { label: 'All that you may see', href: page.url('/sessions'), isCurrent: !isMine },
    { label: 'Mine', href: page.url('/sessions?view=mine'), isCurrent: isMine },
  ]
}

export interface SessionTableProps {
  readonly page: PageContext
  readonly sessions: readonly RecordView[]
  /** Leaves out whose they are. */
  readonly isOfOnePerson?: boolean
}

export function SessionTable({ page, sessions, isOfOnePerson }: SessionTableProps): Html {
  const columns = sessionColumns(page, isOfOnePerson ?? false).filter(
    (column) => !(isOfOnePerson && column.label === 'Person'),
  )
  return (
    <DataTable
      page={page}
      label="Live sessions"
      columns={columns}
      rows={sessions}
      empty={<Empty page={page} icon="key-round" title="No session is live" />}
    />
  )
}

function sessionColumns(page: PageContext, isOfOnePerson: boolean): readonly Column<RecordView>[] {
  const moment = (name: string) => (record: RecordView) => {
    const at = textIn(record, name)
    return at === null ? <None /> : <DateTime page={page} at={at} />
  }
  return [
    { label: 'Browser', phone: 'title', cell: (record) => <DeviceCell page={page} record={record} /> },
    {
      label: 'Person',
      phone: 'subtitle',
      cell: (record) => <PersonCell page={page} record={record} />,
    },
    {
      label: 'Address',
      phone: 'hidden',
      cell: (record) => <Code>{textIn(record, 'address') ?? 'unknown'}</Code>,
    },
    {
      label: 'Signed in with',
      phone: 'hidden',
      cell: (record) => methodsText(page, textIn(record, 'methods')),
    },
    { label: 'Signed in', phone: 'hidden', cell: moment('created_at') },
    { label: 'Last seen', phone: 'status', cell: moment('last_seen_at') },
    {
      label: 'Actions',
      isLabelHidden: true,
      phone: 'action',
      cell: (record) => <SessionActions page={page} record={record} isOnlyOne={isOfOnePerson} />,
    },
  ]
}

function isThis(page: PageContext, record: RecordView): boolean {
  return record.key !== null && record.key === principalOf(page).sessionId
}

function DeviceCell({ page, record }: { readonly page: PageContext; readonly record: RecordView }): Html {
  const device = deviceOf(textIn(record, 'user_agent'))
  return (
    <span class="who">
      <Icon page={page} name={device.isPhone ? 'smartphone' : 'monitor'} />
      <span class="strong">{device.label}</span>
      {isThis(page, record) && <Badge tone="info">This session</Badge>}
    </span>
  )
}

function PersonCell({ page, record }: { readonly page: PageContext; readonly record: RecordView }): Html {
  const { subject, name } = principalOf(page)
  const personId = textIn(record, 'person_id') ?? ''
  const person = record.related['person']
  if (person) {
    return (
      <a class="link" href={page.url(`/people/${encodeURIComponent(person.key)}`)}>
        {person.title}
      </a>
    )
  }
  return <>{personId === subject.id ? name : <Code>{personId.slice(0, 8)}</Code>}</>
}

function SessionActions({
  page,
  record,
  isOnlyOne,
}: {
  readonly page: PageContext
  readonly record: RecordView
  /** Ending all of them stands elsewhere on the page. */
  readonly isOnlyOne: boolean
}): Html | null {
  const key = encodeURIComponent(record.key ?? '')
  const device = deviceOf(textIn(record, 'user_agent')).label
  const mayEndAll = !isOnlyOne && isPossible(page, 'castellan.sessions.end-all')
  return (
    <span class="cluster end">
      {isThis(page, record) ? null : (
        <Form page={page} action={page.url(`/sessions/${key}/end`)}>
          <Button page={page} small label={`End the session on ${device}`}>
            End
          </Button>
        </Form>
      )}
      {mayEndAll && (
        <Form page={page} action={page.url(`/sessions/${key}/end-all`)}>
          <Button page={page} small variant="danger" label={endAllLabel(page, record)}>
            {isThis(page, record) ? 'End all others' : 'End all'}
          </Button>
        </Form>
      )}
    </span>
  )
}

function endAllLabel(page: PageContext, record: RecordView): string {
  if (isThis(page, record)) return 'End all others of yours'
  return `End all sessions of ${record.related['person']?.title ?? 'this person'}`
}

/** Ends one session, or all of the person it belongs to. */
export async function answerEnd(page: PageContext, verb: 'end' | 'end-all'): Promise<Response> {
  const performed = await performForm(page, postedForm(page), {
    action: `castellan.sessions.${verb}`,
    key: page.c.req.param('key') ?? '',
    input: {},
    title: verb === 'end' ? 'End the session' : 'End all sessions of this person',
    purpose: verb === 'end' ? 'end this session' : 'end all sessions of this person',
    breadcrumb: [{ label: 'Sessions', href: page.url('/sessions') }, { label: 'End' }],
    current: '/sessions',
    cancelHref: page.url('/sessions'),
    submitLabel: verb === 'end' ? 'End session' : 'End all sessions',
  })
  return performed.kind === 'answer' ? performed.response : seeOther(page, '/sessions', performed.event)
}
