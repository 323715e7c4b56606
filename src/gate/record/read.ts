/** The action `read`: one record, and what may be done with it. */

import type { EventKind } from '../../audit/catalogue.ts'
import type { Model } from '../../model/model.ts'
import { isAllowed } from '../../model/refined.ts'
import type { Decision } from '../../policy/policy.ts'
import { type Action, defineAction, type RunContext } from '../action.ts'
import { typedFields } from '../grant.ts'
import type { RecordRead, Target } from '../records.ts'
import { hookContext } from '../told.ts'

/** The verbs whose buttons a record page may show. */
const RECORD_VERBS = ['update', 'delete', 'restore', 'history', 'reveal'] as const

export function readAction(model: string, kind: EventKind): Action<null, RecordRead> {
  return defineAction<null, RecordRead>({
    verb: 'read',
    model,
    label: 'Read',
    on: 'record',
    access: 'read',
    kind,
    isFolded: true,
    parse: () => null,
    async run(_input, context) {
      const { target } = context
      if (!target) throw new TypeError('`read` needs a record.')
      const own = await accessibleOwn(context, target)
      const decisions = await context.records.decisions(target, [...verbsOf(context.model), ...own])
      return {
        record: target.view,
        verbs: [...decisions].filter(([, { effect }]) => effect === 'allow').map(([verb]) => verb),
        writable: writableOn(context.model, decisions.get('update')),
      }
    },
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

function verbsOf(model: Model): readonly string[] {
  const { writable, softDelete, fields } = model
  const has: Readonly<Record<(typeof RECORD_VERBS)[number], boolean>> = {
    update: writable.update,
    delete: writable.delete,
    restore: softDelete !== null && (writable.update || writable.delete),
    history: true,
    reveal: fields.some((field) => field.sensitivity === 'personal'),
  }
  return RECORD_VERBS.filter((verb) => has[verb] && isAllowed(model, verb))
}

function writableOn(model: Model, decision: Decision | undefined): readonly string[] {
  if (decision?.effect !== 'allow') return []
  return typedFields(model, 'update', decision.fields)
}
