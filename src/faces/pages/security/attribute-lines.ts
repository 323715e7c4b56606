/** Scope attributes as people type and read them: `region: emea`, a line each. */

import { AdminError } from '../../../errors.ts'

/** @throws AdminError `invalid-input` at `attributes`. */
export function attributesIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
      if (name === undefined || value === undefined) {
        throw new AdminError('invalid-input', 'Check attributes.', {
          fields: { attributes: ['must be a name, a colon and a value in each line'] },
        })
      }
      return [name, value]
    }),
  )
}

/** Of the JSON that a record of a person holds; empty for anything else. */
export function attributesOf(json: string | null): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(json ?? '{}')
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, string>) : {}
  } catch {
    return {}
  }
}

export function attributeLines(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}
