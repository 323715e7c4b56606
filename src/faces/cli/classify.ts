/** `castellan classify`: which fields wait, and how sensitive one is. */

import { SENSITIVITIES } from '../../model/classified.ts'
import { asSystem } from './act.ts'
import { type Command, EXIT, type FoundSource, type Given, UsageError, type WaitingField } from './command.ts'
import { placeOf } from './found.ts'
import { WHERE } from './installation.ts'
import { tableOf } from './table.ts'

const GUESS = 'guess'
const WORDS = [...SENSITIVITIES, GUESS]

export const classify: Command = {
  name: 'classify',
  summary: 'Say how sensitive a field is that appeared later.',
  description:
    'A column that appeared after its database was first connected is hidden until it is classified. Without options those are listed, with what their names and types suggest. The server takes it in when it starts again.',
  options: {
    field: {
      value: 'MODEL.FIELD',
      help: 'The field, by the name of its column; repeated: several.',
      isRepeated: true,
    },
    model: { value: 'MODEL', help: 'Every field of this model that waits.', isRepeated: true },
    as: {
      value: 'SENSITIVITY',
      help: `${WORDS.slice(0, -1).join(', ')}, or ${GUESS}: as its name suggests.`,
    },
    ...WHERE,
  },
  async run(given, workshop) {
    const wanted = wantedOf(given)
    return await asSystem(classify, given, workshop, async (act, { sources }) => {
      const waiting = sources.flatMap((source) => source.waiting)
      if (wanted === null) {
        workshop.terminal.print(waiting.length === 0 ? 'No field waits.' : tableOf(rowsOf(waiting)))
        return EXIT.done
      }
      for (const one of wanted.of(sources)) {
        const { fields } = await act<{ readonly fields: Readonly<Record<string, string>> }>(
          'castellan.fields.classify',
          { ...one, sensitivity: wanted.sensitivity },
        )
        for (const [field, sensitivity] of Object.entries(fields)) {
          workshop.terminal.tell(`${one.model}.${field} is ${sensitivity}.`)
        }
      }
      workshop.terminal.tell('Start the server again to take it in.')
      return EXIT.done
    })
  },
}

function rowsOf(waiting: readonly WaitingField[]): readonly (readonly string[])[] {
  return [
    ['FIELD', 'TYPE', 'ITS NAME SUGGESTS'],
    ...waiting.map((field) => [placeOf(field), field.type, field.guess]),
  ]
}

interface Wanted {
  readonly sensitivity: string
  of(sources: readonly FoundSource[]): readonly { readonly model: string; readonly fields: string[] | null }[]
}

/** Null: to list. @throws UsageError. */
function wantedOf(given: Given): Wanted | null {
  const fields = given.all('field')
  const models = given.all('model')
  const sensitivity = given.text('as')
  if (fields.length + models.length === 0 && sensitivity === undefined) return null
  if (sensitivity === undefined || !WORDS.includes(sensitivity)) {
    throw new UsageError(`--as is needed with it: ${WORDS.map((word) => `"${word}"`).join(', ')}.`)
  }
  if (fields.length + models.length === 0) {
    throw new UsageError('--as says how sensitive. Write --field MODEL.FIELD or --model MODEL too.')
  }
  return {
    sensitivity,
    of: (sources) => [
      ...fields.map((text) => fieldAt(text, sources)),
      ...models.map((model) => ({ model, fields: null })),
    ],
  }
}

/** A model's name may hold dots, and so may a column's: the longest model that is there counts. */
function fieldAt(
  text: string,
  sources: readonly FoundSource[],
): { readonly model: string; readonly fields: string[] } {
  const models = sources.flatMap((source) => source.models.map(({ name }) => name))
  const [model] = models
    .filter((name) => text.startsWith(`${name}.`))
    .toSorted((one, other) => other.length - one.length)
  if (model !== undefined) return { model, fields: [text.slice(model.length + 1)] }
  throw new UsageError(
    `--field "${text}" names no field of a model. "castellan classify" lists those that wait.`,
  )
}
