/**
 * From a command line to a command and its options, or to one sentence that
 * says what is wrong with it. Nothing is guessed and nothing is ignored.
 */

import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util'
import { didYouMean } from '../../errors.ts'
import { type Command, type Given, type Option, UsageError } from './command.ts'

export type Intent =
  | { readonly kind: 'run'; readonly command: Command; readonly given: Given }
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'version' }

/** Commands that the design names and this version refuses. */
const NOT_YET: readonly string[] = [
  'policy check',
  'policy explain',
  'policy simulate',
  'policy diff',
  'policy export',
  'audit checkpoint',
  'evidence',
]

/** @throws UsageError with what is wrong and, where it can be told, what was meant. */
export function understand(args: readonly string[], commands: readonly Command[]): Intent {
  const [first] = args
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return helpAbout(first === 'help' ? args.slice(1) : [], commands)
  }
  if (first === '--version' || first === '-v') return { kind: 'version' }
  const { command, rest } = findCommand(args, commands)
  if (rest.includes('--help') || rest.includes('-h')) return { kind: 'help', command }
  return { kind: 'run', command, given: givenTo(command, rest) }
}

function helpAbout(words: readonly string[], commands: readonly Command[]): Intent {
  return { kind: 'help', command: words.length === 0 ? null : findCommand(words, commands).command }
}

function findCommand(
  args: readonly string[],
  commands: readonly Command[],
): { readonly command: Command; readonly rest: readonly string[] } {
  const [first = '', second = ''] = args
  const single = commands.find(({ name }) => name === first)
  if (single) return { command: single, rest: args.slice(1) }
  const pair = commands.find(({ name }) => name === `${first} ${second}`)
  if (pair) return { command: pair, rest: args.slice(2) }
  throw new UsageError(unknownCommand(first, second, commands))
}

function unknownCommand(first: string, second: string, commands: readonly Command[]): string {
  if (first.startsWith('-')) return `"${first}" stands before any command. Write the command first.`
  const pair = `${first} ${second}`.trim()
  const early = NOT_YET.find((name) => name === first || name === pair)
  if (early) return `"castellan ${early}" is not built yet.`
  const siblings = commands.map(({ name }) => name).filter((name) => name.startsWith(`${first} `))
  if (siblings.length > 0) {
    const choice = siblings.map((name) => `"castellan ${name}"`).join(', ')
    if (second === '' || second.startsWith('-')) return `"castellan ${first}" needs one more word: ${choice}.`
    return sentence(`There is no command "${pair}".`, didYouMean(pair, siblings), `There is ${choice}.`)
  }
  const known = commands.map(({ name }) => name)
  const near = didYouMean(pair, known) || didYouMean(first, known)
  return sentence(`There is no command "${first}".`, near, '"castellan --help" lists them all.')
}

function givenTo(command: Command, args: readonly string[]): Given {
  const values = new Map<string, readonly (string | true)[]>()
  let argument: string | undefined
  const { tokens } = parseArgs({
    args: [...args],
    options: descriptors(command.options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (command.argument && argument === undefined) {
        argument = token.value
        continue
      }
      throw new UsageError(`castellan ${command.name}: "${token.value}" belongs to no option. Leave it out.`)
    }
    if (token.kind === 'option') accept(command, token, values)
  }
  const texts = (option: string): readonly string[] =>
    (values.get(option) ?? []).filter((value) => typeof value === 'string')
  return {
    argument,
    text: (option) => texts(option)[0],
    all: texts,
    has: (option) => values.has(option),
  }
}

function descriptors(options: Readonly<Record<string, Option>>): Record<string, ParseArgsOptionDescriptor> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string' } as const,
    ]),
  )
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function accept(command: Command, token: OptionToken, values: Map<string, readonly (string | true)[]>): void {
  const { name, rawName, value } = token
  const fault = (problem: string, remedy: string): UsageError =>
    new UsageError(`castellan ${command.name}: ${problem} ${remedy}`)
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined
  if (!option) {
    const near = didYouMean(
      rawName,
      Object.keys(command.options).map((known) => `--${known}`),
    )
    throw fault(`there is no option "${rawName}".`, near || `"castellan ${command.name} --help" lists them.`)
  }
  if (values.has(name) && !option.isRepeated)
    throw fault(`"${rawName}" stands there twice.`, 'Write it once.')
  if (option.value === undefined && value !== undefined) {
    throw fault(`"${rawName}" takes no value.`, 'Leave the value out.')
  }
  if (option.value !== undefined && (value === undefined || value === '' || value.startsWith('--'))) {
    throw fault(`"${rawName}" needs a value.`, `Write ${rawName} ${option.value}.`)
  }
  values.set(name, [...(values.get(name) ?? []), value ?? true])
}

function sentence(problem: string, near: string, otherwise: string): string {
  return `${problem} ${near || otherwise}`
}
