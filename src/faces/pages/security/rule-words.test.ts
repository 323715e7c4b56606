import { expect, test } from 'vitest'
import type { Rule } from '../../../policy/document.ts'
import { actionsInWords, conditionInWords, ruleSentence } from './rule-words.ts'

function rule(differing: Partial<Rule>): Rule {
  return { id: 'r', effect: 'permit', actions: ['orders.list'], ...differing }
}

test('says a whole rule', () => {
  expect(
    ruleSentence(
      rule({
        actions: ['customers.list', 'customers.read'],
        fields: { except: ['tax_number'] },
        where: { region: { eq: { principal: 'region' } } },
        when: { hours: '08:00-18:00 Europe/Berlin', network: 'office', assurance: 2 },
        obligations: { reason: true, stepUpWithin: '5m', approvals: 1 },
      }),
    ),
  ).toBe(
    'May list and read customers, all fields except tax_number, where region is their own region, ' +
      'between 08:00 and 18:00 Europe/Berlin, from the network office, signed in with assurance 2 or more; ' +
      'needs a reason, proof of identity within 5m and one approval.',
  )
})

test('says a forbid as one', () => {
  expect(ruleSentence(rule({ effect: 'forbid', where: { archived: { eq: true } } }))).toBe(
    'May never list orders, where archived is true.',
  )
  expect(ruleSentence(rule({ effect: 'forbid', fields: ['margin'] }))).toBe(
    'May never list orders, as far as margin goes.',
  )
})

test('puts models with the same verbs together', () => {
  expect(actionsInWords(['a.list', 'a.read', 'b.list', 'b.read', 'c.delete'])).toBe(
    'list and read a and b and delete c',
  )
  expect(actionsInWords(['*.*'])).toBe('do anything with every model')
  expect(actionsInWords(['castellan.audit.list'])).toBe("list Castellan's audit")
})

test('keeps and, or, not and one hop apart', () => {
  expect(
    conditionInWords({
      or: [{ status: { in: ['paid', 'sent'] }, total: { lt: 500 } }, { customer: { country: { eq: 'DE' } } }],
      not: { archived: { isNull: true } },
    }),
  ).toBe(
    '((status is one of paid or sent and total is less than 500) or its customer has country is DE) ' +
      'and not (archived is empty)',
  )
})

test('says nothing is a member of an empty list', () => {
  expect(conditionInWords({ status: { in: [] } })).toBe('status is one of nothing')
})
