/** The catalogue of attacks, `docs/attacks.json`: each is proved by a test that is there, and has a control. */

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'

/** Classes of weaknesses of other admins that this one adopted: none may be without a test. */
const ADOPTED = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 28, 29, 30, 31,
  32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 57, 58, 59,
  60, 61, 62, 63, 66, 68, 69, 70, 71, 73, 74, 75, 76, 77, 78, 79, 80, 81, 83,
]

const Attacks = z.array(
  z.strictObject({
    number: z.int(),
    attack: z.string().min(10),
    test: z.string().regex(/^test\/attack\/[\w-]+\.test\.ts$/),
    proof: z.string(),
    control: z.string().regex(/^control: /),
  }),
)
const attacks = Attacks.parse(JSON.parse(readFileSync('docs/attacks.json', 'utf8')))

/** Whether the file has a test of that name, or a step within one that is marked so. */
function names(file: string, name: string): boolean {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return text.includes(`'${name}'`) || text.includes(`\`${name}\``) || text.includes(`// ${name}\n`)
}

test('every attack that was adopted is in the catalogue', () => {
  expect(attacks.map(({ number }) => number)).toEqual(ADOPTED)
})

test.each(attacks)('$number is proved: $attack', ({ test: file, proof, control }) => {
  expect(existsSync(file), file).toBe(true)
  expect(names(file, proof), `${file}: ${proof}`).toBe(true)
  expect(names(file, control), `${file}: ${control}`).toBe(true)
})

test('a test that is not there is missed', () => {
  expect(names('test/attack/catalogue.test.ts', ['a test', 'taken away'].join(' '))).toBe(false)
  expect(names('test/attack/gone.test.ts', 'every attack that was adopted is in the catalogue')).toBe(false)
})
