/** Answers the activity of a period. */

import type { Activity } from '../../../gate/recorded.ts'
import { read } from '../ask.ts'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { render } from '../render.ts'
import { ActivityPage, DAYS } from './activity.tsx'

const USUAL_DAYS = 7

export async function answerActivity(page: PageContext): Promise<Response> {
  const asked = Number(page.c.req.query('days'))
  const days = DAYS.find((one) => one.days === asked)?.days ?? USUAL_DAYS
  const activity = await read<Activity>(page, { action: 'castellan.audit.activity', input: { days } })
  return render(
    page,
    <Shell
      page={page}
      title="Activity"
      breadcrumb={[
        { label: 'Security' },
        { label: 'Audit log', href: page.url('/audit') },
        { label: 'Activity' },
      ]}
      current="/audit"
    >
      <ActivityPage page={page} days={days} activity={activity} />
    </Shell>,
  )
}
