import { expect, test } from 'vitest'
import { understand } from './arguments.ts'
import { UsageError } from './command.ts'
import { COMMANDS } from './run.ts'

function problem(line: string): string {
  try {
    understand(line.split(' '), COMMANDS)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  throw new Error(`"${line}" was understood`)
}

test('reads options in both spellings', () => {
  const intent = understand(['serve', '--port', '4700', '--database=sqlite:shop.db'], COMMANDS)

  if (intent.kind !== 'run') throw new Error(intent.kind)
  expect(intent.command.name).toBe('serve')
  expect(intent.given.text('port')).toBe('4700')
  expect(intent.given.text('database')).toBe('sqlite:shop.db')
  expect(intent.given.text('store')).toBeUndefined()
})

test('takes an option that may be repeated as often as it stands there', () => {
  const intent = understand(['serve', '--database', 'sqlite:a.db', '--database=sqlite:b.db'], COMMANDS)

  if (intent.kind !== 'run') throw new Error(intent.kind)
  expect(intent.given.all('database')).toEqual(['sqlite:a.db', 'sqlite:b.db'])
  expect(intent.given.all('store')).toEqual([])
})

test('reads commands of two words, and their switches', () => {
  const intent = understand(['user', 'create', '--totp', '--email', 'ana@example.com'], COMMANDS)

  if (intent.kind !== 'run') throw new Error(intent.kind)
  expect(intent.command.name).toBe('user create')
  expect(intent.given.has('totp')).toBe(true)
  expect(intent.given.has('password-stdin')).toBe(false)
})

test.each([
  ['', 'help'],
  ['--help', 'help'],
  ['help user create', 'help'],
  ['serve --help', 'help'],
  ['--version', 'version'],
])('answers "%s" with %s', (line, kind) => {
  expect(understand(line === '' ? [] : line.split(' '), COMMANDS).kind).toBe(kind)
})

test.each([
  ['srve', 'There is no command "srve". Did you mean "serve"?'],
  ['frobnicate', 'There is no command "frobnicate". "castellan --help" lists them all.'],
  [
    'audit',
    '"castellan audit" needs one more word: "castellan audit verify", "castellan audit erase", "castellan audit export", "castellan audit prove".',
  ],
  ['user craete', 'There is no command "user craete". Did you mean "user create"?'],
  ['policy check', '"castellan policy check" is not built yet.'],
  ['evidence', '"castellan evidence" is not built yet.'],
  ['--port 4700', '"--port" stands before any command. Write the command first.'],
  ['serve --prot 4700', 'castellan serve: there is no option "--prot". Did you mean "--port"?'],
  ['serve --colour', 'castellan serve: there is no option "--colour". "castellan serve --help" lists them.'],
  ['serve -p 4700', 'castellan serve: there is no option "-p". "castellan serve --help" lists them.'],
  ['serve --port', 'castellan serve: "--port" needs a value. Write --port PORT.'],
  ['serve --port --host ::1', 'castellan serve: "--port" needs a value. Write --port PORT.'],
  ['serve --port 1 --port 2', 'castellan serve: "--port" stands there twice. Write it once.'],
  ['serve shop.db', 'castellan serve: "shop.db" belongs to no option. Leave it out.'],
  ['user create --totp=yes', 'castellan user create: "--totp" takes no value. Leave the value out.'],
  [
    'serve --constructor x',
    'castellan serve: there is no option "--constructor". "castellan serve --help" lists them.',
  ],
])('refuses "%s"', (line, message) => {
  expect(problem(line)).toBe(message)
})
