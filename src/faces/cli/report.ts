/**
 * What `serve` says of the databases it found: how much there is, what can't be
 * changed and why, and what is kept from whom. Made to be read for one table
 * and for a hundred.
 */

import type { Model } from '../../model/model.ts'
import type { FoundSource, OpenAdmin } from './command.ts'
import { placeOf, warningsOf } from './found.ts'
import { suggestedIn, wayText } from './relations.ts'

const WIDTH = 100

/** Every line, in the order in which they are worth reading. */
export function reportLines({ sources, checked }: Pick<OpenAdmin, 'sources' | 'checked'>): readonly string[] {
  const isOne = sources.length === 1
  const lines = [
    ...sources.flatMap((source) => sourceLines(source, isOne)),
    `Castellan's own tables ${ownTables(sources)} ${checked.store.label}.`,
    ...sources.filter(({ sharesStore }) => !sharesStore).map(apart),
    ...lowered(checked),
  ]
  return lines.map(plain)
}

/** What is less than production asks for, and how it is put right. Never silent: somebody may have forgotten it. */
function lowered({ debug, enforceHttps, secureCookies }: OpenAdmin['checked']): readonly string[] {
  if (debug) return ['Debug is on: plain HTTP is accepted, for this machine alone.']
  return [
    ...(enforceHttps ? [] : ['Plain HTTP is accepted: set CASTELLAN_ENFORCE_HTTPS=true.']),
    ...(secureCookies ? [] : ['Cookies travel over plain HTTP: set CASTELLAN_SECURE_COOKIES=true.']),
  ]
}

function sourceLines(source: FoundSource, isOne: boolean): readonly string[] {
  const { id, label, models } = source
  const where = isOne ? label : `${id} (${label})`
  return [
    `Found ${counted(models.length, 'model')} in ${where}, with about so many records:`,
    ...wrapped(' ', sized(source)),
    ...reasons(models),
    ...warnings(source),
    ...waiting(source),
    ...suggested(source),
    ...kept('Never shown (secret)', models, 'secret'),
    ...kept('Masked until revealed (personal)', models, 'personal'),
  ]
}

/** One block a reason, however many models it is true of. */
function reasons(models: readonly Model[]): readonly string[] {
  const limited = models.filter(({ writable }) => writable.reason !== null)
  const byReason = Map.groupBy(limited, ({ writable }) => writable.reason ?? '')
  return [...byReason].flatMap(([reason, those]) => block(reason, names(those)))
}

function warnings(source: FoundSource): readonly string[] {
  return warningsOf(source).flatMap(({ sentence, places }) => block(sentence, places))
}

function waiting({ waiting: fields }: FoundSource): readonly string[] {
  if (fields.length === 0) return []
  return wrapped('  Hidden until "castellan classify" says how sensitive they are:', fields.map(placeOf))
}

function suggested(source: FoundSource): readonly string[] {
  const found = suggestedIn([source])
  if (found.length === 0) return []
  return wrapped(
    '  Relations by their names, without a foreign key ("castellan relations"):',
    found.map(wayText),
  )
}

function kept(
  heading: string,
  models: readonly Model[],
  sensitivity: 'secret' | 'personal',
): readonly string[] {
  const fields = models.flatMap((model) =>
    model.fields
      .filter((field) => field.sensitivity === sensitivity)
      .map(({ name }) => `${model.name}.${name}`),
  )
  return fields.length === 0 ? [] : wrapped(`  ${heading}:`, fields)
}

function block(sentence: string, places: readonly string[]): readonly string[] {
  return places.length === 0 ? [`  ${sentence}`] : wrapped(`  ${sentence.replace(/\.$/, '')}:`, places)
}

function ownTables(sources: readonly FoundSource[]): string {
  const shared = sources.find(({ sharesStore }) => sharesStore)
  const isSchema = shared?.engine === 'postgres'
  if (isSchema) return '(schema "castellan") are in'
  return shared ? '(castellan_…) are in' : 'are in'
}

function apart({ id }: FoundSource): string {
  return `Changes to ${id} and their audit events commit one after the other, since these are two databases.`
}

/** `orders 3.1 M`: each model with its size, as far as it is known. */
function sized({ models, rows }: FoundSource): readonly string[] {
  return models.map(({ name }) => {
    const count = rows.get(name)
    return count === undefined ? name : `${name} ${SHORT.format(count)}`
  })
}

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 })

function names(models: readonly Model[]): readonly string[] {
  return models.map(({ name }) => name)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `heading a, b, c.` over as many lines as it needs, the later ones indented. */
function wrapped(heading: string, words: readonly string[]): readonly string[] {
  const indent = heading === ' ' ? '  ' : `${/^ */.exec(heading)?.[0] ?? ''}  `
  const lines: string[] = []
  let line = heading
  for (const [index, word] of words.entries()) {
    const next = index === words.length - 1 ? `${word}.` : `${word},`
    if (line.length + next.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line)
      line = `${indent}${next}`
    } else {
      line = `${line} ${next}`
    }
  }
  return [...lines, line]
}

/** Names come from a database: none may drive the terminal. */
function plain(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ')
}
