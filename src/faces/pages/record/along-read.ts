/** What a form shows of other records, asked from the gate: the rows that belong to one, and the links it has. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import { encodeKey } from '../../../model/key.ts'
import { type Field, fieldOf, type Model, type Relation, type Value } from '../../../model/model.ts'
import type { Inline } from '../../../model/refined.ts'
import { textOf, valueOfText } from '../../../model/text.ts'
import type { Form } from '../../form.ts'
import { readPart } from '../ask.ts'
import { isPossible, type PageContext, principalOf } from '../context.ts'
import type { PickerOptions } from '../fields/widget-props.ts'
import {
  type Along,
  addedName,
  type Links,
  type Member,
  postedLinks,
  postedRows,
  type Row,
  type Rows,
  rowName,
  stepOf,
  stepped,
} from './along.ts'
import { formFields, startingTexts, textsOf } from './form.ts'
import { queryableIn } from './model-at.ts'
import { modelPath } from './paths.ts'
import { pickersFor } from './pickers.ts'
import { relatedFilters } from './record-view.ts'
import { filterQuery, readableFilters } from './related-filter.ts'

/** So many records are all offered as boxes to tick; more are searched. */
const MAX_BOXES = 60
/** A record with more links than this has them changed in their own list. */
export const MAX_LINKS = 200

/** @param record Null for a new one; `copied`: the one that a new one starts as. */
export async function readAlong(
  page: PageContext,
  model: Model,
  record: RecordView | null,
  copied: RecordView | null = null,
): Promise<Along> {
  const [rows, links] = await Promise.all([
    Promise.all(
      inlinesOf(model).map(([relation, inline]) => readRows(page, model, record, relation, inline)),
    ),
    Promise.all(
      model.relations
        .filter(({ kind }) => kind === 'many-to-many')
        .map((relation) => readLinks(page, model, record, copied, relation)),
    ),
  ])
  return { rows: rows.filter((one) => one !== null), links: links.filter((one) => one !== null) }
}

/** What was posted, over what there is. */
export function postedAlong(along: Along, form: Form, then: string | null): Along {
  const step = stepOf(then)
  return {
    rows: along.rows.map((one) => {
      const back = isPosted(one, form) ? { ...one, rows: postedRows(one, form) } : one
      return step?.relation === one.relation.name ? { ...back, rows: stepped(back, step) } : back
    }),
    links: along.links.map((one) => {
      const back = postedLinks(one, form, (key) => titleOf(one, key))
      return withAdded(back, form.along.get(addedName(one.relation.name))?.[0]?.trim() ?? '')
    }),
  }
}

/** The names of the rows are in the form, or there was none of them. */
function isPosted({ relation }: Rows, form: Form): boolean {
  const prefix = rowName(relation.name, '')
  return [...form.along.keys()].some((name) => name.startsWith(prefix) || name === `~rows.${relation.name}`)
}

function inlinesOf(model: Model): readonly (readonly [Relation, Inline])[] {
  const inlines = model.refined?.inline ?? new Map<string, Inline>()
  return model.relations.flatMap((relation) => {
    const inline = inlines.get(relation.name)
    return inline ? [[relation, inline] as const] : []
  })
}

async function readRows(
  page: PageContext,
  model: Model,
  record: RecordView | null,
  relation: Relation,
  inline: Inline,
): Promise<Rows | null> {
  const target = page.house.gate.models.get(relation.target)
  if (!target || !isPossible(page, `${target.name}.list`)) return null
  const filters = record ? relatedFilters(model, record, relation) : []
  const parsed = filters && readableFilters(page, target, filters)
  if (!filters || !parsed) return null
  const offered = (verb: 'create' | 'update'): readonly Field[] =>
    offeredFields(page, target, relation, inline, verb)
  const fresh = offered('create')
  const editable = isPossible(page, `${target.name}.update`) ? offered('update') : []
  const columns = columnsOf(target, inline, [...fresh, ...editable])
  const may = {
    create: isPossible(page, `${target.name}.create`) && fresh.length > 0,
    update: editable.length > 0,
    delete: isPossible(page, `${target.name}.delete`),
  }
  if (!may.create && !may.update && !may.delete) return null
  const list = record ? await listRows(page, target, inline, parsed) : NO_ROWS
  if (!list) return null
  const isTooMany = list.page.next !== null
  const order = fieldOf(target, inline.order ?? '')
  return {
    relation,
    target,
    inline,
    fresh,
    editable,
    columns,
    may,
    rows: isTooMany ? [] : list.records.map((one, index) => rowOf(target, one, index, columns, order)),
    isTooMany,
    allHref: page.url(`${modelPath(target.name)}?${filterQuery(filters)}`),
    pickers: await pickersFor(page, target, columns, null),
    starting: startingTexts(fresh, new URLSearchParams()),
  }
}

const NO_ROWS: Pick<RecordList, 'records' | 'page'> = { records: [], page: { next: null, previous: null } }

function listRows(
  page: PageContext,
  target: Model,
  inline: Inline,
  filters: readonly unknown[],
): Promise<RecordList | null> {
  const sorts = [inline.order, ...(target.key ?? [])].filter((name) => name !== null)
  const sort = sorts.filter((name) => queryableIn(page, target).includes(name)).slice(0, 5)
  return readPart<RecordList>(page, {
    action: `${target.name}.list`,
    // whole, since each row is changed under the version that was seen of it
    input: {
      filters,
      limit: inline.max,
      sort: sort.map((field) => ({ field, direction: 'asc' })),
      bytes: 'whole',
    },
  })
}

/** What ties a row to its record is not typed, and neither is the order of the rows. */
function offeredFields(
  page: PageContext,
  target: Model,
  relation: Relation,
  inline: Inline,
  verb: 'create' | 'update',
): readonly Field[] {
  const names = page.house.gate.writable(principalOf(page), target.name, verb, page.c.get('origin').address)
  // a file is chosen in the form of its own record
  return formFields(target, names, verb)
    .filter(({ type }) => type !== 'bytes')
    .filter(({ name }) => !relation.to.includes(name) && name !== inline.order)
    .filter(
      ({ name }) => inline.fields === null || inline.fields.includes(name) || target.key?.includes(name),
    )
}

function columnsOf({ fields }: Model, inline: Inline, offered: readonly Field[]): readonly Field[] {
  const names = new Set(offered.map(({ name }) => name))
  const all = fields.filter(({ name }) => names.has(name))
  if (inline.fields === null) return all
  const wanted = inline.fields.flatMap((name) => all.find((field) => field.name === name) ?? [])
  return [...all.filter((field) => !wanted.includes(field)), ...wanted]
}

function rowOf(
  target: Model,
  record: RecordView,
  index: number,
  columns: readonly Field[],
  order: Field | undefined,
): Row {
  const original = textsOf(order ? [...columns, order] : columns, record.values)
  const called = Object.entries(record.related).flatMap(([name, view]) => {
    const [field] = target.relations.find((one) => one.name === name)?.from ?? []
    return view && field !== undefined ? [[field, view.title]] : []
  })
  return {
    name: String(index),
    key: record.key,
    title: record.title,
    version: record.version,
    original,
    texts: original,
    masked: record.masked,
    called: Object.fromEntries(called),
    isGone: false,
  }
}

/** The links of a record, as far as its reader may know of them and of what they lead to. */
export interface LinkList {
  readonly members: readonly Member[]
  readonly isTooMany: boolean
  readonly allHref: string
}

export async function readLinkList(
  page: PageContext,
  model: Model,
  record: RecordView,
  relation: Relation,
  limit: number,
): Promise<LinkList | null> {
  const links = page.house.gate.models.get(relation.through?.model ?? '')
  const { through, from } = relation
  if (!links || !through || !isPossible(page, `${links.name}.list`)) return null
  if (!isPossible(page, `${relation.target}.read`)) return null
  const filters = relatedFilters(model, record, { ...relation, from, to: through.from })
  const parsed = filters && readableFilters(page, links, filters)
  const way = links.relations.find(
    (one) => one.kind === 'one' && one.target === relation.target && isSame(one.from, through.to),
  )
  if (!filters || !parsed || !way) return null
  const list = await readPart<RecordList>(page, {
    action: `${links.name}.list`,
    input: { filters: parsed, limit, fields: [...through.to] },
  })
  return (
    list && {
      members: list.records.flatMap(({ related }) => {
        const view = related[way.name]
        return view ? [{ key: view.key, label: view.title, isLinked: true }] : []
      }),
      isTooMany: list.page.next !== null,
      allHref: page.url(`${modelPath(links.name)}?${filterQuery(filters)}`),
    }
  )
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name))
}

async function readLinks(
  page: PageContext,
  model: Model,
  record: RecordView | null,
  copied: RecordView | null,
  relation: Relation,
): Promise<Links | null> {
  const { gate } = page.house
  const target = gate.models.get(relation.target)
  const links = gate.models.get(relation.through?.model ?? '')
  if (!target || !links || links.softDelete) return null
  const mayAdd = isPossible(page, `${links.name}.create`) && isPossible(page, `${target.name}.list`)
  const mayRemove = isPossible(page, `${links.name}.delete`)
  const from = record ?? copied
  if (!(mayAdd || (mayRemove && record))) return null
  const list = from
    ? await readLinkList(page, model, from, relation, MAX_LINKS)
    : { members: [], isTooMany: false, allHref: page.url(modelPath(links.name)) }
  if (!list) return null
  const offered = mayAdd ? await offeredMembers(page, target) : { members: [], picker: null }
  const linked = new Set(list.members.map(({ key }) => key))
  return {
    relation,
    target,
    shown: record && mayRemove ? [...linked] : [],
    members: [
      ...(offered.picker ? [] : offered.members.map((one) => ({ ...one, isLinked: linked.has(one.key) }))),
      ...list.members.filter(({ key }) => offered.picker || !offered.members.some((one) => one.key === key)),
    ],
    mayAdd,
    mayRemove: mayRemove || !record,
    picker: offered.picker,
    isTooMany: list.isTooMany,
    allHref: list.allHref,
  }
}

/** All that can be linked, or the way to search it. */
async function offeredMembers(
  page: PageContext,
  target: Model,
): Promise<{ readonly members: readonly Member[]; readonly picker: PickerOptions | null }> {
  const list = await readPart<RecordList>(page, {
    action: `${target.name}.list`,
    input: { fields: [...(target.key ?? [])], limit: MAX_BOXES },
  })
  const members = (list?.records ?? []).flatMap(({ key, title }) =>
    key === null ? [] : [{ key, label: title, isLinked: false }],
  )
  if (list?.page.next === null) return { members, picker: null }
  const path = page.url(modelPath(target.name))
  const [by = '', ...more] = target.key ?? []
  const source = more.length > 0 ? null : `${path}/~options?by=${encodeURIComponent(by)}`
  return {
    members,
    picker: { source, options: null, current: null, listHref: path, label: target.labelPlural.toLowerCase() },
  }
}

function titleOf({ members }: Links, key: string): string {
  return members.find((one) => one.key === key)?.label ?? `#${key}`
}

/** What was picked beside the boxes is ticked like them. */
function withAdded(links: Links, text: string): Links {
  const key = text === '' ? null : keyOfText(links.target, text)
  if (key === null || !links.mayAdd) return links
  const isKnown = links.members.some((one) => one.key === key)
  const members = isKnown
    ? links.members.map((one) => (one.key === key ? { ...one, isLinked: true } : one))
    : [...links.members, { key, label: titleOf(links, key), isLinked: true }]
  return { ...links, members }
}

/** A picker answers the value of the key's field; an address may write it otherwise. */
function keyOfText(target: Model, text: string): string {
  const [name = '', ...more] = target.key ?? []
  const field = fieldOf(target, name)
  const value: Value | undefined = field && more.length === 0 ? valueOfText(field, text) : undefined
  return value === undefined ? text : encodeKey(target, [value])
}

/** Records that were picked are called by their names, as far as they can be read. */
export async function namedAlong(page: PageContext, along: Along): Promise<Along> {
  const links = await Promise.all(
    along.links.map(async (one): Promise<Links> => {
      const unnamed = one.members.filter(({ key, label }) => label === `#${key}`)
      if (unnamed.length === 0) return one
      const titles = await titlesOf(page, one.target, unnamed)
      return {
        ...one,
        members: one.members.map((member) => ({ ...member, label: titles.get(member.key) ?? member.label })),
      }
    }),
  )
  return { ...along, links }
}

async function titlesOf(
  page: PageContext,
  target: Model,
  members: readonly Member[],
): Promise<ReadonlyMap<string, string>> {
  const [name = '', ...more] = target.key ?? []
  const field = fieldOf(target, name)
  if (!field || more.length > 0) return new Map()
  const values = members.map(({ key }) => textOf(field, valueOfText(field, key.replace(/^~/, '')) ?? null))
  const list = await readPart<RecordList>(page, {
    action: `${target.name}.list`,
    input: {
      filters: [
        { field: name, operator: 'in', value: values.map((text) => text && valueOfText(field, text)) },
      ],
      fields: [name],
      limit: members.length,
    },
  })
  return new Map((list?.records ?? []).flatMap(({ key, title }) => (key === null ? [] : [[key, title]])))
}
