/** Showing one masked value of a record: an event of its own every time, and never folded. */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction } from '../gate/action.ts'
import type { Value } from '../model/model.ts'
import { fieldOf } from '../model/model.ts'
import { readInput } from './input.ts'

const Input = z.strictObject({ field: z.string() })

export interface RevealInput {
  readonly field: string
}

export interface Revealed {
  readonly field: string
  readonly value: Value
}

export const reveal: Action<RevealInput, Revealed> = defineAction<RevealInput, Revealed>({
  verb: 'reveal',
  model: '*',
  label: 'Reveal',
  on: 'record',
  access: 'read',
  kind: 'record.reveal',
  appliesTo: (model) => model.key !== null && model.fields.some((field) => field.sensitivity === 'personal'),
  parse: (raw, { model }) => readInput(`${model.name}.reveal`, Input, raw),
  async run({ field: name }, { model, access, records, target, report }) {
    if (!target) throw new TypeError('Revealing needs a record.')
    const field = fieldOf(model, name)
    // One answer for a field that isn't there, isn't masked, or isn't theirs to see.
    if (
      field?.sensitivity !== 'personal' ||
      field.hidden ||
      !target.view.masked.includes(name) ||
      !access.fieldsOf(target.resource).has(name)
    ) {
      throw new AdminError('invalid-input', `${model.name}.reveal: check field.`, {
        fields: { field: ['is not a masked field of this record'] },
      })
    }
    report.detail({ field: name })
    const stored = await records.stored(target.key)
    return { field: name, value: stored[name] ?? null }
  },
})
