/**
 * The first page: how many records there are, what changed, what needs its
 * reader. Each part asks the gate by itself and fails alone.
 */

import type { AuditList } from '../../gate/recorded.ts'
import type { RecordList } from '../../gate/records.ts'
import type { Filter } from '../../model/filter.ts'
import type { Model } from '../../model/model.ts'
import { readPart } from './ask.ts'
import { LinkButton } from './components/button.tsx'
import { Card, PageHead } from './components/card.tsx'
import { Empty, Kpi, Kpis, type MeterRow, Meters } from './components/display.tsx'
import type { Html } from './components/html.ts'
import { Icon } from './components/icon.tsx'
import type { IconName } from './components/icon-names.ts'
import { isPossible, type PageContext, principalOf } from './context.ts'
import { Shell } from './layout.tsx'
import { countNumber } from './record/list-view.ts'
import { modelPath } from './record/paths.ts'
import { render } from './render.ts'
import { type LogCondition, logCondition } from './security/alarms.ts'
import { auditFilters, NEWEST_FIRST, readAuditAddress } from './security/audit-address.ts'
import type { EventView } from './security/event.ts'
import { EventList } from './security/event-list.tsx'
import { isUnchecked } from './security/log-state.ts'

const TILES = 4
const BARS = 6
const EVENTS = 8
const ALARMS = 3

interface ModelCount {
  readonly model: Model
  /** Null where it could not be counted just now. */
  readonly count: RecordList['count']
}

export async function answerDashboard(page: PageContext): Promise<Response> {
  const [counts, events, sessions, isWanting, log] = await Promise.all([
    modelCounts(page),
    recentEvents(page),
    ownSessions(page),
    page.house.identity.authenticators.isWanting(principalOf(page)),
    logCondition(page),
  ])
  const { format, house } = page
  return render(
    page,
    <Shell page={page} title="Dashboard" breadcrumb={[{ label: 'Dashboard' }]} current="/">
      <PageHead
        title={greeting(page)}
        below={`${format.day(house.clock()).replace(/^Today, /, '')} · all times ${format.timeZone}`}
      />
      <div class="stack">
        <Tiles page={page} counts={mainModels(counts).slice(0, TILES)} />
        <div class="dashboard-grid">
          <RecentCard page={page} events={events} />
          <div class="stack">
            <NeedsCard page={page} needs={needsOf(page, { log, sessions, isWanting })} />
            <ModelsCard page={page} counts={counts.slice(0, BARS)} />
          </div>
        </div>
      </div>
    </Shell>,
  )
}

/** "Good morning, Ana": by the clock of the reader's zone. */
function greeting(page: PageContext): string {
  const { clock } = page.house
  const hour = Number(page.format.time(clock()).slice(0, 2))
  const [first] = principalOf(page).name.split(' ')
  if (hour < 12) return `Good morning, ${first}`
  return hour < 18 ? `Good afternoon, ${first}` : `Good evening, ${first}`
}

/** Those that may be listed, with the most records first. */
async function modelCounts(page: PageContext): Promise<readonly ModelCount[]> {
  const models = [...page.house.gate.models.values()].filter(
    (model) =>
      !model.name.startsWith('castellan.') &&
      model.kind === 'table' &&
      isPossible(page, `${model.name}.list`),
  )
  const counts = await Promise.all(
    models.slice(0, 24).map(async (model): Promise<ModelCount> => {
      const list = await readPart<RecordList>(page, {
        action: `${model.name}.list`,
        input: { limit: 1, count: 'estimated', fields: model.key ?? null },
      })
      return { model, count: list?.count ?? null }
    }),
  )
  return counts.toSorted((a, b) => (b.count?.value ?? -1) - (a.count?.value ?? -1))
}

/** What most others belong to comes first: customers and orders before the lines of an order. */
function mainModels(counts: readonly ModelCount[]): readonly ModelCount[] {
  const children = ({ model }: ModelCount): number =>
    model.relations.filter((relation) => relation.kind === 'many').length
  return counts.toSorted((a, b) => children(b) - children(a))
}

/** What people and programs did in the last thirty days, of everyone or one's own as the policy allows; null where neither. */
async function recentEvents(page: PageContext): Promise<readonly EventView[] | null> {
  if (!isPossible(page, 'castellan.audit.list')) return null
  const address = readAuditAddress(new URLSearchParams('period=30'))
  const now = Math.floor(page.house.clock() / 60_000) * 60_000
  const byOthers: Filter = { field: 'principal_kind', operator: 'ne', value: 'system' }
  const list = await readPart<AuditList>(page, {
    action: 'castellan.audit.list',
    input: { filters: [...auditFilters(address, now), byOthers], sort: NEWEST_FIRST, limit: EVENTS },
  })
  if (!list) return null
  return list.records.flatMap((record) => {
    const seen = list.events[record.key ?? '']
    // how it ended stands in an event of its own
    return !seen || seen.ending ? [] : [seen.event]
  })
}

/** How many sessions of the reader's own are live; null where that may not be known. */
async function ownSessions(page: PageContext): Promise<number | null> {
  const list = await readPart<RecordList>(page, {
    action: 'castellan.sessions.list',
    input: {
      filters: [{ field: 'person_id', operator: 'eq', value: principalOf(page).subject.id }],
      limit: 50,
    },
  })
  return list?.records.length ?? null
}

function Tiles({
  page,
  counts,
}: {
  readonly page: PageContext
  readonly counts: readonly ModelCount[]
}): Html | null {
  if (counts.length === 0) return null
  return (
    <Kpis>
      {counts.map(({ model, count }) => (
        <Kpi
          label={model.labelPlural}
          href={page.url(modelPath(model.name))}
          value={count ? countText(page, count) : '–'}
          note={count ? 'records you may see' : 'can’t be counted now'}
        />
      ))}
    </Kpis>
  )
}

function countText(page: PageContext, count: NonNullable<RecordList['count']>): string {
  return countNumber(count, page.format.number)
}

function RecentCard({
  page,
  events,
}: {
  readonly page: PageContext
  readonly events: readonly EventView[] | null
}): Html {
  const link = isPossible(page, 'castellan.audit.list') && (
    <a class="link" href={page.url('/audit')}>
      Audit log
    </a>
  )
  return (
    <Card title="Recent changes" {...(link && { aside: link })}>
      {events === null && <p class="muted">The audit log can’t be shown to you here.</p>}
      {events?.length === 0 && (
        <Empty page={page} icon="history" title="Nothing has happened yet">
          Every change made here appears with who made it.
        </Empty>
      )}
      {events !== null && events.length > 0 && <EventList page={page} events={events} />}
    </Card>
  )
}

interface Need {
  readonly icon: IconName
  readonly title: string
  readonly note: string
  readonly href: string
  readonly button: string
}

interface Asking {
  readonly log: LogCondition
  /** How many sessions of the reader's own are live; null where that may not be known. */
  readonly sessions: number | null
  /** Whether a second authenticator is wanting. */
  readonly isWanting: boolean
}

function needsOf(page: PageContext, { log, sessions, isWanting }: Asking): readonly Need[] {
  const needs = needsOfLog(page, log)
  if (isWanting) {
    needs.push({
      icon: 'key-round',
      title: 'Add a second authenticator',
      note: 'Your role may do much: losing the one you have must not lock you out.',
      href: page.url('/profile#authenticators'),
      button: 'Add',
    })
  }
  if (sessions !== null && sessions > 1) {
    const others = page.format.plural(sessions - 1, 'other session', 'other sessions')
    needs.push({
      icon: 'monitor',
      title: `You have ${others}`,
      note: 'End those you do not know.',
      href: page.url('/sessions?view=mine'),
      button: 'Look',
    })
  }
  if (page.house.settings.isDebug) {
    needs.push({
      icon: 'triangle-alert',
      title: 'This runs in debug mode',
      note: 'Cookies travel without TLS. Never on a network.',
      href: page.url('/profile'),
      button: 'Profile',
    })
  }
  return needs
}

/** The worst before what only was not looked at. */
function needsOfLog(page: PageContext, { state, alarms }: LogCondition): Need[] {
  const { format, house } = page
  const look = { icon: 'triangle-alert', href: page.url('/audit'), button: 'Look' } as const
  const needs: Need[] = alarms.slice(0, ALARMS).map(({ title, note }) => ({ ...look, title, note }))
  if (state && isUnchecked(state, house.clock()) && isPossible(page, 'castellan.audit.verify')) {
    const title = 'The audit log was not checked for 24 h'
    needs.push({ ...look, title, note: `It was verified last on ${format.dateTime(state.at)}.` })
  }
  return needs
}

function NeedsCard({ page, needs }: { readonly page: PageContext; readonly needs: readonly Need[] }): Html {
  return (
    <Card title="Needs you" aside={needs.length > 0 ? `${needs.length} open` : 'all clear'} flush>
      {needs.length === 0 && <p class="card-body muted">Nothing waits for you.</p>}
      <ul class="line-list">
        {needs.map((need) => (
          <li>
            <Icon page={page} name={need.icon} />
            <div>
              <p class="strong">{need.title}</p>
              <p class="hint">{need.note}</p>
            </div>
            <LinkButton page={page} small href={need.href}>
              {need.button}
            </LinkButton>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function ModelsCard({
  page,
  counts,
}: {
  readonly page: PageContext
  readonly counts: readonly ModelCount[]
}): Html | null {
  const rows = counts.flatMap(({ model, count }): MeterRow[] =>
    count && count.value > 0
      ? [{ label: model.labelPlural, value: count.value, text: countText(page, count) }]
      : [],
  )
  if (rows.length === 0) return <FirstSteps page={page} />
  return (
    <Card title="Largest models">
      <Meters rows={rows} />
    </Card>
  )
}

/** While there is nothing to count: what to do first. */
function FirstSteps({ page }: { readonly page: PageContext }): Html {
  return (
    <Card title="First steps">
      <ol class="numbered">
        <li>
          <div>
            <p>Make the first record of a model, in the list on the left.</p>
          </div>
        </li>
        {isPossible(page, 'castellan.people.list') && (
          <li>
            <div>
              <p>
                Look at{' '}
                <a class="link" href={page.url('/people')}>
                  people
                </a>{' '}
                and at what their{' '}
                <a class="link" href={page.url('/roles')}>
                  roles
                </a>{' '}
                let them do.
              </p>
            </div>
          </li>
        )}
        <li>
          <div>
            <p>
              Read the{' '}
              <a class="link" href={page.url('/audit')}>
                audit log
              </a>
              : signing in is already in it.
            </p>
          </div>
        </li>
      </ol>
    </Card>
  )
}
