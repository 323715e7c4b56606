/**
 * From the declaration of an application's action to an action of the gate.
 *
 * What `run` may write of the target is what the rules for this very action
 * grant; everything else it does is done by the principal's own rights.
 */

import { AdminError, type Mistake } from '../errors.ts'
import type { Action, RunContext } from '../gate/action.ts'
import type { Plan } from '../gate/outcome.ts'
import type {
  OwnAccessContext,
  OwnAction,
  OwnFace,
  OwnPlan,
  OwnPlanContext,
  OwnResult,
  OwnRunContext,
} from '../gate/own-action.ts'
import { named, selected } from '../gate/record/deletion-plan.ts'
import { hookContext } from '../gate/told.ts'
import type { HookContext } from '../model/hook.ts'
import type { Model } from '../model/model.ts'
import { compileObligations } from '../policy/obligation.ts'
import type { Obligations } from '../policy/policy.ts'
import { BULK, RECORD_VERBS } from '../policy/verbs.ts'
import { formOf, type InputForm, readOwnInput } from './own-input.ts'
import { createWork } from './own-records.ts'

export interface CompiledOwn {
  readonly actions: readonly Action[]
  readonly mistakes: readonly Mistake[]
}

/** The actions that an application declares for one model, and everything that is wrong with them. */
export function compileOwnActions(
  model: Model,
  declared: readonly OwnAction[],
  models: ReadonlyMap<string, Model>,
): CompiledOwn {
  const mistakes: Mistake[] = []
  const actions = declared.flatMap((own, index) => {
    const place = `models.${model.name}.actions.${own.name}`
    const report = (id: string, problem: string, remedy: string): void => {
      mistakes.push({ id, place, problem, remedy })
    }
    if (declared.findIndex((one) => one.name === own.name) < index) {
      report('A103', 'two actions have this name.', 'Rename one of them.')
    }
    checkDeclaration(model, own, report)
    const form = formReported(own, models, report)
    const obligations = compileObligations(ownObligations(own), place, (_, at, problem, remedy) =>
      report('A106', `${at.slice(place.length + 1)} ${problem}`, remedy),
    )
    return [compile(model, own, form, obligations)]
  })
  return { actions, mistakes }
}

const NO_FORM: InputForm = { fields: [], relations: [], nulls: [] }

type Report = (id: string, problem: string, remedy: string) => void

function checkDeclaration(model: Model, own: OwnAction, report: Report): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(own.name)) {
    report('A101', `"${own.name}" is not in kebab-case.`, 'Write for example "send-invoice".')
  }
  if (RECORD_VERBS.includes(own.name)) {
    report('A102', 'every model has an action of this name already.', 'Choose another name.')
  }
  if (own.name.startsWith(BULK)) {
    report(
      'A102',
      `"${own.name}" is the name of a right to do something to many records.`,
      'Choose another name.',
    )
  }
  if (own.on !== 'model' && model.key === null) {
    report('A107', `${model.name} has no key, so no record of it can be addressed.`, 'Use on: "model".')
  }
  if (typeof own.label !== 'string' || own.label.trim() === '') {
    report('A108', 'it has no label.', 'Say what its button says.')
  }
  if (typeof own.run !== 'function') report('A108', 'it has no run.', 'Say what it does.')
}

function formReported(own: OwnAction, models: ReadonlyMap<string, Model>, report: Report): InputForm {
  if (!own.input) return NO_FORM
  try {
    return formOf(own.input, (name) => {
      const key = models.get(name)?.key ?? []
      return key.length === 1 ? (key[0] ?? null) : null
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    report('A105', `its input ${error.message}`, 'Change the schema.')
    return NO_FORM
  }
}

/** What is shown before it is done is confirmed, unless its developer says otherwise. */
function ownObligations({ obligations = {}, plan }: OwnAction): Readonly<Record<string, unknown>> {
  return { confirm: plan !== undefined, ...obligations }
}

function compile(
  model: Model,
  own: OwnAction,
  form: InputForm,
  obligations: Obligations,
): Action<unknown, OwnResult> {
  const name = `${model.name}.${own.name}`
  const fieldNames = form.fields.map((field) => field.name)
  const accessible = new WeakSet<RunContext>()

  async function mustBeAccessible(context: RunContext): Promise<void> {
    if (accessible.has(context)) return
    if (!(await isAccessible(own, accessOf(context)))) {
      throw new AdminError('denied', `${name} refused: the application does not offer it to you here.`)
    }
    accessible.add(context)
  }

  return {
    verb: own.name,
    model: model.name,
    label: own.label,
    on: own.on,
    access: 'write',
    kind: 'action.run',
    obligations,
    own: faceOf(own, form),
    parse: (raw) => (own.input ? readOwnInput(name, own.input, fieldNames, raw) : noInput(name, raw)),
    async plan(input, context) {
      await mustBeAccessible(context)
      if (!own.plan) return planned(sentenceOf(own, context), context)
      const work = createWork(context, name)
      return planned(
        await work.during(() => own.plan?.(planContext(input, context, work.reader)) ?? ''),
        context,
      )
    },
    async run(input, context) {
      await mustBeAccessible(context)
      const work = createWork(context, name)
      const { target, targets, records } = work
      const given: OwnRunContext<unknown> = {
        ...toldOf(context),
        // a transaction that is run again begins with what was sent, whatever the code did to it
        input: copied(input),
        // an action on the model has none, one on a record has been given it by the gate
        target: target as OwnRunContext<unknown>['target'],
        targets,
        records,
        reason: context.reason,
        ticket: context.ticket,
        note: (details) => context.report.detail(details),
        afterCommit: (after) => context.afterCommit(after),
      }
      const result = await work.during(() => own.run(given))
      context.report.count({ affected: work.affected() })
      return checkedResult(name, result ?? {})
    },
  }
}

function faceOf(own: OwnAction, form: InputForm): OwnFace {
  return {
    description: own.description ?? null,
    icon: own.icon ?? null,
    isDangerous: own.danger ?? false,
    ...form,
    isAccessible: (context) => isAccessible(own, context),
  }
}

async function isAccessible(own: OwnAction, context: OwnAccessContext): Promise<boolean> {
  return own.isAccessible ? (await own.isAccessible(context)) === true : true
}

function accessOf(context: RunContext): OwnAccessContext {
  return { ...toldOf(context), target: context.target?.view ?? null }
}

function toldOf({ model, principal, origin, now }: RunContext): HookContext {
  return hookContext(model.name, principal, origin, now)
}

function planContext(
  input: unknown,
  context: RunContext,
  records: OwnPlanContext<unknown>['records'],
): OwnPlanContext<unknown> {
  return {
    ...accessOf(context),
    input: copied(input),
    targets: context.targets.map(({ view }) => view),
    records,
  }
}

/** Lists and plain objects are copied; what a schema made beyond those is handed on. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copied(one)]))
}

function planned(plan: OwnPlan, context: RunContext): Plan {
  const given = typeof plan === 'string' ? { sentence: plan } : plan
  return { effects: [], changes: [], ...given, ...(context.targets.length > 0 && selected(context)) }
}

function sentenceOf({ label }: OwnAction, context: RunContext): string {
  const isOnRecords = context.target !== null || context.targets.length > 0
  return isOnRecords ? `${label}: ${named(context)}.` : `${label}.`
}

function noInput(name: string, raw: unknown): null {
  const isNothing =
    raw === null || raw === undefined || (typeof raw === 'object' && Object.keys(raw).length === 0)
  if (isNothing) return null
  throw new AdminError('invalid-input', `${name}: this action takes no input.`, {
    fields: { input: ['must be left out'] },
  })
}

const MAX_MESSAGE = 500
const MAX_FILE_BYTES = 10 * 1024 * 1024

/** @throws TypeError for what is no answer: a mistake of the action's developer, which rolls back. */
function checkedResult(name: string, result: OwnResult): OwnResult {
  const { message, file } = result
  if (message !== undefined && typeof message !== 'string')
    throw new TypeError(`${name}: the message is no text.`)
  if (file && Buffer.byteLength(file.content) > MAX_FILE_BYTES) {
    throw new TypeError(`${name}: the file is larger than ${MAX_FILE_BYTES} bytes.`)
  }
  return message === undefined ? result : { ...result, message: message.slice(0, MAX_MESSAGE) }
}
