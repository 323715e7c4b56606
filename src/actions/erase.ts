/**
 * Erasing the personal values that the log holds of one record: its key is
 * destroyed, and the events stay as they were signed. That it was done, by whom,
 * why and on what ground is an event itself.
 */

import { z } from 'zod'
import { eraseSubjectKey, subjectName } from '../audit/subject-key.ts'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import { NO_OBLIGATIONS } from '../policy/obligation.ts'
import { readInput } from './input.ts'

const MODEL = 'castellan.audit'

const Input = z.strictObject({
  model: z.string().trim().min(1, 'is needed').max(200),
  key: z.string().min(1, 'is needed').max(400),
  ground: z
    .string()
    .trim()
    .min(1, 'is needed: say what obliges to it, such as a request of the person')
    .max(500),
})

export interface EraseInput {
  readonly model: string
  /** As in an address. */
  readonly key: string
  /** What obliges to it, in words. */
  readonly ground: string
}

export const erase: Action<EraseInput, null> = defineAction<EraseInput, null>({
  verb: 'erase',
  model: MODEL,
  label: 'Erase personal values',
  on: 'model',
  access: 'write',
  kind: 'audit.erase',
  obligations: { ...NO_OBLIGATIONS, reason: true },
  parse: (raw) => readInput(`${MODEL}.erase`, Input, raw),
  async plan({ model, key, ground }) {
    return {
      sentence: `Make the personal values unreadable that the log holds of ${model} "${key}".`,
      effects: [
        {
          kind: 'cleared',
          count: 1,
          sentence:
            'Nobody can read them again, or undo what changed them. The record itself stays as it is.',
        },
        { kind: 'cleared', count: 1, sentence: `On the ground: ${ground}` },
      ],
      changes: [],
    }
  },
  async run({ model, key, ground }, { connection, report }) {
    const isErased = await eraseSubjectKey(connection, subjectName(`${model}:${key}`))
    if (!isErased) throw new AdminError('not-found', `The log holds no personal values of ${model} "${key}".`)
    report.count({ affected: 1 })
    report.detail({ model, key, ground })
    return null
  },
})
