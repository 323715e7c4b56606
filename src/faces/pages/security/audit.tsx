/** The audit explorer: what happened, newest first, with the state of the log itself. */

import type { AuditList, SeenEvent } from '../../../gate/recorded.ts'
import { Badge } from '../components/badge.tsx'
import { Button, LinkButton } from '../components/button.tsx'
import { PageHead } from '../components/card.tsx'
import { DateTime, Empty } from '../components/display.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Child, Html } from '../components/html.ts'
import { Pager } from '../components/table.tsx'
import { More, Timeline, TimelineDay, TimelineEntry } from '../components/timeline.tsx'
import { isPossible, type PageContext } from '../context.ts'
import type { Alarm, LogCondition } from './alarms.ts'
import { type AuditAddress, auditAddress, byDay } from './audit-address.ts'
import { DownloadForm } from './audit-download.tsx'
import { AuditFilters } from './audit-filters.tsx'
import type { EventView } from './event.ts'
import { Badges, EventDiff, EventList, isSystem, Sentence } from './event-list.tsx'
import { folded } from './fold.ts'
import { isUnchecked, type LogState } from './log-state.ts'

export interface AuditProps {
  readonly page: PageContext
  readonly address: AuditAddress
  readonly list: AuditList
  readonly condition: LogCondition
  /** What a verification just now said. */
  readonly verified: { readonly isGood: boolean; readonly lines: readonly string[] } | null
}

export function AuditPage(props: AuditProps): Html {
  const { page, address, list, condition, verified } = props
  const path = page.url('/audit')
  const at = (cursor: string | null): string | null => cursor && auditAddress(path, address, { cursor })
  const seen = list.records.flatMap((record) => list.events[record.key ?? ''] ?? [])
  const days = byDay(
    seen.map((one) => ({ ...one, occurredAt: one.event.occurredAt })),
    (instant) => page.format.day(instant),
  )
  return (
    <>
      <PageHead
        title="Audit log"
        badges={<StateBadge page={page} state={condition.state} />}
        actions={
          <>
            {isPossible(page, 'castellan.audit.activity') && (
              <LinkButton page={page} href={page.url('/audit/activity')} icon="activity">
                Activity
              </LinkButton>
            )}
            <DownloadForm page={page} address={address} />
            {isPossible(page, 'castellan.audit.verify') && <VerifyForm page={page} />}
          </>
        }
      />
      {verified && (
        <div class="above">
          <Verified page={page} {...verified} />
        </div>
      )}
      {condition.alarms.length > 0 && (
        <div class="above">
          <Alarms page={page} alarms={condition.alarms} />
        </div>
      )}
      <AuditFilters page={page} address={address} />
      {seen.length === 0 && <NothingFound page={page} address={address} />}
      {days.map(({ day, entries }) => (
        <section>
          <TimelineDay>{day}</TimelineDay>
          <Timeline>
            {folded(entries).map(({ lead, parts }) => (
              <AuditEntry page={page} seen={lead} parts={parts} address={address} />
            ))}
          </Timeline>
        </section>
      ))}
      {(list.page.next !== null || list.page.previous !== null) && (
        <Pager page={page} previous={at(list.page.previous)} next={at(list.page.next)} />
      )}
    </>
  )
}

/** Who may not verify may not see either whether anybody has. */
function StateBadge({
  page,
  state,
}: {
  readonly page: PageContext
  readonly state: LogState | null
}): Html | null {
  if (!state) {
    return isPossible(page, 'castellan.audit.verify') ? <Badge tone="warn">Not verified yet</Badge> : null
  }
  const when = <DateTime page={page} at={state.at} />
  if (state.result === 'tampered') {
    const place = state.firstBadSequence === null ? '' : ` at sequence ${state.firstBadSequence}`
    return <Badge tone="bad">Tampered{place}</Badge>
  }
  if (isUnchecked(state, page.house.clock())) {
    return <Badge tone="warn">Not checked for 24 h, last {when}</Badge>
  }
  if (state.result === 'verified') return <Badge tone="ok">Log verified {when}</Badge>
  return <Badge tone="warn">Verification incomplete {when}</Badge>
}

function VerifyForm({ page }: { readonly page: PageContext }): Html {
  return (
    <Form page={page} action={page.url('/audit/verify')}>
      <Button page={page} icon="shield-check">
        Verify now
      </Button>
    </Form>
  )
}

function Verified({
  page,
  isGood,
  lines,
}: {
  readonly page: PageContext
  readonly isGood: boolean
  readonly lines: readonly string[]
}): Html {
  return (
    <Note
      page={page}
      tone={isGood ? 'ok' : 'bad'}
      title={isGood ? 'The log is what was signed.' : 'The log is not what was signed.'}
      alert
    >
      {lines.map((line) => (
        <p>
          <code>{line}</code>
        </p>
      ))}
    </Note>
  )
}

function Alarms({ page, alarms }: { readonly page: PageContext; readonly alarms: readonly Alarm[] }): Html {
  return (
    <Note
      page={page}
      tone="bad"
      title={page.format.plural(alarms.length, 'alarm is open.', 'alarms are open.')}
    >
      {alarms.map(({ id, title, note, code, since }) => (
        <p>
          <a class="link" href={page.url(`/audit/${id}`)}>
            {title}
          </a>{' '}
          since <DateTime page={page} at={since} /> (<code>{code}</code>). {note}
        </p>
      ))}
    </Note>
  )
}

interface AuditEntryProps {
  readonly page: PageContext
  readonly seen: SeenEvent
  /** Of an action on several: the events of its records. */
  readonly parts: readonly SeenEvent[]
  readonly address: AuditAddress
}

function AuditEntry({ page, seen, parts, address }: AuditEntryProps): Html {
  const { event, sequence, ending } = seen
  return (
    <TimelineEntry
      page={page}
      actor={event.principal.label}
      isSystem={isSystem(event)}
      sentence={<Sentence page={page} event={event} />}
      badges={<Badges event={event} ending={ending} />}
      facts={entryFacts(page, event)}
    >
      <EventDiff event={event} models={page.house.gate.models} />
      {parts.length > 0 && <PartEvents page={page} event={event} parts={parts} address={address} />}
      <More page={page}>
        <p class="timeline-facts">
          <span>{sequence === null ? 'waits for its number' : `sequence ${sequence}`}</span>
          <span>
            <code>{event.action}</code>
          </span>
          {event.policy.rules.length > 0 && <span>rules {event.policy.rules.join(', ')}</span>}
          <span>
            request <code>{event.request.id}</code>
          </span>
          <a class="link" href={page.url(`/audit/${sequence ?? event.id}`)}>
            Open event
          </a>
        </p>
      </More>
    </TimelineEntry>
  )
}

/** The records of an action on several, as far as they stand on this page. */
function PartEvents({
  page,
  event,
  parts,
  address,
}: Omit<AuditEntryProps, 'seen'> & { readonly event: EventView }): Html {
  const all = auditAddress(page.url('/audit'), address, { request: event.request.id })
  return (
    <More page={page} summary={`${page.format.plural(parts.length, 'record', 'records')} of it on this page`}>
      <EventList page={page} events={parts.map((part) => part.event)} />
      <p>
        <a class="link" href={all}>
          Everything of this request
        </a>
      </p>
    </More>
  )
}

function entryFacts(page: PageContext, event: EventView): readonly Child[] {
  return [
    <DateTime page={page} at={event.occurredAt} as="time" />,
    event.request.address && <bdi dir="ltr">{event.request.address}</bdi>,
    event.code && `${event.code}`,
    event.reason,
    event.ticket && `Ticket ${event.ticket}`,
  ].filter(Boolean)
}

function NothingFound({
  page,
  address,
}: {
  readonly page: PageContext
  readonly address: AuditAddress
}): Html {
  const all = auditAddress(page.url('/audit'), {
    ...address,
    search: '',
    actor: '',
    action: '',
    model: '',
    record: '',
    outcome: '',
    ip: '',
    session: '',
    request: '',
    period: '',
  })
  return (
    <Empty
      page={page}
      icon="history"
      title="No event matches"
      action={
        <LinkButton page={page} href={all}>
          Clear filters
        </LinkButton>
      }
    >
      Events of the last days appear here as soon as something is done.
    </Empty>
  )
}
