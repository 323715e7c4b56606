/**
 * Foreign keys of several fields, picked as one record: in a form one input stands for all of them, and holds the key
 * of the record as an address has it.
 */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import { decodeKey, encodeKey } from '../../../model/key.ts'
import { type Field, fieldOf, type Model, type Relation, type Value } from '../../../model/model.ts'
import { textOf, valueOfText } from '../../../model/text.ts'
import type { Form } from '../../form.ts'
import { readPart } from '../ask.ts'
import { isPossible, type PageContext } from '../context.ts'
import type { FormField, PickerOptions } from '../fields/widget-props.ts'
import type { Texts } from './form.ts'
import { modelPath } from './paths.ts'
import { MAX_OPTIONS } from './pickers.ts'

export interface Composite {
  readonly relation: Relation
  readonly target: Model
  /** The one that stands for its fields. */
  readonly field: Field
}

/**
 * Those whose fields the form all offers, that lead to the whole key of the other side, and whose fields no other
 * relation picks: there each field stays for itself.
 */
export function compositesOf(
  page: PageContext,
  model: Model,
  fields: readonly Field[],
): readonly Composite[] {
  const ones = model.relations.filter(({ kind }) => kind === 'one')
  return ones.flatMap((relation): Composite[] => {
    const { from, to, name } = relation
    const target = page.house.gate.models.get(relation.target)
    const [first, ...more] = from.flatMap((one) => fields.find((field) => field.name === one) ?? [])
    if (!target || !first || more.length === 0 || more.length + 1 < from.length) return []
    const isWhole = target.key?.length === to.length && target.key.every((one) => to.includes(one))
    const isShared = ones.some((other) => other !== relation && other.from.some((one) => from.includes(one)))
    const isTyped = model.refined?.unpicked.has(name) === true
    if (!isWhole || isShared || isTyped || !isPossible(page, `${target.name}.list`)) return []
    const nullable = [first, ...more].every((field) => field.nullable)
    const own = { name: `~key.${name}`, label: relation.label, help: null, choices: null, widget: null }
    return [
      { relation, target, field: { ...first, ...own, type: 'text', nullable, sensitivity: 'internal' } },
    ]
  })
}

/** What was typed, with what was picked in the place of the fields that it stands for. */
export function withPicked(composites: readonly Composite[], model: Model, typed: Texts, form: Form): Texts {
  const picked = composites.flatMap(({ relation, target, field }) => {
    const text = form.along.get(field.name)?.[0]
    if (text === undefined) return []
    const key = text === '' ? [] : (decodeKey(target, text) ?? [])
    return relation.from.map((name, index): [string, string] => {
      const value = key[target.key?.indexOf(relation.to[index] ?? '') ?? -1] ?? null
      const here = fieldOf(model, name)
      // what is no key is handed on as it was typed, for the gate to refuse
      return [name, (here && textOf(here, value)) ?? (key.length === 0 ? text : '')]
    })
  })
  return { ...typed, ...Object.fromEntries(picked) }
}

/** The rows of a form with one for each of them. */
export function collapsed(
  composites: readonly Composite[],
  rows: readonly FormField[],
): readonly FormField[] {
  return composites.reduce((all, { relation, target, field }) => {
    const parts = all.filter((row) => relation.from.includes(row.field.name))
    const [first] = parts
    if (!first) return all
    const one: FormField = {
      field,
      text: keyText(relation, target, parts),
      errors: [...new Set(parts.flatMap(({ errors }) => errors))],
      isMasked: false,
      isPicked: true,
    }
    return all.flatMap((row) => {
      if (row === first) return [one]
      return parts.includes(row) ? [] : [row]
    })
  }, rows)
}

/** The key as an address has it; what was typed where it is none. */
function keyText({ from, to }: Relation, target: Model, parts: readonly FormField[]): string {
  const texts = (target.key ?? []).map((name) => {
    const here = from[to.indexOf(name)]
    return parts.find(({ field }) => field.name === here)?.text ?? ''
  })
  if (texts.every((text) => text === '')) return ''
  const values = (target.key ?? []).map((name, index): Value | undefined => {
    const field = fieldOf(target, name)
    return field && valueOfText(field, texts[index] ?? '')
  })
  return values.includes(undefined)
    ? (texts.find((text) => text !== '') ?? '')
    : encodeKey(
        target,
        values.map((value) => value ?? null),
      )
}

/** By the name of the field that stands for them. */
export async function compositePickers(
  page: PageContext,
  composites: readonly Composite[],
  record: RecordView | null,
): Promise<ReadonlyMap<string, PickerOptions>> {
  const pairs = await Promise.all(
    composites.map(async ({ relation, target, field }): Promise<readonly [string, PickerOptions][]> => {
      const list = await readPart<RecordList>(page, {
        action: `${target.name}.list`,
        input: { fields: [...(target.key ?? [])], limit: MAX_OPTIONS },
      })
      if (!list) return []
      const path = page.url(modelPath(target.name))
      const options = list.records.flatMap(({ key, title }) =>
        key === null ? [] : [{ value: key, label: title }],
      )
      const picker = {
        source: `${path}/~options?by=${WHOLE_KEY}`,
        options: list.page.next === null ? options : null,
        current: record?.related[relation.name]?.title ?? null,
        listHref: path,
        label: target.labelPlural.toLowerCase(),
      }
      return [[field.name, picker]]
    }),
  )
  return new Map(pairs.flat())
}

/** In place of a field's name: options whose value is the key as an address has it. */
export const WHOLE_KEY = '~key'
