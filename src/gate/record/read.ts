/** The action `read`: one record, what may be done with it, and what deleting it would do. */

import { z } from 'zod'
import type { EventKind } from '../../audit/catalogue.ts'
import { AdminError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import { isAllowed } from '../../model/refined.ts'
import type { Decision } from '../../policy/policy.ts'
import { type Action, defineAction, type ParseContext, type RunContext } from '../action.ts'
import { typedFields } from '../grant.ts'
import type { Plan } from '../outcome.ts'
import type { RecordRead, Target } from '../records.ts'
import { hookContext } from '../told.ts'
import { planDeletion, planPurge } from './deletion-plan.ts'
import { isTrashed } from './difference.ts'
import { isPurgeable } from './write.ts'

/** The verbs whose buttons a record page may show. */
const RECORD_VERBS = ['update', 'delete', 'restore', 'purge', 'history', 'reveal'] as const

const PLANS: Readonly<Record<'delete' | 'purge', (context: RunContext) => Promise<Plan>>> = {
  delete: planDeletion,
  purge: planPurge,
}

const Input = z.strictObject({ plan: z.enum(['delete', 'purge']).exactOptional() }).nullish()

/** `plan`: what one of these would do is worked out as well. */
export type ReadInput = { readonly plan?: keyof typeof PLANS } | null

export function readAction(model: string, kind: EventKind): Action<ReadInput, RecordRead> {
  return defineAction<ReadInput, RecordRead>({
    verb: 'read',
    model,
    label: 'Read',
    on: 'record',
    access: 'read',
    kind,
    isFolded: true,
    parse: readInput,
    async run(input, context) {
      const plan = input?.plan
      const { target } = context
      if (!target) throw new TypeError('`read` needs a record.')
      const own = await accessibleOwn(context, target)
      const decisions = await context.records.decisions(target, [...verbsOf(context.model), ...own])
      return {
        record: target.view,
        verbs: [...decisions]
          .filter(([verb, { effect }]) => effect === 'allow' && suits(context.model, target, verb))
          .map(([verb]) => verb),
        writable: writableOn(context.model, decisions.get('update')),
        ...(plan && decisions.get(plan)?.effect === 'allow' && { plan: await PLANS[plan](context) }),
      }
    },
  })
}

function readInput(raw: unknown, { model }: ParseContext): ReadInput {
  const parsed = Input.safeParse(raw)
  if (parsed.success) return parsed.data ?? null
  throw new AdminError('invalid-input', `${model.name}.read: check input.`, {
    fields: { input: ['takes "plan" alone: "delete" or "purge"'] },
  })
}

/** Those of the application's actions on a record that the application itself offers here; the policy is asked after. */
async function accessibleOwn(
  { ownActions, model, principal, origin, now }: RunContext,
  { view }: Target,
): Promise<readonly string[]> {
  const told = hookContext(model.name, principal, origin, now)
  const offered = await Promise.all(
    ownActions
      .filter(({ on }) => on === 'record')
      .map(async ({ verb, own }) => ((await own?.isAccessible({ ...told, target: view })) ? [verb] : [])),
  )
  return offered.flat()
}

/** What is in the trash is restored or purged, and what is not is deleted; where the mark can't be read, all are offered. */
function suits(model: Model, target: Target | null, verb: string): boolean {
  const values = target?.view.values ?? {}
  if (!model.softDelete || !(model.softDelete.field in values)) return true
  return isTrashed(model, values) ? verb !== 'delete' : verb !== 'restore' && verb !== 'purge'
}

function verbsOf(model: Model): readonly string[] {
  const { writable, softDelete, fields } = model
  const has: Readonly<Record<(typeof RECORD_VERBS)[number], boolean>> = {
    update: writable.update,
    delete: writable.delete,
    restore: softDelete !== null && (writable.update || writable.delete),
    purge: isPurgeable(model),
    history: true,
    reveal: fields.some((field) => field.sensitivity === 'personal'),
  }
  return RECORD_VERBS.filter((verb) => has[verb] && isAllowed(model, verb))
}

function writableOn(model: Model, decision: Decision | undefined): readonly string[] {
  if (decision?.effect !== 'allow') return []
  return typedFields(model, 'update', decision.fields)
}
