import { expect, test } from 'vitest'
import { pathDiff, wordDiff } from './word-diff.ts'

const marked = (runs: readonly { readonly text: string; readonly isSame: boolean }[]): string =>
  runs.map(({ text, isSame }) => (isSame ? text : `[${text}]`)).join('')

test('marks the words that are in one of the texts alone', () => {
  const diff = wordDiff('Ship it to the old harbour office today.', 'Ship it to the new harbour office.')

  expect(diff && marked(diff.before)).toBe('Ship it to the [old ]harbour [office today.]')
  expect(diff && marked(diff.after)).toBe('Ship it to the [new ]harbour [office.]')
})

test('keeps every character of both texts', () => {
  const [before, after] = ['one  two\nthree four', 'zero two three\n\nfive four']
  const diff = wordDiff(before, after)

  expect(diff?.before.map(({ text }) => text).join('')).toBe(before)
  expect(diff?.after.map(({ text }) => text).join('')).toBe(after)
})

test('leaves alone what is short, too long, or another text altogether', () => {
  expect(wordDiff('paid', 'open')).toBeNull()
  expect(wordDiff('a quiet harbour at dawn', 'nothing of it is left over')).toBeNull()
  expect(wordDiff('word '.repeat(401), 'word '.repeat(400))).toBeNull()
})

test('tells each path at which JSON differs, and no other', () => {
  expect(
    pathDiff(
      '{"city":"Porto","tags":["a","b"],"zip":{"code":1}}',
      '{"city":"Braga","tags":["a"],"zip":{"code":1},"n":null}',
    ),
  ).toEqual([
    { path: 'city', before: '"Porto"', after: '"Braga"' },
    { path: 'tags.1', before: '"b"', after: null },
    { path: 'n', before: null, after: 'null' },
  ])
  expect(pathDiff('{"a":{}}', '{"a":{"b":1}}')).toEqual([
    { path: 'a', before: '{}', after: null },
    { path: 'a.b', before: null, after: '1' },
  ])
  expect(pathDiff('not json', '{}')).toBeNull()
  expect(pathDiff('1', '2')).toBeNull()
})
