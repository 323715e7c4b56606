/** What happened to one record: who, what, when, why, and the values before and after. */

import type { Model } from '../../../model/model.ts'
import { LinkButton } from '../components/button.tsx'
import { PageHead } from '../components/card.tsx'
import { DateTime, Empty } from '../components/display.tsx'
import type { Child, Html } from '../components/html.ts'
import { Pager } from '../components/table.tsx'
import { Timeline, TimelineEntry } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import type { EventView } from '../security/event.ts'
import { Badges, EventDiff, isSystem, Sentence } from '../security/event-list.tsx'
import { recordPath } from './paths.ts'

export interface HistoryProps {
  readonly page: PageContext
  readonly model: Model
  readonly encodedKey: string
  readonly heading: string
  readonly events: readonly EventView[]
  readonly nextHref: string | null
  readonly previousHref: string | null
}

export function HistoryPage(props: HistoryProps): Html {
  const { page, model, encodedKey, heading, events } = props
  return (
    <>
      <PageHead
        title={`History of ${heading}`}
        actions={
          <LinkButton page={page} href={page.url(recordPath(model.name, encodedKey))}>
            Back to the record
          </LinkButton>
        }
      />
      {events.length === 0 && (
        <Empty page={page} icon="history" title="Nothing has been recorded yet">
          Changes made here from now on appear with who made them and why.
        </Empty>
      )}
      <Timeline>
        {events.map((event) => (
          <TimelineEntry
            page={page}
            actor={event.principal.label}
            isSystem={isSystem(event)}
            sentence={<Sentence page={page} event={event} isAboutOne />}
            badges={<Badges event={event} />}
            facts={factsOf(page, event)}
          >
            <EventDiff event={event} models={page.house.gate.models} />
          </TimelineEntry>
        ))}
      </Timeline>
      {(props.nextHref !== null || props.previousHref !== null) && (
        <Pager page={page} previous={props.previousHref} next={props.nextHref} />
      )}
    </>
  )
}

function factsOf(page: PageContext, event: EventView): readonly Child[] {
  return [
    <DateTime page={page} at={event.occurredAt} />,
    <DateTime page={page} at={event.occurredAt} as="exact" />,
    event.reason && `Reason: ${event.reason}`,
    event.ticket && `Ticket ${event.ticket}`,
    <>
      Request <code>{event.request.id}</code>
    </>,
  ].filter(Boolean)
}
