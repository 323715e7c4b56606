/** A rule of the policy as a sentence, so that roles can be read by who never wrote one. */

import type {
  Condition,
  FieldCondition,
  ObligationsOption,
  Operand,
  Rule,
  When,
} from '../../../policy/document.ts'

/** "May list and read customers, except tax_number, where region is their region; with a reason." */
export function ruleSentence(rule: Rule): string {
  const verb = rule.effect === 'permit' ? 'May' : 'May never'
  const parts = [
    `${verb} ${actionsInWords(rule.actions)}`,
    fieldsInWords(rule),
    rule.where && `where ${conditionInWords(rule.where)}`,
    rule.when && whenInWords(rule.when),
  ].filter(Boolean)
  const obligations = rule.obligations ? obligationsInWords(rule.obligations) : ''
  return `${parts.join(', ')}${obligations ? `; ${obligations}` : ''}.`
}

/** "list and read customers and orders", "do anything with every model". */
export function actionsInWords(patterns: readonly string[]): string {
  const byModel = new Map<string, string[]>()
  for (const pattern of patterns) {
    const dot = pattern.lastIndexOf('.')
    const model = pattern.slice(0, dot)
    byModel.set(model, [...(byModel.get(model) ?? []), pattern.slice(dot + 1)])
  }
  const byVerbs = new Map<string, string[]>()
  for (const [model, verbs] of byModel) {
    const words = verbs.includes('*') ? 'do anything with' : list(verbs)
    byVerbs.set(words, [...(byVerbs.get(words) ?? []), modelInWords(model)])
  }
  return list([...byVerbs].map(([verbs, models]) => `${verbs} ${list(models)}`))
}

function modelInWords(model: string): string {
  if (model === '*') return 'every model'
  return model.startsWith('castellan.') ? `Castellan's ${model.slice('castellan.'.length)}` : model
}

function fieldsInWords({ fields, effect }: Rule): string | null {
  if (!fields) return null
  if ('except' in fields) return `all fields except ${list(fields.except)}`
  return effect === 'permit' ? `only ${list(fields)}` : `as far as ${list(fields)} goes`
}

/** Nested parts stand in parentheses, so that "and" and "or" can't be misread. */
export function conditionInWords(condition: Condition): string {
  return partsOf(condition).join(' and ')
}

function partsOf(condition: Condition): readonly string[] {
  return Object.entries(condition).flatMap(([name, value]): string[] => {
    if (value === undefined) return []
    if (name === 'and') return (value as readonly Condition[]).map(grouped)
    if (name === 'or') return [`(${(value as readonly Condition[]).map(grouped).join(' or ')})`]
    if (name === 'not') return [`not (${conditionInWords(value as Condition)})`]
    return isFieldCondition(value)
      ? [comparison(name, value)]
      : [`its ${name} has ${grouped(value as Condition)}`]
  })
}

function grouped(condition: Condition): string {
  const parts = partsOf(condition)
  return parts.length > 1 ? `(${parts.join(' and ')})` : (parts[0] ?? 'anything')
}

const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'isNull'] as const

function isFieldCondition(value: unknown): value is FieldCondition {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every((key) => OPERATORS.some((operator) => operator === key))
}

const COMPARISONS = {
  eq: 'is',
  ne: 'is not',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  contains: 'contains',
} as const

function comparison(field: string, condition: FieldCondition): string {
  const parts = OPERATORS.flatMap((operator): string[] => {
    const value = condition[operator]
    if (value === undefined) return []
    if (operator === 'isNull') return [value ? `${field} is empty` : `${field} is not empty`]
    if (operator === 'in') return [`${field} is one of ${membersInWords(value)}`]
    return [`${field} ${COMPARISONS[operator]} ${operandInWords(value as Operand)}`]
  })
  return parts.join(' and ')
}

function membersInWords(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? list(value.map(operandInWords), 'or') : 'nothing'
  return operandInWords(value as Operand)
}

function operandInWords(operand: Operand): string {
  if (typeof operand !== 'object') return String(operand)
  if ('principal' in operand) {
    return operand.principal === 'id' ? 'the person themselves' : `their own ${operand.principal}`
  }
  return { now: 'the present moment', today: "today's date", address: 'the address they come from' }[
    operand.context
  ]
}

function whenInWords(when: When): string {
  const parts = [
    when.hours && `between ${when.hours.replace('-', ' and ')}`,
    when.network && `from the network ${when.network}`,
    when.assurance && `signed in with assurance ${when.assurance} or more`,
  ].filter((part): part is string => Boolean(part))
  return parts.join(', ')
}

/** "needs a reason and a confirmation". */
export function obligationsInWords(obligations: ObligationsOption): string {
  const parts = [
    obligations.reason && 'a reason',
    obligations.ticket && `a ticket like ${obligations.ticket}`,
    obligations.confirm && 'a confirmation',
    obligations.stepUpWithin && `proof of identity within ${obligations.stepUpWithin}`,
    obligations.approvals &&
      (obligations.approvals === 1 ? 'one approval' : `${obligations.approvals} approvals`),
  ].filter((part): part is string => Boolean(part))
  return parts.length > 0 ? `needs ${list(parts)}` : ''
}

function list(words: readonly string[], joint = 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
}
