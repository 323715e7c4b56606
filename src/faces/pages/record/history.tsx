/**
 * What happened to one record: who, what, when, why, and the values before and
 * after; any two versions beside each other; and the way back to each.
 */

import type { ComparedVersions } from '../../../gate/recorded.ts'
import type { Model } from '../../../model/model.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { DateTime, Empty } from '../components/display.tsx'
import { Select } from '../components/field.tsx'
import type { Child, Html } from '../components/html.ts'
import { Pager } from '../components/table.tsx'
import { Diff, Timeline, TimelineEntry } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import type { EventView } from '../security/event.ts'
import { Badges, diffLines, EventDiff, isSystem, Sentence } from '../security/event-list.tsx'
import { recordPath } from './paths.ts'
import { RevertButton } from './revert-route.tsx'

export interface HistoryProps {
  readonly page: PageContext
  readonly model: Model
  readonly encodedKey: string
  readonly heading: string
  readonly events: readonly EventView[]
  readonly compare: { readonly from: string; readonly to: string | null } | null
  readonly compared: ComparedVersions | null
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
      {(events.length > 1 || props.compared) && <CompareForm {...props} />}
      {props.compared && <Compared page={page} model={model} compared={props.compared} />}
      <Timeline>
        {events.map((event, index) => (
          <TimelineEntry
            page={page}
            actor={event.principal.label}
            isSystem={isSystem(event)}
            sentence={<Sentence page={page} event={event} isAboutOne />}
            badges={<Badges event={event} />}
            facts={factsOf(page, event)}
          >
            <EventDiff event={event} models={page.house.gate.models} />
            <WaysBack
              page={page}
              model={model}
              encodedKey={encodedKey}
              event={event}
              isNewest={index === 0 && props.previousHref === null}
            />
          </TimelineEntry>
        ))}
      </Timeline>
      {(props.nextHref !== null || props.previousHref !== null) && (
        <Pager page={page} previous={props.previousHref} next={props.nextHref} />
      )}
    </>
  )
}

/** Undoing that change alone, and going back to what it made of the record. */
function WaysBack({
  page,
  model,
  encodedKey,
  event,
  isNewest,
}: {
  readonly page: PageContext
  readonly model: Model
  readonly encodedKey: string
  readonly event: EventView
  readonly isNewest: boolean
}): Html | null {
  if (event.changes.length === 0 || event.outcome !== 'done') return null
  return (
    <div class="timeline-ways">
      <RevertButton page={page} model={model.name} what={{ event: event.id }} icon="undo-2" small>
        Undo this change…
      </RevertButton>
      {!isNewest && (
        <RevertButton
          page={page}
          model={model.name}
          what={{ record: encodedKey, version: event.id }}
          icon="rotate-ccw"
          small
        >
          Restore this version…
        </RevertButton>
      )}
    </div>
  )
}

function CompareForm({ page, events, compare }: HistoryProps): Html {
  const options = events.map((event) => ({
    value: event.id,
    label: `${page.format.exact(event.occurredAt)}, ${event.principal.label}`,
  }))
  return (
    <form method="get" class="compare-form">
      <label class="compare-side">
        <span>Compare</span>
        <Select name="from" options={options} value={compare?.from ?? options.at(-1)?.value ?? ''} />
      </label>
      <label class="compare-side">
        <span>with</span>
        <Select name="to" options={options} value={compare?.to ?? ''} blank="Now" />
      </label>
      <Button page={page} small>
        Show differences
      </Button>
    </form>
  )
}

function Compared({
  page,
  model,
  compared: { changes, events },
}: {
  readonly page: PageContext
  readonly model: Model
  readonly compared: ComparedVersions
}): Html {
  const between = page.format.plural(events, 'change lies', 'changes lie')
  return (
    <div class="above">
      <Card title="Differences" aside={`${between} between`}>
        {changes.length === 0 ? (
          <p class="muted">Both versions are the same, as far as you may read them.</p>
        ) : (
          <Diff lines={diffLines(model, changes)} caption="Fields that differ" />
        )}
      </Card>
    </div>
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
