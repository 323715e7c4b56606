/**
 * Conditions of a rule over one model: checked once, and bound to whoever asks
 * into the one predicate tree that becomes both a closure and SQL.
 */

import { elementOf, hasMembers, memberField } from '../model/members.ts'
import { type Field, type FieldType, fieldOf, type Model, type Relation, relationOf } from '../model/model.ts'
import { and, type Comparison, NOTHING, not, or, type Predicate } from '../model/predicate.ts'
import { type Report, suggest } from './mistakes.ts'
import { type Bind, compileOperand, compileOperands, type Uses } from './operand.ts'

/** @throws Unanswerable when an attribute that the condition needs is absent. */
export type BindCondition = Bind<Predicate>

/** Where a condition stands while it is compiled. */
export interface ConditionScope {
  readonly model: Model
  /** Where relations lead; empty behind a relation, for one hop is all there is. */
  readonly models: ReadonlyMap<string, Model>
  readonly uses: Uses
  /** Takes down that a field of the model, or of the record behind the relation, is read. */
  readonly look: (field: string, relation: string | null) => void
  readonly report: Report
}

const COMPARISONS: readonly Comparison[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte']
const OPERATORS: readonly string[] = [...COMPARISONS, 'in', 'contains', 'isNull']

/** Types without an order that every data source shares. */
const UNORDERED: ReadonlySet<FieldType> = new Set(['bool', 'enum', 'uuid'])
/** Types whose values have no equality that every data source shares. */
const INCOMPARABLE: ReadonlySet<FieldType> = new Set(['json', 'bytes', 'array', 'set', 'native', 'opaque'])

/** Compiles the `where` of a rule for one of its models. Mistakes are reported, and the rest compiled all the same. */
export function compileCondition(condition: unknown, scope: ConditionScope, place: string): BindCondition {
  const entries = entriesOf(condition)
  if (!entries || entries.length === 0) {
    const problem = entries ? 'is an empty condition, which would hold for everything.' : 'is no condition.'
    scope.report('P114', place, problem, 'Name a field with an operator, or leave it out.')
    return () => NOTHING
  }
  const parts = entries.map(([name, value]) => compileEntry(name, value, scope, `${place}.${name}`))
  return (asker) => and(...parts.map((bind) => bind(asker)))
}

function compileEntry(name: string, value: unknown, scope: ConditionScope, place: string): BindCondition {
  if (name === 'and' || name === 'or') return compileList(name, value, scope, place)
  if (name === 'not') {
    const bind = compileCondition(value, scope, place)
    return (asker) => not(bind(asker))
  }
  const field = fieldOf(scope.model, name)
  const relation = relationOf(scope.model, name)
  // A relation may be called like its field; what is asked of it tells them apart.
  if (field && (!relation || isFieldCondition(value))) return compileField(field, value, scope, place)
  if (relation) return compileHop(relation, value, scope, place)
  const known = [...scope.model.fields, ...scope.model.relations].map((one) => one.name)
  const kind = isFieldCondition(value) ? 'field' : 'field or relation'
  scope.report('P104', place, `"${scope.model.name}" has no ${kind} "${name}".`, suggest(name, known))
  return () => NOTHING
}

function compileList(
  kind: 'and' | 'or',
  value: unknown,
  scope: ConditionScope,
  place: string,
): BindCondition {
  if (!Array.isArray(value) || value.length === 0) {
    scope.report('P114', place, 'takes a list of at least one condition.', 'Add one, or leave it out.')
    return () => NOTHING
  }
  const parts = value.map((one, index) => compileCondition(one, scope, `${place}[${index}]`))
  const join = kind === 'and' ? and : or
  return (asker) => join(...parts.map((bind) => bind(asker)))
}

function compileHop(relation: Relation, value: unknown, scope: ConditionScope, place: string): BindCondition {
  const target = scope.models.get(relation.target)
  if (relation.kind !== 'one' || !target) {
    const problem =
      relation.kind === 'one'
        ? `goes over "${relation.name}" although it stands behind another relation already.`
        : `goes over "${relation.name}", which leads to many records.`
    scope.report('P105', place, problem, 'A condition reaches over one relation that leads to one record.')
    return () => NOTHING
  }
  for (const field of relation.from) scope.look(field, null)
  for (const field of relation.to) scope.look(field, relation.name)
  const behind: ConditionScope = {
    ...scope,
    model: target,
    models: new Map(),
    look: (field) => scope.look(field, relation.name),
  }
  const bind = compileCondition(value, behind, place)
  return (asker) => {
    const where = bind(asker)
    return where === NOTHING ? NOTHING : { kind: 'related', relation: relation.name, where }
  }
}

function compileField(field: Field, value: unknown, scope: ConditionScope, place: string): BindCondition {
  if (field.sensitivity === 'secret') {
    scope.report('P106', place, `looks at "${field.name}", which is secret.`, 'Use another field.')
  }
  if (field.computed) {
    scope.report(
      'P106',
      place,
      `looks at "${field.name}", which is computed.`,
      'Use the fields it is made of.',
    )
    return () => NOTHING
  }
  scope.look(field.name, null)
  const entries = entriesOf(value) ?? []
  if (entries.length === 0) {
    scope.report('P114', place, 'compares with nothing.', `Write for example { ${field.name}: { eq: … } }.`)
  }
  const parts = entries.map(([operator, operand]) =>
    compileComparison(field, operator, operand, scope, `${place}.${operator}`),
  )
  return (asker) => and(...parts.map((bind) => bind(asker)))
}

function compileComparison(
  field: Field,
  operator: string,
  operand: unknown,
  scope: ConditionScope,
  place: string,
): BindCondition {
  const problem = misfit(field, operator)
  if (problem) {
    scope.report('P106', place, problem, OPERATORS.includes(operator) ? '' : suggest(operator, OPERATORS))
    return () => NOTHING
  }
  const { uses, report } = scope
  const name = field.name
  if (operator === 'isNull') return compileIsNull(name, operand, report, place)
  if (operator === 'in') {
    const bind = compileOperands(field, operand, uses, place, report)
    return (asker) => {
      const values = bind(asker)
      return values.length === 0 ? NOTHING : { kind: 'in', field: name, values }
    }
  }
  if (operator === 'contains') {
    // The members of a JSON array are texts, unless the literal says that they are numbers or truths.
    const member = hasMembers(field) ? memberField(field) : { ...field, type: memberType(operand) }
    const bind = compileOperand(member, operand, uses, place, report)
    return (asker) => ({ kind: 'contains', field: name, value: bind(asker) })
  }
  const comparison = COMPARISONS.find((one) => one === operator) ?? 'eq'
  const bind = compileOperand(field, operand, uses, place, report)
  return (asker) => ({ kind: 'compare', field: name, operator: comparison, value: bind(asker) })
}

function compileIsNull(field: string, operand: unknown, report: Report, place: string): BindCondition {
  if (typeof operand !== 'boolean') report('P107', place, 'takes true or false.', '')
  const predicate: Predicate = { kind: 'isNull', field }
  return () => (operand === false ? not(predicate) : predicate)
}

/** Why the operator can't be asked of the field, or null. */
function misfit(field: Field, operator: string): string | null {
  if (!OPERATORS.includes(operator)) return `"${operator}" is no operator.`
  if (operator === 'isNull') return null
  if (operator === 'contains') {
    if (hasMembers(field)) {
      const { type } = elementOf(field)
      return INCOMPARABLE.has(type)
        ? `"${field.name}" has members of the type ${type}, which is not compared.`
        : null
    }
    return field.type === 'json'
      ? null
      : `"${field.name}" is ${field.type}; only an array or a set has members.`
  }
  if (INCOMPARABLE.has(field.type)) return `"${field.name}" is ${field.type}, which is not compared.`
  const isOrdering = operator !== 'eq' && operator !== 'ne' && operator !== 'in'
  return isOrdering && UNORDERED.has(field.type)
    ? `"${field.name}" is ${field.type}, which has no order.`
    : null
}

function memberType(operand: unknown): FieldType {
  if (typeof operand === 'number') return 'float'
  return typeof operand === 'boolean' ? 'bool' : 'text'
}

function isFieldCondition(value: unknown): boolean {
  const entries = entriesOf(value)
  return entries?.every(([name]) => OPERATORS.includes(name)) ?? false
}

/** What is said in an object literal; null when it is none. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.entries(value).filter(([, part]) => part !== undefined)
}
