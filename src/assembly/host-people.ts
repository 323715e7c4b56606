/** The option `people`, checked against the models: how identity asks the application who somebody is. */

import { type AdminError, didYouMean, type Mistake, misconfigured } from '../errors.ts'
import type { Source } from '../gate/parts.ts'
import { titleOf } from '../gate/view.ts'
import type { HostId, HostPeople, HostRecord, PeopleOption } from '../identity/host-people.ts'
import { decodeKey, encodeKey } from '../model/key.ts'
import { type Field, fieldOf, type Key, type Model, type Value, type Values } from '../model/model.ts'
import { parseValue } from '../model/parse.ts'
import { EVERYTHING } from '../model/predicate.ts'
import { textOf } from '../model/text.ts'

/** @throws AdminError `misconfigured` with every mistake of the option. */
export function hostPeopleOf(
  people: PeopleOption,
  models: ReadonlyMap<string, Model>,
  sources: ReadonlyMap<string, Source>,
): HostPeople {
  const model = models.get(people.model)
  if (!model || model.name.startsWith('castellan.')) throw noModel(people, models)
  const keyField = fieldOf(model, model.key?.[0] ?? '')
  const usernameField = fieldOf(model, people.usernameField)
  const mistakes = mistakesOf(people, model)
  if (!keyField || !usernameField || mistakes.length > 0) throw misconfigured(mistakes)
  const source = sources.get(model.source)
  if (!source) throw new TypeError(`The model ${model.name} has no data source ${model.source}.`)

  const shown = { model, keyField, usernameField, nameField: fieldOf(model, people.nameField ?? '') ?? null }
  const recordOf = async (key: Key): Promise<HostRecord | null> => {
    const fields = fieldsOf(shown)
    const values = await source.dataSource.read((reader) =>
      reader.get({ model, models, scope: EVERYTHING, key, fields }),
    )
    return values && !isDeleted(model, values) ? describe(shown, key, values) : null
  }
  return {
    model: model.name,
    usernameLabel: usernameField.label,
    authenticate: (username, password) => people.authenticate(username, password),
    changePassword: people.changePassword ? (id, password) => people.changePassword?.(id, password) : null,
    roles: people.roles ? (id) => people.roles?.(id) : null,
    async find(id) {
      if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') return null
      const parsed = parseValue(keyField, keyField.type === 'text' ? String(id) : id)
      return parsed.ok && parsed.value !== null ? await recordOf([parsed.value]) : null
    },
    async findByKey(encoded) {
      const key = decodeKey(model, encoded)
      return key && (await recordOf(key))
    },
  }
}

/** The models with what proves who somebody is out of every read: the hash, and whatever else of that model is secret. */
export function withoutHashes(models: readonly Model[], people: PeopleOption | null): readonly Model[] {
  if (!people) return models
  return models.map((model) => {
    if (model.name !== people.model) return model
    const fields = model.fields.map((field): Field => {
      const isHash = field.name === people.passwordField || field.sensitivity === 'secret'
      return isHash ? { ...field, sensitivity: 'secret', hidden: true } : field
    })
    return { ...model, fields }
  })
}

interface Shown {
  readonly model: Model
  readonly keyField: Field
  readonly usernameField: Field
  readonly nameField: Field | null
}

function fieldsOf({ model, keyField, usernameField, nameField }: Shown): readonly string[] {
  const names = [keyField.name, usernameField.name, ...model.title]
  if (nameField) names.push(nameField.name)
  if (model.softDelete) names.push(model.softDelete.field)
  return [...new Set(names)]
}

function describe(
  { model, keyField, usernameField, nameField }: Shown,
  key: Key,
  values: Values,
): HostRecord {
  const username = textOf(usernameField, values[usernameField.name] ?? null) ?? ''
  const title = model.title.length > 0 ? titleOf(model, values, new Set(Object.keys(values))) : ''
  const name = nameField ? textOf(nameField, values[nameField.name] ?? null) : title
  return {
    key: encodeKey(model, key),
    id: idOf(keyField, values[keyField.name] ?? null),
    name: name || username,
    username,
  }
}

/** As the application's own code most likely has it. */
function idOf(field: Field, value: Value): HostId {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  return textOf(field, value) ?? ''
}

function isDeleted({ softDelete }: Model, values: Values): boolean {
  if (!softDelete) return false
  const mark = values[softDelete.field] ?? null
  return softDelete.kind === 'flag' ? mark === true : mark !== null
}

function noModel({ model }: PeopleOption, models: ReadonlyMap<string, Model>): AdminError {
  const known = [...models.keys()].filter((name) => !name.startsWith('castellan.'))
  const remedy = didYouMean(model, known) || 'Name the model whose records people are.'
  return misconfigured([
    { id: 'H101', place: 'people.model', problem: `there is no model "${model}".`, remedy },
  ])
}

function mistakesOf(people: PeopleOption, model: Model): readonly Mistake[] {
  const named = (['usernameField', 'nameField', 'passwordField'] as const).flatMap((option): Mistake[] => {
    const name = people[option]
    if (name === undefined || fieldOf(model, name)) return []
    const remedy =
      didYouMean(
        name,
        model.fields.map((field) => field.name),
      ) || 'Name another field.'
    return [
      { id: 'H102', place: `people.${option}`, problem: `"${model.name}" has no field "${name}".`, remedy },
    ]
  })
  const shown = (['usernameField', 'nameField'] as const).flatMap((option): Mistake[] => {
    const field = fieldOf(model, people[option] ?? '')
    if (field?.sensitivity !== 'secret') return []
    const problem = `"${field.name}" is secret, and is never read.`
    return [{ id: 'H103', place: `people.${option}`, problem, remedy: 'Name another field.' }]
  })
  if (model.key?.length === 1) return [...named, ...shown]
  const problem = `"${model.name}" has no key of one field, so nobody of it can be told from the others.`
  return [...named, ...shown, { id: 'H104', place: 'people.model', problem, remedy: 'Name another model.' }]
}
