/** Audit events as a timeline: short in an aside, whole in the explorer and in a history. */

import type { SeenEvent } from '../../../gate/recorded.ts'
import type { Model } from '../../../model/model.ts'
import { Badge } from '../components/badge.tsx'
import { DateTime } from '../components/display.tsx'
import type { Child, Html } from '../components/html.ts'
import { Diff, type DiffLine, Timeline, TimelineEntry } from '../components/timeline.tsx'
import { pathDiff } from '../components/word-diff.ts'
import type { PageContext } from '../context.ts'
import {
  badgesOf,
  changesInShort,
  type EventChangeView,
  type EventView,
  fieldLabel,
  isMaskedChange,
  needsTarget,
  phraseOf,
  targetOf,
} from './event.ts'

export interface EventListProps {
  readonly page: PageContext
  readonly events: readonly EventView[]
  /** All are about the record at hand: its name is left out. */
  readonly isAboutOne?: boolean | undefined
}

/** One line each, for an aside. */
export function EventList({ page, events, isAboutOne }: EventListProps): Html {
  return (
    <Timeline small>
      {events.map((event) => (
        <TimelineEntry
          page={page}
          small
          actor={event.principal.label}
          isSystem={isSystem(event)}
          sentence={<Sentence page={page} event={event} isAboutOne={isAboutOne} />}
          badges={<Badges event={event} />}
          facts={shortFacts(page, event)}
        />
      ))}
    </Timeline>
  )
}

function shortFacts(page: PageContext, event: EventView): readonly Child[] {
  const changes = changesInShort(event, page.house.gate.models)
  const time = <DateTime page={page} at={event.occurredAt} />
  return changes === null ? [time] : [changes, time]
}

export function isSystem(event: EventView): boolean {
  return event.principal.kind === 'system' || event.principal.kind === 'service'
}

/** What stands after the actor's name: the phrase and what it is about. */
export function Sentence({
  page,
  event,
  isAboutOne,
}: {
  readonly page: PageContext
  readonly event: EventView
  readonly isAboutOne?: boolean | undefined
}): Html {
  const phrase = phraseOf(event)
  if (!needsTarget(event)) return <>{phrase}</>
  if (isAboutOne) return <>{`${phrase} ${isAboutOne ? 'it' : ''}`.trim()}</>
  const target = targetOf(event, page.house.gate.models)
  if (!target) return <>{phrase}</>
  return (
    <>
      {phrase}{' '}
      {target.path === null ? (
        target.label
      ) : (
        <a class="link" href={page.url(target.path)}>
          {target.label}
        </a>
      )}
    </>
  )
}

export function Badges({
  event,
  ending,
}: {
  readonly event: EventView
  /** How what it begins has ended, where that is known. */
  readonly ending?: SeenEvent['ending'] | undefined
}): Html {
  return (
    <>
      {badgesOf(event, ending).map((badge) => (
        <Badge tone={badge.tone}>{badge.label}</Badge>
      ))}
    </>
  )
}

/** The changed fields with their labels; nothing when there are none. */
export function EventDiff({
  event,
  models,
}: {
  readonly event: EventView
  readonly models: ReadonlyMap<string, Model>
}): Html | null {
  if (event.changes.length === 0) return null
  const model = event.target ? models.get(event.target.model) : undefined
  return <Diff lines={diffLines(model, event.changes)} />
}

/** Each change as a line; of JSON a line for each path that differs. */
export function diffLines(
  model: Model | undefined,
  changes: readonly EventChangeView[],
): readonly DiffLine[] {
  return changes.flatMap((change): readonly DiffLine[] => {
    const label = fieldLabel(model, change.field)
    if (isMaskedChange(change)) return [{ label, before: null, after: null, isMasked: true }]
    const { before, after } = change
    const isJson = model?.fields.find(({ name }) => name === change.field)?.type === 'json'
    const paths = isJson && before !== null && after !== null ? pathDiff(before, after) : null
    if (!paths) return [{ label, before, after }]
    return paths.map((one) => ({ label: `${label} › ${one.path}`, before: one.before, after: one.after }))
  })
}
