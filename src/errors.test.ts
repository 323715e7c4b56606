import { expect, test } from 'vitest'
import { AdminError, didYouMean, misconfigured } from './errors.ts'

test.each([
  ['prot', 'Did you mean "port"?'],
  ['accesTokenMinuts', 'Did you mean "accessTokenMinutes"?'],
  ['PORT', 'Did you mean "port"?'],
  ['colour', ''],
  ['', ''],
])('knows what "%s" was meant to be', (word, answer) => {
  expect(didYouMean(word, ['port', 'host', 'accessTokenMinutes'])).toBe(answer)
})

test('carries the status of its code', () => {
  expect(new AdminError('limit-exceeded', 'Too many.', { retryAfterSeconds: 4 })).toMatchObject({
    status: 429,
    retryAfterSeconds: 4,
    rules: [],
  })
})

test('puts every mistake of a configuration on a line of its own', () => {
  const mistake = {
    id: 'C001',
    place: 'prot',
    problem: 'there is no such option.',
    remedy: 'Did you mean "port"?',
  }

  expect(misconfigured([mistake, mistake]).message.split('\n')).toEqual([
    'C001 prot: there is no such option. Did you mean "port"?',
    'C001 prot: there is no such option. Did you mean "port"?',
  ])
})
