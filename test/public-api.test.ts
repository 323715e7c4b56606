/**
 * What users may import, by name. A changed snapshot is a changed promise: it
 * needs a line in CHANGELOG.md.
 */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

interface Entry {
  readonly types: string
  readonly default: string
}

const { exports: entries } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, Entry | string>
}

/** Names that a declaration file exports, types included; our own are always exported by name. */
function declared(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
  const direct = [
    ...text.matchAll(/^export (?:declare )?(?:function|const|class|interface|type|abstract class) (\w+)/gm),
  ].map(([, name = '']) => name)
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((part) => (part.trim().split(' as ').at(-1) ?? '').replace(/^type /, '').trim())
      .filter((name) => name !== ''),
  )
  return [...new Set([...direct, ...lists])].sort()
}

async function values(file: string): Promise<readonly string[]> {
  const module: object = await import(resolve(file))
  return Object.keys(module).sort()
}

const modules = Object.entries(entries).filter(
  (entry): entry is [string, Entry] => typeof entry[1] !== 'string',
)

test('every entry of the package is there, with values that its types declare', async () => {
  expect(modules.map(([name]) => name)).toEqual([
    '.',
    './node',
    './fastify',
    './drizzle',
    './prisma',
    './typeorm',
    './mikro-orm',
    './sequelize',
    './kysely',
    './jsx',
    './jsx/jsx-runtime',
    './jsx/jsx-dev-runtime',
    './testing',
  ])
  for (const [, { types, default: code }] of modules) {
    expect(declared(types)).toEqual(expect.arrayContaining([...(await values(code))]))
  }
})

test.each(modules)('the names of %s', async (_, { types, default: code }) => {
  const names = await values(code)

  expect({ values: names, types: declared(types).filter((name) => !names.includes(name)) }).toMatchSnapshot()
})
