/** Who is signed in, from where: one's own sessions and, where it is allowed, everybody's. */

import { Unreasoned } from '../../../gate/evidence.ts'
import type { RecordList, RecordView } from '../../../gate/records.ts'
import { read } from '../ask.ts'
import { deviceOf } from '../auth/device.ts'
import { methodsText } from '../auth/method.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { PageHead, type Tab, Tabs } from '../components/card.tsx'
import { Code, DateTime, Empty, None, Where } from '../components/display.tsx'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import { Toolbar } from '../components/menu.tsx'
import { type Column, DataTable, Pager } from '../components/table.tsx'
import { isPossible, type PageContext, pageContext, principalOf } from '../context.ts'
import { Shell } from '../layout.tsx'
import { type Asked, askReason, eventInAddress, performForm, postedForm, seeOther } from '../perform.tsx'
import { countText } from '../record/list-view.ts'
import { render } from '../render.ts'
import { type OwnList, readOwnList, textIn } from './own-list.ts'
import {
  conditionsOf,
  isNarrowed,
  queryOf,
  readSessionFilter,
  type SessionFilter,
  SessionFilterForm,
} from './session-filter.tsx'

const PER_PAGE = 50

export async function answerSessions(page: PageContext): Promise<Response> {
  const filter = readSessionFilter(page, new URL(page.c.req.url).searchParams)
  const sessions = await readOwnList<RecordList>(page, 'castellan.sessions', '/sessions', {
    filters: conditionsOf(page, filter),
    limit: PER_PAGE,
    beside: queryOf({ ...filter, search: '' }).toString(),
  })
  return render(
    page,
    <Shell
      page={page}
      title="Sessions"
      breadcrumb={[{ label: 'Security' }, { label: 'Sessions' }]}
      current="/sessions"
      toast={eventInAddress(page) ? 'Ended. The very next request is refused.' : null}
    >
      <SessionsPage page={page} sessions={sessions} filter={filter} />
    </Shell>,
  )
}

interface ShownSessions {
  readonly page: PageContext
  readonly sessions: OwnList<RecordList>
  readonly filter: SessionFilter
}

function SessionsPage({ page, sessions, filter }: ShownSessions): Html {
  const count = countText(sessions.list.count, page.format.number, { one: 'session', other: 'sessions' })
  return (
    <>
      <PageHead title="Sessions" {...(count !== null && { note: count })} />
      <Tabs label="Whose sessions" tabs={tabsOf(page, filter.isMine)} />
      <Toolbar>
        <SessionFilterForm page={page} filter={filter} />
        {isNarrowed(filter) && <EndMatching page={page} sessions={sessions} filter={filter} />}
      </Toolbar>
      <SessionTable
        page={page}
        sessions={sessions.list.records}
        empty={isNarrowed(filter) ? 'No session matches' : 'No session is live'}
      />
      {(sessions.previousHref !== null || sessions.nextHref !== null) && (
        <Pager page={page} previous={sessions.previousHref} next={sessions.nextHref} />
      )}
    </>
  )
}

/** What is shown, over all of its pages, can be ended at once. */
function EndMatching({ page, sessions, filter }: ShownSessions): Html | null {
  if (sessions.list.records.length === 0 || !isPossible(page, 'castellan.sessions.end')) return null
  return (
    <Form page={page} action={page.url('/sessions/end-matching')}>
      {[...queryOf(filter)].map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button page={page} variant="danger">
        End all that match
      </Button>
    </Form>
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
  /** What stands there instead of none. */
  readonly empty?: string
}

export function SessionTable({ page, sessions, isOfOnePerson, empty }: SessionTableProps): Html {
  const columns = sessionColumns(page, isOfOnePerson ?? false).filter(
    (column) => !(isOfOnePerson && column.label === 'Person'),
  )
  return (
    <DataTable
      page={page}
      label="Live sessions"
      columns={columns}
      rows={sessions}
      empty={<Empty page={page} icon="key-round" title={empty ?? 'No session is live'} />}
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
      cell: (record) => <Where page={page} address={textIn(record, 'address')} />,
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
  return end(page, '/sessions', {
    action: `castellan.sessions.${verb}`,
    key: page.c.req.param('key') ?? '',
    title: verb === 'end' ? 'End the session' : 'End all sessions of this person',
    purpose: verb === 'end' ? 'end this session' : 'end all sessions of this person',
    submitLabel: verb === 'end' ? 'End session' : 'End all sessions',
  })
}

/** Ends all that the list shows, its other pages among them, once the plan has said how many of whose they are. */
export async function answerEndMatching(page: PageContext): Promise<Response> {
  const sent = page.c.get('form') ?? new URLSearchParams()
  const filter = readSessionFilter(page, sent)
  const back = `/sessions?${queryOf(filter)}`
  const scope = sent.get('_scope') ?? (await scopeOf(page, filter))
  if (scope === null) return page.c.redirect(page.url(back), 303)
  const fields = new URLSearchParams(sent)
  fields.set('_scope', scope)
  return end(page, back, {
    action: 'castellan.sessions.end',
    selection: { kind: 'matching', scope },
    title: 'End the sessions that match',
    purpose: 'end the sessions that match',
    submitLabel: 'End sessions',
    isDanger: true,
    fields,
  })
}

type End = Omit<Asked, 'input' | 'breadcrumb' | 'current' | 'cancelHref' | 'shownPlan'>

/** @param back The list that one came from. */
async function end(page: PageContext, back: string, what: End): Promise<Response> {
  const form = postedForm(page)
  const asked: Asked = {
    ...what,
    input: {},
    breadcrumb: [{ label: 'Sessions', href: page.url(back) }, { label: 'End' }],
    current: '/sessions',
    cancelHref: page.url(back),
    shownPlan: form.fields['_plan'] ?? null,
  }
  try {
    const performed = await performForm(page, form, asked)
    return performed.kind === 'answer' ? performed.response : seeOther(page, '/sessions', performed.event)
  } catch (error) {
    if (!(error instanceof Unreasoned)) throw error
    return askReason(pageContext(page.c, page.house), form, asked, error)
  }
}

/** Null: none matches. */
async function scopeOf(page: PageContext, filter: SessionFilter): Promise<string | null> {
  const { scope } = await read<RecordList>(page, {
    action: 'castellan.sessions.list',
    input: {
      filters: conditionsOf(page, filter),
      search: filter.search || null,
      limit: 1,
      scope: 'end',
    },
  })
  return scope && scope.count > 0 ? scope.token : null
}
