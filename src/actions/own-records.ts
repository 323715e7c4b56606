/**
 * What the code of an application's action gets in place of a connection.
 *
 * A change that is refused is one that must not stand, so it ends the action
 * even where that code catches it; and nothing goes on once the code has ended.
 */

import { AdminError } from '../errors.ts'
import type { NestedCall, RunContext } from '../gate/action.ts'
import type { OwnReader, OwnRecords, OwnTarget, OwnWritten } from '../gate/own-action.ts'
import { onlyValues } from '../gate/record/input.ts'
import { updateRecord } from '../gate/record/write.ts'
import type { ListInput, RecordList, RecordRead, RecordView, Target } from '../gate/records.ts'
import { fitValues } from '../model/fit.ts'
import type { Model, Values } from '../model/model.ts'
import { parseValues } from '../model/parse.ts'

export interface Work {
  readonly reader: OwnReader
  readonly records: OwnRecords
  /** Null for an action on the model, and for one on several records. */
  readonly target: OwnTarget | null
  /** None but for an action on several records. */
  readonly targets: readonly OwnTarget[]
  /** Runs the code; what it began has ended when this returns, or it throws. */
  during<T>(code: () => T | Promise<T>): Promise<T>
  /** How many records it changed. */
  affected(): number
}

const DEFAULT_LIMIT = 50

/** @param name `orders.refund`. */
export function createWork(context: RunContext, name: string): Work {
  let isOver = false
  let pending = 0
  let affected = 0
  const refused: unknown[] = []

  async function tracked<T>(work: () => Promise<T>): Promise<T> {
    if (isOver) throw new TypeError(`${name}: records are reached only while run is under way.`)
    pending += 1
    try {
      return await work()
    } finally {
      pending -= 1
    }
  }

  function changing<T>(work: () => Promise<T>): Promise<T> {
    return tracked(async () => {
      try {
        const result = await work()
        affected += 1
        return result
      } catch (error) {
        refused.push(error)
        throw error
      }
    })
  }

  const call = async <T>(nested: NestedCall): Promise<T> => (await context.nested(nested)) as T // each verb has one kind of result
  const reader: OwnReader = {
    read: (model, key) =>
      tracked(() => readOrNull(call<RecordRead>({ model, verb: 'read', key, input: null }))),
    list: (model, input = {}) =>
      tracked(() =>
        call<RecordList>({
          model,
          verb: 'list',
          input: { limit: DEFAULT_LIMIT, bytes: 'whole', ...input } satisfies Partial<ListInput>,
        }),
      ),
  }
  const records: OwnRecords = {
    ...reader,
    create: (model, values) =>
      changing(async () => written(await call<OwnWritten>({ model, verb: 'create', input: { values } }))),
    update: (model, key, values) =>
      changing(async () =>
        written(await call<OwnWritten>({ model, verb: 'update', key, input: { values } })),
      ),
    delete: (model, key) => changing(() => call({ model, verb: 'delete', key, input: null })),
  }
  return {
    reader,
    records,
    target:
      context.target &&
      targetOf(context.target, (values) => changing(() => updateTarget(context, name, values))),
    targets: context.targets.map((target) =>
      targetOf(target, (values) =>
        changing(() => updateTarget({ ...context, target, report: context.report.on(target) }, name, values)),
      ),
    ),
    async during(code) {
      try {
        const result = await code()
        if (pending > 0) throw new TypeError(`${name}: run ended before what it began; await every change.`)
        if (refused.length > 0) throw refused[0]
        return result
      } finally {
        isOver = true
      }
    },
    affected: () => affected,
  }
}

async function readOrNull(read: Promise<RecordRead>): Promise<RecordView | null> {
  try {
    return (await read).record
  } catch (error) {
    if (error instanceof AdminError && error.code === 'not-found') return null
    throw error
  }
}

function written({ key, title, record }: OwnWritten): OwnWritten {
  return { key, title, record }
}

function targetOf(
  target: Target,
  update: (values: Readonly<Record<string, unknown>>) => Promise<void>,
): OwnTarget {
  return { ...target.view, key: target.encodedKey, update }
}

/** By what the rules for this action grant on the record as it is; the gate holds the outcome against them as well. */
async function updateTarget(
  context: RunContext,
  name: string,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { model, target, grant } = context
  if (!target) throw new TypeError(`${name} is about no record.`)
  const possible = model.refined?.possible ?? model.writable
  if (!possible.update) throw new AdminError('denied', `${name} refused: ${possible.reason}`)
  const decision = grant.decide(name, target.resource)
  const granted = decision.effect === 'allow' ? decision.fields : new Set<string>()
  const parsed = parseValues(model, values, granted, 'update')
  await mustFit(model, name, parsed)
  context.wrote(Object.keys(parsed))
  await updateRecord.run(onlyValues(parsed), context)
}

/** Choices and validators hold whoever writes; the schema of `update` is for what people type there. */
async function mustFit(model: Model, name: string, values: Values): Promise<void> {
  const { refined } = model
  if (!refined) return
  const plain = { ...model, refined: { ...refined, update: { ...refined.update, schema: null } } }
  const { problems } = await fitValues(plain, 'update', values)
  const wrong = Object.keys(problems)
  if (wrong.length === 0) return
  throw new AdminError('invalid-input', `${name}: check ${wrong.join(', ')}.`, { fields: problems })
}
