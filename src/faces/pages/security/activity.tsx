/** The activity of a period: when, by whom, in which role and on what, each as a chart with its numbers beside it. */

import type { Activity, ActivityOf } from '../../../gate/recorded.ts'
import { Badge } from '../components/badge.tsx'
import { LinkButton } from '../components/button.tsx'
import { Card, PageHead, Tabs } from '../components/card.tsx'
import { BarChart } from '../components/chart.tsx'
import { Empty } from '../components/display.tsx'
import { Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { auditAddress, readAuditAddress } from './audit-address.ts'

export const DAYS = [
  { days: 1, label: '24 hours' },
  { days: 7, label: '7 days' },
  { days: 30, label: '30 days' },
] as const

export interface ActivityProps {
  readonly page: PageContext
  readonly days: number
  readonly activity: Activity
}

export function ActivityPage({ page, days, activity }: ActivityProps): Html {
  const { total, isWhole, people, roles, models } = activity
  const number = (value: number): string => page.format.number(value)
  return (
    <>
      <PageHead
        title="Activity"
        note={page.format.plural(total.events, 'event', 'events')}
        badges={
          total.refused > 0 && <Badge tone="warn">{`${number(total.refused)} refused or failed`}</Badge>
        }
        actions={
          <LinkButton page={page} href={page.url('/audit')} icon="history">
            Audit log
          </LinkButton>
        }
      />
      <Tabs
        label="Period"
        tabs={DAYS.map((one) => ({
          label: `Last ${one.label}`,
          href: page.url(`/audit/activity?days=${one.days}`),
          isCurrent: one.days === days,
        }))}
      />
      {!isWhole && (
        <Note page={page} tone="info">
          {`There are more events than are counted at once: these are the newest ${number(total.events)}.`}
        </Note>
      )}
      {total.events === 0 ? (
        <Empty page={page} icon="activity" title="Nothing was recorded in this period">
          Choose a longer one.
        </Empty>
      ) : (
        <div class="activity">
          <Card title="When">
            <BarChart
              page={page}
              title={days === 1 ? 'Events by hour' : 'Events by day'}
              bars={timesOf(page, days, activity)}
              isColumns
            />
          </Card>
          <Card title="Who">
            <BarChart
              page={page}
              title="Events by person"
              bars={people.map((one) => ({
                ...one,
                href: logOf(page, days, `actor=${encodeURIComponent(one.label)}`),
              }))}
            />
          </Card>
          <Card title="In which role">
            <BarChart page={page} title="Events by role" bars={roles} />
          </Card>
          <Card title="On what">
            <BarChart
              page={page}
              title="Events by resource"
              bars={models.map((one) => ({
                ...one,
                label: nameOf(page, one.label),
                ...(one.label !== '' && {
                  href: logOf(page, days, `model=${encodeURIComponent(one.label)}`),
                }),
              }))}
            />
          </Card>
        </div>
      )}
    </>
  )
}

/** The events behind a bar. */
function logOf(page: PageContext, days: number, query: string): string {
  return auditAddress(page.url('/audit'), {
    ...readAuditAddress(new URLSearchParams(query)),
    period: String(days),
    withReads: true,
  })
}

function nameOf(page: PageContext, model: string): string {
  return page.house.gate.models.get(model)?.labelPlural ?? (model === '' ? 'No resource' : model)
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Hours and days of the reader's own zone; those in which nothing was done stand there empty. */
function timesOf(page: PageContext, days: number, { hours }: Activity): readonly ActivityOf[] {
  const isHourly = days === 1
  const label = isHourly ? page.format.dateTime : page.format.date
  const newest = Math.floor(page.house.clock() / HOUR_MS) * HOUR_MS
  const [count, stepMs] = isHourly ? [25, HOUR_MS] : [days + 1, DAY_MS]
  const slots = new Map<string, ActivityOf>()
  for (let back = count - 1; back >= 0; back -= 1) {
    const name = label(newest - back * stepMs)
    slots.set(name, { label: name, events: 0, refused: 0, changes: 0 })
  }
  for (const { hour, events, refused, changes } of hours) {
    const name = label(Date.parse(`${hour}:00:00Z`))
    const slot = slots.get(name)
    if (!slot) continue
    slots.set(name, {
      label: name,
      events: slot.events + events,
      refused: slot.refused + refused,
      changes: slot.changes + changes,
    })
  }
  return [...slots.values()]
}
