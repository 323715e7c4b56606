/**
 * The known columns of the application's databases: reading them, and saying how
 * sensitive one is. A process takes it in when it starts, as it does the schema.
 */

import { z } from 'zod'
import { AdminError } from '../errors.ts'
import { type Action, defineAction, type RunContext } from '../gate/action.ts'
import { listAction } from '../gate/record/list.ts'
import { SENSITIVITIES } from '../model/classified.ts'
import type { Model, Sensitivity } from '../model/model.ts'
import { readInput } from './input.ts'
import type { ActionParts, KnownField } from './parts.ts'

const MODEL = 'castellan.fields'

/** As its name and type say. */
export const AS_GUESSED = 'guess'

const Classifying = z.strictObject({
  model: z.string(),
  /** Names of columns; null: all that wait. */
  fields: z.array(z.string()).min(1, 'must name at least one field').nullable(),
  sensitivity: z.enum([...SENSITIVITIES, AS_GUESSED]),
})

type ClassifyingInput = z.infer<typeof Classifying>

export interface ClassifiedFields {
  /** By name of the column. */
  readonly fields: Readonly<Record<string, Sensitivity>>
}

export function fieldActions({ fields: book }: ActionParts): readonly Action[] {
  return [
    listAction(MODEL, 'field.list'),
    defineAction<ClassifyingInput, ClassifiedFields>({
      verb: 'classify',
      model: MODEL,
      label: 'Classify a field',
      on: 'model',
      access: 'write',
      kind: 'field.classify',
      parse: (raw) => readInput(`${MODEL}.classify`, Classifying, raw),
      async run(input, context) {
        const { connection, principal, report, now, models } = context
        const chosen = chosenFrom(await book.find(connection, input.model), input)
        const decided = chosen.map((known) => [known, decisionOf(known, input)] as const)
        mustLeaveKeyOpen(models.get(input.model), decided)
        const at = new Date(now).toISOString()
        for (const [known, sensitivity] of decided) {
          await book.decide(connection, known.id, { sensitivity, by: principal.name, at })
        }
        report.target(null, input.model)
        tell(context, decided)
        return { fields: Object.fromEntries(decided.map(([{ field }, sensitivity]) => [field, sensitivity])) }
      },
    }),
  ] as readonly Action[]
}

type Decided = readonly (readonly [KnownField, Sensitivity])[]

/** @throws AdminError `invalid-input` for what was never seen. */
function chosenFrom(
  known: readonly KnownField[],
  { model, fields }: ClassifyingInput,
): readonly KnownField[] {
  if (known.length === 0) throw refused('model', `"${model}" is no model that was ever seen.`)
  if (fields === null) {
    const waiting = known.filter(({ sensitivity }) => sensitivity === null)
    if (waiting.length === 0) throw refused('model', `No field of "${model}" waits.`)
    return waiting
  }
  return [...new Set(fields)].map((name) => {
    const found = known.find(({ field }) => field === name)
    if (!found) throw refused('fields', `"${model}" has no field "${name}".`)
    return found
  })
}

function decisionOf({ guess }: KnownField, { sensitivity }: ClassifyingInput): Sensitivity {
  return sensitivity === AS_GUESSED ? guess : sensitivity
}

/** A key stands in every address, so it can be kept from nobody who may know of the record. */
function mustLeaveKeyOpen(model: Model | undefined, decided: Decided): void {
  const keys = new Set(
    model?.fields.filter(({ name }) => model.key?.includes(name)).map(({ column }) => column),
  )
  for (const [{ field }, sensitivity] of decided) {
    if (!keys.has(field) || sensitivity === 'public' || sensitivity === 'internal') continue
    throw refused(
      'sensitivity',
      `"${field}" names the record in every address, so it cannot be ${sensitivity}.`,
    )
  }
}

function tell({ report }: RunContext, decided: Decided): void {
  report.change(
    ...decided.map(([{ field, sensitivity: before }, after]) => ({
      field,
      sensitivity: 'internal' as const,
      before: before ?? 'waiting',
      after,
    })),
  )
  report.count({ affected: decided.length })
}

function refused(field: keyof ClassifyingInput, sentence: string): AdminError {
  return new AdminError('invalid-input', `${MODEL}.classify: check ${field}.`, {
    fields: { [field]: [sentence] },
  })
}
