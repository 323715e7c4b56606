/** Whether the options of a model have the form that `model/options.ts` describes: every mistake, with its place. */

import { z } from 'zod'
import { didYouMean, type Mistake } from '../errors.ts'
import { problemOf } from './issue.ts'
import { MODEL_OPTIONS, NOT_YET_IN_MODELS } from './options.ts'

/** @param place `models.orders`. */
export function shapeMistakes(options: unknown, place: string): readonly Mistake[] {
  const parsed = MODEL_OPTIONS.safeParse(options, { error: problemOf })
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, place))
}

/** `list`, `columns`, 2 → `models.orders.list.columns[2]`. */
export function placeOf(place: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    place,
  )
}

function mistakesOf(issue: z.core.$ZodIssue, place: string): readonly Mistake[] {
  const at = placeOf(place, issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, issue.path, at))
  }
  const remedy = 'Change it, or leave it out.'
  return [{ id: 'M304', place: at, problem: `${issue.message}.`, remedy }]
}

function unknownKey(key: string, path: readonly PropertyKey[], at: string): Mistake {
  const place = `${at}.${key}`
  if (NOT_YET_IN_MODELS.some((pattern) => isAt([...path, key], pattern))) {
    return { id: 'M303', place, problem: 'this option is not honoured yet.', remedy: 'Leave it out.' }
  }
  const known = keysAt(MODEL_OPTIONS, path)
  const near = didYouMean(key, known) || `There are ${known.map((one) => `"${one}"`).join(', ')}.`
  return { id: 'M302', place, problem: 'there is no such option.', remedy: near }
}

function isAt(path: readonly PropertyKey[], pattern: string): boolean {
  const parts = pattern.split('.')
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index])
}

/** The members that an object of the schema may have, at that path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path)
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option: z.core.$ZodType) => keysAt(option, path))
  }
  const [first, ...rest] = path
  if (schema instanceof z.ZodObject) {
    if (first === undefined) return Object.keys(schema.shape)
    const member = schema.shape[String(first)]
    return member ? keysAt(member, rest) : []
  }
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest)
  return schema instanceof z.ZodArray ? keysAt(schema.element, rest) : []
}
