/** A model as its reader may know it: only fields and relations that they can read, only actions they could be permitted. */

import type { Gate } from '../../gate/gate.ts'
import type { Principal } from '../../identity/principal.ts'
import type { Field, Model, Relation } from '../../model/model.ts'
import type { Json } from './json.ts'

export interface Reader {
  readonly gate: Gate
  readonly principal: Principal
  readonly address: string
}

/** The models of which the reader could see anything. */
export function visibleModels({ gate, principal, address }: Reader): readonly Model[] {
  return [...gate.models.values()].filter(({ name }) =>
    ['list', 'read'].some((verb) => gate.isPossible(principal, `${name}.${verb}`, address)),
  )
}

export function jsonOfModelName({ name, label, labelPlural, group, kind }: Model): Json {
  return { name, label, labelPlural, group, kind }
}

export function jsonOfModel(reader: Reader, model: Model): Json {
  const { gate, principal, address } = reader
  const readable = new Set(gate.readable(principal, model.name, address))
  const queryable = gate.queryable(principal, model.name, address)
  const visible = new Set(visibleModels(reader).map(({ name }) => name))
  return {
    name: model.name,
    label: model.label,
    labelPlural: model.labelPlural,
    description: model.description,
    group: model.group,
    kind: model.kind,
    key: model.key?.every((name) => readable.has(name)) ? model.key : null,
    fields: model.fields.filter(({ name }) => readable.has(name)).map(jsonOfField),
    relations: model.relations
      .filter(({ target, from }) => visible.has(target) && from.every((name) => readable.has(name)))
      .filter(({ target, to }) => {
        const there = gate.readable(principal, target, address)
        return to.every((name) => there.includes(name))
      })
      .filter(({ through }) => through === undefined || visible.has(through.model))
      .map((relation) => jsonOfRelation(model, relation)),
    list: {
      columns: model.list.columns.filter((name) => readable.has(name)),
      filters: model.list.filters.filter((name) => queryable.includes(name)),
      sort: queryable,
    },
    writable: {
      create: gate.writable(principal, model.name, 'create', address),
      update: gate.writable(principal, model.name, 'update', address),
    },
    actions: gate
      .actionsOf(model.name)
      .filter(({ verb }) => gate.isPossible(principal, `${model.name}.${verb}`, address))
      .map(({ verb, label, on, access }) => ({ verb, label, on, access })),
  }
}

function jsonOfRelation(
  model: Model,
  { name, label, kind, target, from, to, through }: Relation,
): { readonly [name: string]: Json } {
  return {
    name,
    label,
    kind,
    target,
    from,
    to,
    ...(through && { through: { model: through.model, from: through.from, to: through.to } }),
    ...(model.refined?.inline.has(name) && { inline: true }),
  }
}

function jsonOfField(field: Field): Json {
  const { name, label, help, type, nullable, generated, sensitivity, choices, maxLength, scale, element } =
    field
  return {
    name,
    label,
    help,
    type,
    nullable,
    readonly: field.readonly || generated,
    masked: sensitivity === 'personal',
    choices: choices?.map((choice) => ({ value: choice.value, label: choice.label })) ?? null,
    maxLength,
    scale,
    element: element ? { type: element.type, maxLength: element.maxLength, scale: element.scale } : null,
  }
}
