/** Collecting what is wrong with a policy document, so that one start reports all of it. */

import type { Mistake } from '../errors.ts'

/** Takes one mistake down; compiling goes on. */
export type Report = (id: MistakeId, place: string, problem: string, remedy: string) => void

/** Every mistake that a policy can have. An id, once published, keeps its meaning. */
export const POLICY_MISTAKES = {
  P101: 'An unknown role.',
  P102: 'An unknown model.',
  P103: 'An unknown action.',
  P104: 'An unknown field.',
  P105: 'A condition that reaches too far.',
  P106: 'An operator that does not fit the field.',
  P107: 'A value that does not fit the field.',
  P108: 'Hours that are no hours.',
  P109: 'An unknown network.',
  P110: 'A length of time that is none.',
  P111: 'A ticket pattern that is no regular expression.',
  P112: 'A rule id that is used twice or is not in kebab-case.',
  P113: 'Roles that inherit from each other in a circle.',
  P114: 'Something empty that would mean everything or nothing.',
  P115: 'A wildcard for the system principal.',
  P116: 'A number out of range.',
  P117: 'Something that a rule of this kind can not have.',
} as const

export type MistakeId = keyof typeof POLICY_MISTAKES

/** A `Report` and the list it fills. */
export function collectMistakes(): { readonly mistakes: readonly Mistake[]; readonly report: Report } {
  const mistakes: Mistake[] = []
  return {
    mistakes,
    report: (id, place, problem, remedy) => mistakes.push({ id, place, problem, remedy }),
  }
}

/** `Did you mean "customers"?`, or what there is, or nothing to say. */
export function suggest(wrong: string, known: Iterable<string>): string {
  const names = [...known]
  const [closest] = names
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.round(name.length * 0.4)))
    .sort((a, b) => a.distance - b.distance)
  if (closest) return `Did you mean "${closest.name}"?`
  if (names.length === 0) return 'There are none.'
  const shown = names.slice(0, 12).map((name) => `"${name}"`)
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  return `There ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${rest}.`
}

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
