/** What undoing some changes comes to, over all of their records: in words for people, and in calls for the gate. Pure. */

import { createHash } from 'node:crypto'
import type { NestedCall } from '../../gate/action.ts'
import type { Grant } from '../../gate/grant.ts'
import type { Plan, UndonePart, UndoneRecord, UndoPlan } from '../../gate/outcome.ts'
import type { Model } from '../../model/model.ts'
import { EVERYTHING } from '../../model/predicate.ts'
import type { Assessed, Step } from './assess.ts'

/** So many records of each kind are told one by one. */
const TOLD = 25

export interface Undoing {
  readonly plan: Plan
  /** In the order in which they are done. */
  readonly calls: readonly NestedCall[]
  readonly undone: number
  readonly left: number
  readonly impossible: number
}

export interface Wish {
  readonly isOverwriting: boolean
  /** What deletions of several took along, by model. */
  readonly taken: readonly Readonly<Record<string, string>>[]
}

/** @param all In the order of their last changes. */
export function undoingOf(
  all: readonly Assessed[],
  { isOverwriting, taken }: Wish,
  { grant, models }: { readonly grant: Grant; readonly models: ReadonlyMap<string, Model> },
): Undoing {
  const possible = all.filter(({ steps }) => steps.length > 0)
  const conflicting = possible.filter(({ conflicts }) => conflicts.length > 0)
  const impossible = all.filter(({ refusal }) => refusal !== null)
  const done = isOverwriting ? possible : possible.filter(({ conflicts }) => conflicts.length === 0)
  const calls = callsOf(done)
  const undo: UndoPlan = {
    count: done.length,
    records: done.slice(0, TOLD).map((one) => told(one, one.changes)),
    conflicts: listed(conflicting, ({ conflicts }) => conflicts),
    isOverwriting,
    impossible: listed(impossible, () => []),
    same: all.length - possible.length - impossible.length,
    notes: notesOf(done, taken, { grant, models }).slice(0, TOLD),
    digest: createHash('sha256')
      .update(
        JSON.stringify(
          [...done, ...conflicting].map(({ steps, conflicts }) => [steps, conflicts]),
          exactly,
        ),
      )
      .digest('hex'),
  }
  const left = isOverwriting ? 0 : conflicting.length
  const plan: Plan = {
    sentence: sentenceOf(done, left),
    effects:
      done.length === 0
        ? [{ sentence: 'Nothing of it is left to be undone.', kind: 'blocks', count: 0 }]
        : [],
    changes: done.length === 1 ? (done[0]?.changes ?? []) : [],
    undo,
  }
  return { plan, calls, undone: done.length, left, impossible: impossible.length }
}

function listed(all: readonly Assessed[], changes: (one: Assessed) => UndoneRecord['changes']): UndonePart {
  return { count: all.length, records: all.slice(0, TOLD).map((one) => told(one, changes(one))) }
}

const WORDS: Readonly<Record<Step['verb'], string>> = {
  create: 'made again',
  update: 'changed back',
  delete: 'deleted',
  restore: 'brought back',
}

function told(one: Assessed, changes: UndoneRecord['changes']): UndoneRecord {
  const { net, title, steps, left, refusal } = one
  const words = steps.map(({ verb }) =>
    verb === 'delete' && net.model.softDelete ? 'moved to the trash' : WORDS[verb],
  )
  return {
    model: net.model.name,
    key: net.isThere ? net.key : null,
    title: `${net.model.label} ${title}`,
    verb: words.join(' and '),
    changes,
    why: refusal === null ? left : [refusal],
  }
}

function sentenceOf(done: readonly Assessed[], left: number): string {
  const [first] = done
  const rest =
    left === 0 ? '' : ` ${number(left)} that changed since ${left === 1 ? 'is' : 'are'} left alone.`
  if (!first) return left === 0 ? 'Nothing is put back.' : `Nothing is put back.${rest}`
  if (done.length === 1)
    return `Put ${first.net.model.label.toLowerCase()} ${first.title} back as it was.${rest}`
  const counted = [...Map.groupBy(done, ({ net }) => net.model)].map(([model, of]) => {
    const label = of.length === 1 ? model.label : model.labelPlural
    return `${number(of.length)} ${label.toLowerCase()}`
  })
  return `Put ${counted.join(' and ')} back as they were.${rest}`
}

function number(count: number): string {
  return count.toLocaleString('en-US')
}

/** What went with a record leaves no events, so it can't come back with it; counted for who may list all of it. */
function notesOf(
  done: readonly Assessed[],
  taken: Wish['taken'],
  { grant, models }: { readonly grant: Grant; readonly models: ReadonlyMap<string, Model> },
): readonly string[] {
  const back = done.filter(({ steps }) => steps.some(({ verb }) => verb === 'create'))
  if (back.length === 0) return []
  const said = (counts: Readonly<Record<string, string>>, owner: string): readonly string[] =>
    Object.entries(counts).flatMap(([name, count]) => {
      const model = models.get(name)
      if (!model || grant.access(`${name}.list`).scope !== EVERYTHING) return []
      const [noun, stays] = count === '1' ? [model.label, 'stays'] : [model.labelPlural, 'stay']
      return [`${count} ${noun.toLowerCase()} went with ${owner}, and ${stays} gone.`]
    })
  return [
    ...back.flatMap(({ net, title }) => said(net.taken, `${net.model.label.toLowerCase()} ${title}`)),
    ...taken.flatMap((counts) => said(counts, 'them')),
  ]
}

/**
 * What was deleted comes back first, the last of it before the rest, since others may lead to it; what was made goes
 * last, and the last of it first.
 */
function callsOf(done: readonly Assessed[]): readonly NestedCall[] {
  const newestFirst = done.toReversed().flatMap(({ net, steps }) => steps.map((step) => ({ net, step })))
  const of = (...verbs: readonly Step['verb'][]) =>
    newestFirst.filter(({ step }) => verbs.includes(step.verb))
  return [
    ...of('create').map(({ net, step }): NestedCall => {
      const { model, values, also } = step
      return { model, verb: 'create', input: { values }, also, told: () => ({ undoes: net.event }) }
    }),
    ...together(of('restore')),
    ...together(of('update')),
    ...of('delete').reduce<Part[][]>(addToRun, []).flatMap(together),
  ]
}

interface Part {
  readonly net: Assessed['net']
  readonly step: Step
}

/** Those of one model that follow each other. */
function addToRun(runs: Part[][], part: Part): Part[][] {
  const last = runs.at(-1)
  if (last?.[0]?.step.model === part.step.model) last.push(part)
  else runs.push([part])
  return runs
}

/** Records that get the same are changed at once. */
function together(parts: readonly Part[]): readonly NestedCall[] {
  const groups = Map.groupBy(parts, ({ step }) => JSON.stringify([step.model, step.verb, step.values]))
  return [...groups.values()].flatMap((group): NestedCall[] => {
    const [first, ...more] = group
    if (!first?.step.key) return []
    const events = new Map(group.map(({ net }) => [net.key, net.event]))
    const { model, verb, key, values } = first.step
    const input = verb === 'update' ? { values } : null
    const undoes = (of: string | null) => {
      const event = events.get(of ?? '') ?? (group.length === 1 ? first.net.event : undefined)
      return event === undefined ? {} : { undoes: event }
    }
    const common = { model, verb, input, told: undoes } as const
    return [
      more.length === 0
        ? { ...common, key }
        : { ...common, keys: group.flatMap(({ step }) => step.key ?? []) },
    ]
  })
}

function exactly(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value
}
