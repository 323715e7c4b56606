/** What deleting records would take along, clear or be blocked by, in sentences with counts. */

import { fieldOf, type Model } from '../../model/model.ts'
import type { RunContext } from '../action.ts'
import type { Effect, Plan } from '../outcome.ts'
import type { Impact, ImpactPart } from '../records.ts'

/** What the deletion of the target, or of all targets, would take along; also what the page before it shows. */
export async function planDeletion(context: RunContext): Promise<Plan> {
  const { model } = context
  const { softDelete } = model
  if (!softDelete) return planRemoval(context, `Delete ${named(context)} for good.`)
  const it = context.target || context.targets.length === 1 ? 'It' : 'They'
  return {
    sentence: `Move ${named(context)} to the trash. ${it} can be restored from there.`,
    effects: [],
    changes: [],
    ...selected(context),
  }
}

export function planPurge(context: RunContext): Promise<Plan> {
  const sentence = `Delete ${named(context)} for good. There is no way back but from the audit log.`
  return planRemoval(context, sentence)
}

async function planRemoval(context: RunContext, sentence: string): Promise<Plan> {
  const { target, targets, records } = context
  const keys = (target ? [target] : targets).map(({ key }) => key)
  const impact = await records.impact(keys, 'seen')
  const further = impact.isComplete ? '' : ' What those take along in turn is not counted.'
  return {
    sentence: `${sentence}${further}`,
    effects: effectsOf(context.model, impact),
    changes: [],
    ...selected(context),
  }
}

/** "order #17", or "84 orders". */
export function named({ model, target, targets }: RunContext): string {
  if (target) return `${model.label.toLowerCase()} ${target.view.title}`
  const [only, ...more] = targets
  if (only && more.length === 0) return `${model.label.toLowerCase()} ${only.view.title}`
  return `${targets.length.toLocaleString('en-US')} ${model.labelPlural.toLowerCase()}`
}

/** So many of several are shown by what they are called. */
const SHOWN = 5

export function selected({ target, targets }: RunContext): Pick<Plan, 'selected'> {
  if (target) return {}
  const titles = targets.slice(0, SHOWN).map(({ view }) => view.title)
  return { selected: { count: targets.length, titles } }
}

function effectsOf(model: Model, { parts }: Impact): readonly Effect[] {
  return parts.map((part) => {
    const effect = effectOf(model, part)
    const isAlone = parts.filter((other) => isBetweenTheSame(part, other)).length === 1
    return isAlone ? effect : { ...effect, sentence: `${sentenceStart(effect)} (${tieName(part)}).` }
  })
}

function isBetweenTheSame(one: ImpactPart, other: ImpactPart): boolean {
  return one.from === other.from && one.target === other.target
}

function sentenceStart({ sentence }: Effect): string {
  return sentence.slice(0, -1)
}

/** What those that point here call it, where several of their fields do: "shipping address". */
function tieName({ from, relation, target }: ImpactPart): string {
  const [name = ''] = relation.to
  const back = target.relations.find(
    (one) => one.kind === 'one' && one.target === from.name && one.from.join() === relation.to.join(),
  )
  return (back?.label ?? fieldOf(target, name)?.label ?? name).toLowerCase()
}

function effectOf(model: Model, { from, relation, target, count: { value, kind } }: ImpactPart): Effect {
  const label = (value === 1 ? target.label : target.labelPlural).toLowerCase()
  const number = value.toLocaleString('en-US')
  const several = kind === 'at-least' ? `${number} or more ${label}` : `${number} ${label}`
  // of what goes only because it belongs to something that goes
  const many = from === model ? several : `${several} of these ${from.labelPlural.toLowerCase()}`
  const verb = value === 1 ? 'is' : 'are'
  switch (relation.onDelete) {
    case 'cascade':
      return { sentence: `${many} ${verb} deleted too.`, kind: 'deleted', count: value }
    case 'set-null':
    case 'set-default':
      return {
        sentence: `${many} ${verb} kept, and no longer ${value === 1 ? 'points' : 'point'} here.`,
        kind: 'cleared',
        count: value,
      }
    case 'nothing':
      return { sentence: `${many} ${verb} kept, and will point to nothing.`, kind: 'cleared', count: value }
    case 'restrict':
      return {
        sentence: `${many} still ${value === 1 ? 'points' : 'point'} here and must be deleted or changed first.`,
        kind: 'blocks',
        count: value,
      }
  }
}
