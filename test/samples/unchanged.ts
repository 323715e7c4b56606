/** A record as its reader got it, to be given back as it is. */

import type { RecordRead } from '../../src/gate/records.ts'
import type { Field, Model, Value, Values } from '../../src/model/model.ts'
import { parseValue } from '../../src/model/parse.ts'
import { textOf } from '../../src/model/text.ts'

/** The values of all fields that may be written, as far as they are of their field's type. */
export function unchangedValues(model: Model, { record, writable }: RecordRead): Values {
  const given = model.fields.flatMap((field): [string, Value][] => {
    const value = record.values[field.name]
    return value !== undefined && writable.includes(field.name) && fits(field, value)
      ? [[field.name, value]]
      : []
  })
  return Object.fromEntries(given)
}

/** Some sources hold values that nobody can write here: 'true' in a SMALLINT, a date that is none. */
function fits(field: Field, value: Value): boolean {
  const parsed = parseValue(field, value)
  return parsed.ok && textOf(field, parsed.value) === textOf(field, value)
}
