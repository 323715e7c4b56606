/** How much was done in a period, for whoever may see all of the log: counted, and recorded as a reading of it. */

import { z } from 'zod'
import { type Activity, activitySince } from '../audit/activity.ts'
import { type Action, defineAction } from '../gate/action.ts'
import { readInput } from './input.ts'

const MODEL = 'castellan.audit'
const DAY_MS = 86_400_000

export interface ActivityInput {
  /** Back from now. */
  readonly days: number
}

/** Scripts send numbers as text, so both are taken. */
const Input = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(7) })

export const activity: Action<ActivityInput, Activity> = defineAction<ActivityInput, Activity>({
  verb: 'activity',
  model: MODEL,
  label: 'See the activity',
  on: 'model',
  access: 'read',
  kind: 'audit.read',
  isFolded: true,
  sameness: ({ days }) => `activity ${days}`,
  parse: (raw) => readInput(`${MODEL}.activity`, Input, raw),
  async run({ days }, { connection, now, report }) {
    const found = await activitySince(connection, now - days * DAY_MS)
    report.count({ matched: found.total.events })
    report.detail({ activityDays: days })
    return found
  },
})
