/** The help texts: one for the whole, one a command, both made from the commands' own declarations. */

import type { Command } from './command.ts'

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    'castellan: the secure, auditable admin interface for TypeScript applications',
    '',
    'Usage: castellan COMMAND [OPTION…]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'castellan COMMAND --help says more. castellan --version prints the version.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.',
  ].join('\n')
}

export function helpOf(command: Command): string {
  const shown = Object.entries(command.options)
  const lines = shown.map(([name, { value, help }]) => ({
    left: `--${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  }))
  const width = Math.max(...lines.map(({ left }) => left.length), 0)
  return [
    `castellan ${command.name}: ${command.summary}`,
    '',
    `Usage: castellan ${command.name}${command.argument ? ` ${command.argument}` : ''} [OPTION…]`,
    '',
    command.description,
    '',
    ...lines.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`),
  ].join('\n')
}
