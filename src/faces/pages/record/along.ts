/**
 * What a form says of other records: rows of records that belong to this one, and sets of links.
 *
 * Pure. A row carries what it showed beside what was typed, as the form itself does, so that only what differs is
 * written; a set of links carries which of them it showed, so that links of somebody else are never taken away. Both
 * work as plain forms: a row is added, dropped and moved by sending the form and getting it back.
 */

import type { Field, Model, Relation } from '../../../model/model.ts'
import { fieldOf } from '../../../model/model.ts'
import type { Inline } from '../../../model/refined.ts'
import type { Form } from '../../form.ts'
import type { PickerOptions } from '../fields/widget-props.ts'
import { changedValues, newValues, originalTexts, type Texts, typedTexts } from './form.ts'

/** The rows of one relation. */
export interface Rows {
  readonly relation: Relation
  readonly target: Model
  readonly inline: Inline
  /** The fields of a new row, and of one that is there already. */
  readonly fresh: readonly Field[]
  readonly editable: readonly Field[]
  /** Both, in the order in which they are shown. */
  readonly columns: readonly Field[]
  readonly may: { readonly create: boolean; readonly update: boolean; readonly delete: boolean }
  readonly rows: readonly Row[]
  /** There are more than the form takes: the list of all of them is the place for these. */
  readonly isTooMany: boolean
  readonly allHref: string
  readonly pickers: ReadonlyMap<string, PickerOptions>
  /** What a new row starts with. */
  readonly starting: Texts
}

export interface Row {
  /** Tells the rows of one form apart; nothing else. */
  readonly name: string
  /** Null for a new one. */
  readonly key: string | null
  readonly title: string
  readonly version: string | null
  /** What was shown of it. */
  readonly original: Texts
  readonly texts: Texts
  /** Fields that hold something which is not shown. */
  readonly masked: readonly string[]
  /** By field name: what the record is called that the field leads to. */
  readonly called: Texts
  /** To be deleted when the form is saved. */
  readonly isGone: boolean
  /** Just added: the focus goes there. */
  readonly isNew?: boolean
}

/** The links of one relation. */
export interface Links {
  readonly relation: Relation
  readonly target: Model
  /** Those that were there when the form was first shown, and may be removed. */
  readonly shown: readonly string[]
  /** What can be ticked, and whether it is. */
  readonly members: readonly Member[]
  readonly mayAdd: boolean
  readonly mayRemove: boolean
  /** For those that are not among the members; null: all are. */
  readonly picker: PickerOptions | null
  readonly isTooMany: boolean
  readonly allHref: string
}

export interface Member {
  /** As in an address. */
  readonly key: string
  readonly label: string
  readonly isLinked: boolean
}

/** Everything of a form that is not the record itself. */
export interface Along {
  readonly rows: readonly Rows[]
  readonly links: readonly Links[]
}

export const NOTHING_ALONG: Along = { rows: [], links: [] }

export const rowName = (relation: string, row: string): string => `~row.${relation}.${row}`
export const goneName = (relation: string, row: string): string => `~gone.${relation}.${row}`
export const inName = (relation: string, row: string, field: string): string =>
  `~in.${relation}.${row}.${field}`
export const memberName = (relation: string): string => `~link.${relation}`
export const shownName = (relation: string): string => `~shown.${relation}`
export const addedName = (relation: string): string => `~add.${relation}`

/** The hidden part of a row: what was shown of it. */
export function rowState({ key, title, version, original, masked, called }: Row): string {
  return JSON.stringify({ key, title, version, original, masked, called })
}

/** The rows as they came back, in the order of the form. */
export function postedRows(of: Rows, { along }: Form): readonly Row[] {
  const prefix = rowName(of.relation.name, '')
  const names = [...along.keys()].filter((name) => name.startsWith(prefix))
  return names.slice(0, of.inline.max * 2).flatMap((full): Row[] => {
    const name = full.slice(prefix.length)
    const state = parsedState(along.get(full)?.[0] ?? '')
    if (!state || !/^\d{1,6}$/.test(name)) return []
    const texts = typedTexts(
      of.columns,
      Object.fromEntries(
        of.columns.flatMap((field) => {
          const text = along.get(inName(of.relation.name, name, field.name))?.[0]
          return text === undefined ? [] : [[field.name, text]]
        }),
      ),
    )
    const isGone = along.get(goneName(of.relation.name, name))?.[0] === 'true'
    return [{ ...state, name, texts, isGone }]
  })
}

function parsedState(text: string): Omit<Row, 'name' | 'texts' | 'isGone'> | null {
  try {
    const state: unknown = JSON.parse(text)
    if (typeof state !== 'object' || state === null) return null
    const { key, title, version, original, masked, called } = state as Record<string, unknown> // each is checked below
    return {
      key: typeof key === 'string' ? key : null,
      title: typeof title === 'string' ? title : '',
      version: typeof version === 'string' ? version : null,
      original: originalTexts(JSON.stringify(original ?? {})),
      masked: Array.isArray(masked) ? masked.filter((one) => typeof one === 'string') : [],
      called: originalTexts(JSON.stringify(called ?? {})),
    }
  } catch {
    return null
  }
}

/** The set as it came back: what was ticked, and what was picked beside it. */
export function postedLinks(of: Links, { along }: Form, labelOf: (key: string) => string): Links {
  const { name } = of.relation
  const shown = parsedKeys(along.get(shownName(name))?.[0] ?? '')
  const ticked = new Set(along.get(memberName(name)) ?? [])
  const known = new Set(of.members.map(({ key }) => key))
  const others = [...ticked, ...shown].filter((key) => !known.has(key))
  return {
    ...of,
    shown,
    members: [
      ...of.members.map((member) => ({ ...member, isLinked: ticked.has(member.key) })),
      ...[...new Set(others)].map((key) => ({ key, label: labelOf(key), isLinked: ticked.has(key) })),
    ],
  }
}

function parsedKeys(text: string): readonly string[] {
  try {
    const keys: unknown = JSON.parse(text)
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
  } catch {
    return []
  }
}

/** A button that changes the form and saves nothing: `add-row.parts`, `drop-row.parts.3`. */
export interface Step {
  readonly kind: 'add-row' | 'drop-row' | 'up-row' | 'down-row' | 'add-link'
  readonly relation: string
  readonly row: string
}

const STEP = /^(add-row|drop-row|up-row|down-row|add-link)\.(.+?)(?:\.(\d{1,6}))?$/

export function stepOf(then: string | null): Step | null {
  const [, kind, relation, row = ''] = STEP.exec(then ?? '') ?? []
  if (kind === undefined || relation === undefined) return null
  return { kind: kind as Step['kind'], relation, row } // the pattern names the kinds
}

/** The rows after such a button. */
export function stepped(of: Rows, { kind, row }: Step): readonly Row[] {
  const { rows } = of
  const at = rows.findIndex(({ name }) => name === row)
  switch (kind) {
    case 'add-row':
      return rows.length >= of.inline.max ? rows : [...rows, newRow(of)]
    case 'drop-row':
      return rows.filter(({ name, key }) => name !== row || key !== null)
    case 'up-row':
      return at > 0 ? rows.with(at - 1, rows[at] as Row).with(at, rows[at - 1] as Row) : rows
    case 'down-row':
      return at >= 0 && at < rows.length - 1
        ? rows.with(at, rows[at + 1] as Row).with(at + 1, rows[at] as Row)
        : rows
    case 'add-link':
      return rows
  }
}

/** A new row, its number in a key that counts already filled in. */
function newRow({ rows, starting, fresh, target }: Rows): Row {
  const counted = fresh.find(
    ({ name, type, hasDefault }) =>
      target.key?.includes(name) === true && !hasDefault && (type === 'int' || type === 'bigint'),
  )
  const texts = counted ? { ...starting, [counted.name]: String(highest(rows, counted.name) + 1) } : starting
  const name = String(Math.max(-1, ...rows.map((row) => Number(row.name))) + 1)
  const blank = { key: null, title: '', version: null, masked: [], called: {}, isGone: false, isNew: true }
  return { ...blank, name, original: texts, texts }
}

function highest(rows: readonly Row[], field: string): number {
  const numbers = rows.map(({ texts, original }) => Number(texts[field] ?? original[field] ?? 0))
  return Math.max(0, ...numbers.filter(Number.isSafeInteger))
}

/** The input of the gate for what comes along, and which row each of its parts is. */
export interface AlongInput {
  readonly input: {
    readonly links?: Readonly<
      Record<string, { readonly add: readonly string[]; readonly remove: readonly string[] }>
    >
    readonly children?: Readonly<Record<string, ChildrenInput>>
  }
  /** By place in the input (`children.parts.update.0`): the row. */
  readonly places: ReadonlyMap<string, { readonly relation: string; readonly row: string }>
}

type Given = Readonly<Record<string, unknown>>

interface ChildrenInput {
  readonly create: readonly { readonly values: Given }[]
  readonly update: readonly { readonly key: string; readonly ifVersion?: string; readonly values: Given }[]
  readonly delete: readonly { readonly key: string; readonly ifVersion?: string }[]
}

export function inputOf({ rows, links }: Along): AlongInput {
  const places = new Map<string, { relation: string; row: string }>()
  const children = rows.flatMap((one): [string, ChildrenInput][] => {
    const written = childrenOf(one, places)
    const count = written.create.length + written.update.length + written.delete.length
    return count > 0 ? [[one.relation.name, written]] : []
  })
  const changed = links.flatMap((one): [string, { add: string[]; remove: string[] }][] => {
    const linked = one.members.filter(({ isLinked }) => isLinked).map(({ key }) => key)
    const add = one.mayAdd ? linked.filter((key) => !one.shown.includes(key)) : []
    const remove = one.mayRemove ? one.shown.filter((key) => !linked.includes(key)) : []
    return add.length + remove.length > 0 ? [[one.relation.name, { add, remove }]] : []
  })
  return {
    input: {
      ...(changed.length > 0 && { links: Object.fromEntries(changed) }),
      ...(children.length > 0 && { children: Object.fromEntries(children) }),
    },
    places,
  }
}

function childrenOf(of: Rows, places: Map<string, { relation: string; row: string }>): ChildrenInput {
  const { relation, target } = of
  const numbers = numbered(of)
  const written = {
    create: [] as { values: Given }[],
    update: [] as ChildrenInput['update'][number][],
    delete: [] as ChildrenInput['delete'][number][],
  }
  const placed = (verb: 'create' | 'update' | 'delete', row: Row): void => {
    places.set(`children.${relation.name}.${verb}.${written[verb].length}`, {
      relation: relation.name,
      row: row.name,
    })
  }
  for (const row of of.rows) {
    const { key, version } = row
    const seen = version === null ? {} : { ifVersion: version }
    if (key === null) {
      if (isBlank(of, row)) continue
      placed('create', row)
      written.create.push({ values: { ...newValues(target, row.texts), ...numbers.get(row) } })
    } else if (row.isGone) {
      placed('delete', row)
      written.delete.push({ key, ...seen })
    } else {
      const values = { ...changedValues(target, row.texts, row.original), ...numbers.get(row) }
      if (Object.keys(values).length === 0) continue
      placed('update', row)
      written.update.push({ key, ...seen, values })
    }
  }
  return written
}

/** A new row that nothing was typed in is none. */
function isBlank({ target }: Rows, { texts, original }: Row): boolean {
  return Object.keys(changedValues(target, texts, original)).length === 0
}

/** The order of the rows as numbers, where it differs from what they hold. */
function numbered({ rows, inline, target }: Rows): ReadonlyMap<Row, Given> {
  const { order } = inline
  const numbers = new Map<Row, Given>()
  const kept = rows.filter(({ isGone }) => !isGone)
  const isMoved = kept.some((row, index) => index > 0 && Number(row.name) < Number(kept[index - 1]?.name))
  const field = order === null ? undefined : fieldOf(target, order)
  if (!field || order === null || !(isMoved || kept.some(({ key }) => key === null))) return numbers
  let last = Number.NEGATIVE_INFINITY
  for (const row of kept) {
    const held = Number(row.original[order] ?? Number.NaN)
    const isNext = row.key !== null && Number.isSafeInteger(held) && (isMoved ? held > last : true)
    last = isNext ? Math.max(held, last) : Math.max(last, 0) + 1
    if (!isNext) numbers.set(row, { [order]: last })
  }
  return numbers
}

/** Errors of the gate at places in its input, as errors of rows and sets; the others stay. */
export interface AlongErrors {
  readonly own: Readonly<Record<string, readonly string[]>>
  /** By relation, then by row; of a row, by field, and under `''` what is about the row as a whole. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>>
  /** By relation: what is about all of its rows, or about its links. */
  readonly whole: ReadonlyMap<string, readonly string[]>
}

export function errorsAlong(
  errors: Readonly<Record<string, readonly string[]>>,
  places: AlongInput['places'],
): AlongErrors {
  const own: Record<string, readonly string[]> = {}
  const rows = new Map<string, Map<string, Record<string, readonly string[]>>>()
  const whole = new Map<string, readonly string[]>()
  for (const [name, problems] of Object.entries(errors)) {
    const found = [...places].find(([place]) => name === place || name.startsWith(`${place}.`))
    const [, relation] = /^(?:links|children)\.([^.]+)/.exec(name) ?? []
    if (found) {
      const [place, at] = found
      const ofRelation = rows.get(at.relation) ?? new Map<string, Record<string, readonly string[]>>()
      const ofRow = ofRelation.get(at.row) ?? {}
      ofRow[name.slice(place.length + 1)] = problems
      ofRelation.set(at.row, ofRow)
      rows.set(at.relation, ofRelation)
    } else if (relation !== undefined) {
      whole.set(relation, [...new Set([...(whole.get(relation) ?? []), ...problems])])
    } else own[name] = problems
  }
  return { own, rows, whole }
}
