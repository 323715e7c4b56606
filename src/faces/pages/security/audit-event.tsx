/** One event, whole: what it says, what decided, and what proves that it is in the log. */

import type { AuditRead } from '../../../gate/recorded.ts'
import { Card, Columns, PageHead } from '../components/card.tsx'
import { Code, Copy, DateTime, type Definition, DefinitionList, None } from '../components/display.tsx'
import { Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { More } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import { RevertButton } from '../record/revert-route.tsx'
import { EraseCard, type Refused } from './audit-erase.tsx'
import { type EventView, targetOf, undoableModel } from './event.ts'
import { Badges, EventDiff, Sentence } from './event-list.tsx'

export function AuditEventPage({
  page,
  read,
  erasing,
}: {
  readonly page: PageContext
  readonly read: AuditRead
  /** Of the form that erases personal values. */
  readonly erasing?: Refused
}): Html {
  const { event, sequence, ending } = read
  const title = sequence === null ? 'Event without a number yet' : `Event ${page.format.number(sequence)}`
  if (!event) {
    return (
      <>
        <PageHead title={title} />
        <Note page={page} tone="bad" title="This event can't be read.">
          What is stored is not what an event is. Verify the log to see from where on it was changed.
        </Note>
      </>
    )
  }
  return (
    <>
      <PageHead
        title={title}
        badges={<Badges event={event} ending={ending} />}
        actions={<EventActions page={page} event={event} />}
      />
      <Columns
        label="Proof of this event"
        aside={
          <>
            <ProofCard page={page} read={read} />
            <EraseCard
              page={page}
              event={event}
              sequence={sequence}
              errors={erasing?.errors ?? []}
              ground={erasing?.ground ?? ''}
            />
          </>
        }
      >
        <Card title="What happened">
          <div class="stack">
            <p class="plan-sentence">
              {event.principal.label} <Sentence page={page} event={event} />
            </p>
            <EventDiff event={event} models={page.house.gate.models} />
            <DefinitionList layout="sheet" entries={happened(page, event)} />
          </div>
        </Card>
        <Card title="Who and from where">
          <DefinitionList layout="sheet" entries={whoEntries(event)} />
        </Card>
        <Card title="What decided">
          <DefinitionList layout="sheet" entries={decidedEntries(event)} />
        </Card>
      </Columns>
    </>
  )
}

/** Undoing it, and all that its session did. */
function EventActions({
  page,
  event,
}: {
  readonly page: PageContext
  readonly event: EventView
}): Html | null {
  const model = undoableModel(event)
  if (model === null) return null
  return (
    <>
      {event.session !== null && (
        <RevertButton
          page={page}
          model={model}
          what={{ session: event.session, principal: event.principal.id }}
        >
          Undo its session…
        </RevertButton>
      )}
      <RevertButton page={page} model={model} what={{ event: event.id }} icon="undo-2">
        Undo…
      </RevertButton>
    </>
  )
}

function happened(page: PageContext, event: EventView): readonly Definition[] {
  const target = targetOf(event, page.house.gate.models)
  const counts = Object.entries(event.counts).map(([name, count]) => `${name} ${count}`)
  const details = Object.entries(event.details).map(([name, value]) => `${name}: ${String(value)}`)
  return [
    { term: 'When', value: <DateTime page={page} at={event.occurredAt} as="exact" /> },
    { term: 'Action', value: <Code>{event.action}</Code> },
    { term: 'Outcome', value: event.code ? `${event.outcome} (${event.code})` : event.outcome },
    { term: 'About', value: target ? target.label : <None>nothing in particular</None> },
    { term: 'Reason', value: event.reason ?? <None /> },
    { term: 'Ticket', value: event.ticket ?? <None /> },
    { term: 'Kind', value: `${event.kind}, severity ${event.severity}` },
    ...(counts.length > 0 ? [{ term: 'Counts', value: counts.join(', ') }] : []),
    ...(details.length > 0 ? [{ term: 'Details', value: details.join(', '), full: true }] : []),
  ]
}

function whoEntries({ principal, request, session }: EventView): readonly Definition[] {
  return [
    { term: 'Principal', value: `${principal.label} (${principal.kind})` },
    { term: 'Roles', value: principal.roles.length > 0 ? principal.roles.join(', ') : <None /> },
    {
      term: 'Signed in with',
      value: `${principal.authentication.methods.join(', ') || 'nothing'}, assurance ${principal.authentication.assurance}`,
    },
    { term: 'Address', value: request.address ? <Code>{request.address}</Code> : <None /> },
    { term: 'Route', value: request.route ? <Code>{`${request.method} ${request.route}`}</Code> : <None /> },
    { term: 'Request', value: <Code>{request.id}</Code> },
    { term: 'Browser', value: request.userAgent ?? <None />, full: true },
    { term: 'Session', value: session ? <Code>{session.slice(0, 16)}</Code> : <None /> },
  ]
}

function decidedEntries({ policy, approval }: EventView): readonly Definition[] {
  return [
    {
      term: 'Rules',
      full: true,
      value:
        policy.rules.length > 0 ? (
          policy.rules.map((rule) => <Code>{`${rule} `}</Code>)
        ) : (
          <None>no rule</None>
        ),
    },
    { term: 'Policy version', value: <Code>{policy.version}</Code> },
    ...(approval ? [{ term: 'Approved by', value: approval.approvers.join(', ') }] : []),
  ]
}

function ProofCard({ page, read }: { readonly page: PageContext; readonly read: AuditRead }): Html {
  const { event, proof, sequence } = read
  if (!proof) {
    return (
      <Card title="Proof">
        <p class="muted">No signed checkpoint covers this event yet. Load the page again in a second.</p>
      </Card>
    )
  }
  const hash = (text: string, what: string): Definition['value'] => (
    <Copy page={page} text={text} what={what}>
      {text.slice(0, 12)}
    </Copy>
  )
  return (
    <Card title="Proof">
      <div class="stack">
        <DefinitionList
          entries={[
            { term: 'Sequence', value: page.format.number(sequence ?? 0) },
            { term: 'Leaf', value: hash(proof.leaf, 'leaf hash') },
            { term: 'Log size', value: page.format.number(proof.size) },
            ...(event ? [{ term: 'Event id', value: hash(event.id, 'event id') }] : []),
            {
              term: 'Previous for record',
              value: event?.previousForTarget ? (
                hash(event.previousForTarget, 'previous leaf hash')
              ) : (
                <None />
              ),
            },
          ]}
        />
        <More page={page} summary="Inclusion proof and checkpoint">
          <pre class="proof">{[...proof.proof, '', proof.checkpoint].join('\n')}</pre>
        </More>
      </div>
    </Card>
  )
}
