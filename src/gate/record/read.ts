/** The action `read`: one record, and what may be done with it. */

import type { EventKind } from '../../audit/catalogue.ts'
import { isWritable } from '../../model/parse.ts'
import { type Action, defineAction, type RunContext } from '../action.ts'
import type { RecordRead, Target } from '../records.ts'

/** The verbs whose buttons a record page may show. */
const RECORD_VERBS = ['update', 'delete', 'restore', 'purge', 'history', 'reveal'] as const

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
      return { record: target.view, verbs: verbsOn(context, target), writable: writableOn(context, target) }
    },
  })
}

function verbsOn({ grant, model }: RunContext, target: Target): readonly string[] {
  return RECORD_VERBS.filter((verb) => {
    if (verb === 'update' && !model.writable.update) return false
    if (verb === 'delete' && !model.writable.delete) return false
    if ((verb === 'restore' || verb === 'purge') && !model.softDelete) return false
    return grant.decide(`${model.name}.${verb}`, target.resource).effect === 'allow'
  })
}

function writableOn({ grant, model }: RunContext, target: Target): readonly string[] {
  if (!model.writable.update) return []
  const decision = grant.decide(`${model.name}.update`, target.resource)
  if (decision.effect === 'deny') return []
  return model.fields
    .filter((field) => isWritable(field) && decision.fields.has(field.name))
    .map((field) => field.name)
}
