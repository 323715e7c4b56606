/**
 * Two texts word by word, and two JSON values path by path: what of them stayed
 * and what did not. Pure and bounded; what is too long is told as a whole.
 */

/** A run of text that is in both, or in one alone. */
export interface Run {
  readonly text: string
  readonly isSame: boolean
}

export interface WordDiff {
  readonly before: readonly Run[]
  readonly after: readonly Run[]
}

/** So many words of each text are held against each other. */
const MOST_WORDS = 400

/** Null where there is nothing to gain: a text is short or too long, or hardly a word is in both. */
export function wordDiff(before: string, after: string): WordDiff | null {
  const [one, other] = [wordsOf(before), wordsOf(after)]
  if (Math.min(one.length, other.length) < 3) return null
  if (Math.max(one.length, other.length) > MOST_WORDS) return null
  const kept = commonWords(one, other)
  if (kept.one.size * 3 < Math.min(one.length, other.length)) return null
  return { before: runsOf(one, kept.one), after: runsOf(other, kept.other) }
}

/** Words with the spaces behind them. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? []
}

/** The places of a longest common sequence of words (Wagner and Fischer, 1974). */
function commonWords(
  one: readonly string[],
  other: readonly string[],
): { readonly one: ReadonlySet<number>; readonly other: ReadonlySet<number> } {
  const width = other.length + 1
  const lengths = new Uint16Array((one.length + 1) * width)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        one[row]?.trim() === other[column]?.trim()
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const [inOne, inOther] = [new Set<number>(), new Set<number>()]
  let [row, column] = [0, 0]
  while (row < one.length && column < other.length) {
    if (one[row]?.trim() === other[column]?.trim()) {
      inOne.add(row)
      inOther.add(column)
      row += 1
      column += 1
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1
    else column += 1
  }
  return { one: inOne, other: inOther }
}

function runsOf(words: readonly string[], same: ReadonlySet<number>): readonly Run[] {
  const runs: { text: string; isSame: boolean }[] = []
  for (const [index, text] of words.entries()) {
    const isSame = same.has(index)
    const last = runs.at(-1)
    if (last?.isSame === isSame) last.text += text
    else runs.push({ text, isSame })
  }
  return runs
}

export interface PathChange {
  /** "address.city", "tags.0". */
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** So many paths are told one by one. */
const MOST_PATHS = 50

/** The places at which two JSON texts differ; null where one is none, or neither has members. */
export function pathDiff(before: string, after: string): readonly PathChange[] | null {
  const [one, other] = [leavesOf(before), leavesOf(after)]
  if (!one || !other) return null
  const paths = [...new Set([...one.keys(), ...other.keys()])]
  const changes = paths.flatMap((path): PathChange[] => {
    const [was, is] = [one.get(path) ?? null, other.get(path) ?? null]
    return was === is ? [] : [{ path, before: was, after: is }]
  })
  return changes.length === 0 || changes.length > MOST_PATHS ? null : changes
}

/** What stands at each path, as JSON; an empty object or list stands for itself. */
function leavesOf(text: string): ReadonlyMap<string, string> | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const leaves = new Map<string, string>()
  const waiting: { readonly path: string; readonly value: unknown }[] = [{ path: '', value }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, value: here } = next
    const members = typeof here === 'object' && here !== null ? Object.entries(here) : []
    if (members.length === 0) leaves.set(path, JSON.stringify(here))
    for (const [name, member] of members.toReversed()) {
      waiting.push({ path: path === '' ? name : `${path}.${name}`, value: member })
    }
  }
  return leaves
}
