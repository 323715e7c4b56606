/**
 * The lines of OWASP ASVS 5.0 that are adopted, `docs/asvs.json`: each names the tests that prove it or the
 * documentation that answers it, or says why it is open. One that names nothing, or something that is not there, fails.
 */

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'

/** By chapter, the sections with the lines that were adopted of each. */
const ADOPTED: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  3: {
    1: [1],
    2: [1, 2, 3],
    3: [1, 2, 3, 4, 5],
    4: [1, 2, 3, 4, 5, 6, 7, 8],
    5: [1, 2, 3, 4, 5, 6, 7, 8],
    6: [1],
    7: [1, 2, 3, 4, 5],
  },
  6: {
    1: [1, 2, 3],
    2: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    3: [1, 2, 3, 4, 5, 6, 7, 8],
    4: [1, 2, 3, 4, 5, 6],
    5: [1, 2, 3, 4, 5, 6, 7, 8],
    6: [2, 3],
    7: [1, 2],
    8: [1, 2, 4],
  },
  7: { 1: [1, 2, 3], 2: [1, 2, 3, 4], 3: [1, 2], 4: [1, 2, 3, 4, 5], 5: [1, 2, 3], 6: [1, 2] },
  9: { 1: [1, 2, 3], 2: [1, 2, 3, 4] },
  10: { 1: [1, 2], 2: [1, 2, 3], 4: [5, 8, 9], 5: [1, 2, 3, 4, 5] },
  11: { 1: [1, 2, 3, 4], 2: [1, 2, 3, 4, 5], 3: [1, 2, 3, 4], 4: [1, 2, 3, 4], 5: [1, 2], 6: [1], 7: [2] },
  12: { 1: [1, 2, 3], 2: [1, 2], 3: [1, 2, 3, 4] },
  13: { 1: [1, 2, 3, 4], 2: [1, 2, 3, 4, 5, 6], 3: [1, 2, 3, 4], 4: [1, 2, 3, 4, 5, 6, 7] },
  16: { 1: [1], 2: [1, 2, 3, 4, 5], 3: [1, 2, 3, 4], 4: [1, 2, 3], 5: [1, 2, 3, 4] },
}

const line = {
  id: z.string().regex(/^\d+\.\d+\.\d+$/),
  level: z.int().min(1).max(3),
  requirement: z.string().min(5),
}
const Lines = z.array(
  z.union([
    z.strictObject({
      ...line,
      proofs: z.array(z.strictObject({ test: z.string(), name: z.string() })).min(1),
    }),
    z.strictObject({ ...line, document: z.string().regex(/^[\w./-]+\.md#[\w-]+$/) }),
    z.strictObject({ ...line, open: z.string().min(10) }),
  ]),
)
const lines = Lines.parse(JSON.parse(readFileSync('docs/asvs.json', 'utf8')))

/** Whether the file has a test of that name, or a step within one that is marked so. */
function hasTest(file: string, name: string): boolean {
  const text = existsSync(file) && /\.test\.tsx?$/.test(file) ? readFileSync(file, 'utf8') : ''
  return [`'${name}'`, `\`${name}\``, `"${name}"`, `// ${name}\n`].some((one) => text.includes(one))
}

/** Whether the page has a heading that an address leads to. */
function hasHeading(place: string): boolean {
  const [file = '', anchor] = place.split('#')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const headings = [...text.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  )
  return headings.includes(anchor ?? '')
}

test('every line that was adopted is there, once and in order', () => {
  const adopted = Object.entries(ADOPTED).flatMap(([chapter, sections]) =>
    Object.entries(sections).flatMap(([section, numbers]) =>
      numbers.map((number) => `${chapter}.${section}.${number}`),
    ),
  )

  expect(lines.map(({ id }) => id)).toEqual(adopted)
})

test('every proof is a test that is there', () => {
  const proofs = lines.flatMap((one) =>
    'proofs' in one ? one.proofs.map((proof) => ({ ...proof, id: one.id })) : [],
  )

  expect(proofs.length).toBeGreaterThan(40)
  expect(
    proofs
      .filter(({ test: file, name }) => !hasTest(file, name))
      .map(({ id, test: file, name }) => `${id} ${file}: ${name}`),
  ).toEqual([])
})

test('every line that documentation answers leads to a heading of it', () => {
  const places = lines.flatMap((one) => ('document' in one ? [one.document] : []))

  expect(places.length).toBeGreaterThan(2)
  expect(places.filter((place) => !hasHeading(place))).toEqual([])
})

test('a test and a heading that are not there are missed', () => {
  expect(hasTest('test/asvs.test.ts', ['a test', 'taken away'].join(' '))).toBe(false)
  expect(hasTest('test/gone.test.ts', 'every proof is a test that is there')).toBe(false)
  expect(hasHeading('docs/security.md#no-such-heading')).toBe(false)
})
