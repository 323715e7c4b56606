/** Models for tests, where a test says only what differs. Not part of the product. */

import type { Field, FieldType, Model } from './model.ts'

/** A text field of that name unless said otherwise. */
export function field(name: string, type: FieldType = 'text', differing: Partial<Field> = {}): Field {
  return {
    name,
    column: name,
    label: name,
    help: null,
    type,
    dbType: type,
    nullable: false,
    hasDefault: false,
    defaultValue: null,
    generated: false,
    readonly: false,
    hidden: false,
    sensitivity: 'internal',
    choices: null,
    maxLength: null,
    scale: null,
    widget: null,
    ...differing,
  }
}

/** A writable table with the key `id` when it has such a field, and no relations unless said. */
export function model(name: string, fields: readonly Field[], differing: Partial<Model> = {}): Model {
  return {
    name,
    source: 'main',
    schema: null,
    table: name,
    kind: 'table',
    label: name,
    labelPlural: name,
    description: null,
    icon: null,
    group: null,
    fields,
    key: fields.some((one) => one.name === 'id') ? ['id'] : null,
    uniques: [],
    indexes: [],
    relations: [],
    title: [],
    list: { columns: [], filters: [], search: [], sort: [], perPage: 50 },
    softDelete: null,
    writable: { create: true, update: true, delete: true, reason: null },
    ...differing,
  }
}
