/**
 * Passwords of allowed length that an attacker tries first.
 *
 * At 15 characters the lists of leaked passwords hold little but short ones
 * that were doubled, joined, or filled up with digits and keyboard runs. So the
 * list is kept as what it is made from: a password is on it when it can be
 * taken apart into common words, words of its context, runs and years, with no
 * more than three different ones and nothing left over; or into the most
 * common of the leaked ones, with no more than two.
 */

import { LEAKED_PARTS, LEAKED_WHOLE } from './common-passwords.ts'

/** The stems of the most common passwords, in lower case. */
const WORDS = `
password passwort passw0rd pass word wort secret geheim login logon welcome willkommen hello hallo letmein admin
administrator administration root superuser superadmin user username guest test testing tester demo sample example
default changeme change temp temporary master system server database manager owner office company business work
security secure access account private computer internet network windows microsoft google facebook apple samsung
linux ubuntu oracle postgres mysql github iloveyou love lovely loveme mylove baby babygirl angel princess prince
queen king sunshine flower butterfly rainbow summer winter spring autumn monday friday sunday january february
march april june july august september october november december monkey dragon tiger lion eagle wolf dog cat bear
horse football soccer baseball basketball hockey golf liverpool chelsea arsenal barcelona superman batman spiderman
starwars pokemon naruto ninja shadow killer hunter ranger soldier trustno freedom whatever nothing forever never
always family mother father mama papa daddy mommy brother sister friend friends michael jordan daniel jessica
ashley charlie thomas andrew joshua matthew robert jennifer nicole michelle anthony george william hannah maria
anna london berlin paris america germany england canada mexico christ jesus heaven blessed faith cookie chocolate
cheese coffee orange banana cherry pepper ginger silver golden diamond purple yellow black white green blue red
matrix mustang ferrari porsche mercedes harley yamaha honda toyota playboy lucky money cash happy smile music
guitar rock star stars player gamer gaming minecraft fortnite roblox fuck fuckyou fucking bitch asshole sexy
correct battery staple the my is and your you me new old one two three qwerty azerty qwertz asdf zxcv abc abcd
`
  .trim()
  .split(/\s+/)

/** Rows along which fingers and counts run. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'qweasdzxc',
  '!@#$%^&*()',
  '!"§$%&/()=',
]

const RUNS: readonly string[] = [...ROWS, ...ROWS.map(reversed)]
const MIN_RUN = 3
const MIN_CONTEXT = 3
const MAX_DIFFERENT = 3
/** Of the longer list, of which three would make many a good one. */
const MAX_LEAKED = 2
const YEAR = /^(?:19|20)\d\d$/
/** What is put between and behind words. */
const SIGN = /^[\s._!?@-]/
/** Digits and signs that stand for a letter they look like. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

const COMMON: ReadonlySet<string> = new Set(WORDS)
const WHOLE: ReadonlySet<string> = new Set(LEAKED_WHOLE.map((one) => one.toLowerCase()))
const PARTS: ReadonlySet<string> = new Set(LEAKED_PARTS.map((one) => one.toLowerCase()))
const LONGEST_WORD = Math.max(...[...COMMON, ...PARTS].map((word) => word.length))

/**
 * Whether the password is one of the first that are tried.
 *
 * @param context What belongs to the account: the title of the installation, the e-mail, the name.
 */
export function isCommon(password: string, context: readonly string[]): boolean {
  const text = password.normalize('NFKC').toLowerCase()
  const words = new Set(context.flatMap(contextWords))
  if (isRepetition(text) || WHOLE.has(text)) return true
  return [text, plain(text)].some(
    (one) => isMadeOf(one, [COMMON, words], MAX_DIFFERENT) || isMadeOf(one, [PARTS], MAX_LEAKED),
  )
}

function plain(text: string): string {
  return Array.from(text, (character) => LEET[character] ?? character).join('')
}

/** The text as a whole, and each part of it that is long enough to mean something. */
function contextWords(text: string): string[] {
  const folded = text.normalize('NFKC').toLowerCase()
  return [folded, ...folded.split(/[^\p{L}\p{N}]+/u)].filter((word) => word.length >= MIN_CONTEXT)
}

/** One short unit over and over, the last time perhaps cut off: `abcabcabcabcabca`. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= 4; period += 1) {
    if (
      text ===
      text
        .slice(0, period)
        .repeat(Math.ceil(text.length / period))
        .slice(0, text.length)
    )
      return true
  }
  return false
}

/** A part of a password, and whether it carries so little that it does not count as one. */
interface Piece {
  readonly text: string
  readonly isFree: boolean
}

/**
 * Takes the text apart from the left: the fewest different pieces with which
 * each place can be reached, kept place by place, so that the work grows with
 * the length and not with the number of ways.
 */
function isMadeOf(text: string, lists: readonly ReadonlySet<string>[], most: number): boolean {
  const reached: (ReadonlySet<string> | undefined)[] = [new Set()]
  for (let start = 0; start < text.length; start += 1) {
    const before = reached[start]
    if (!before) continue
    for (const piece of piecesAt(text, start, lists)) {
      const end = start + piece.text.length
      const after = piece.isFree ? before : new Set([...before, piece.text])
      const known = reached[end]
      if (!known || after.size < known.size) reached[end] = after
    }
  }
  const different = reached[text.length]
  return different !== undefined && different.size <= most
}

function piecesAt(text: string, start: number, lists: readonly ReadonlySet<string>[]): Piece[] {
  return [...wordsAt(text, start, lists), ...runsAt(text, start), ...fillersAt(text, start)]
}

function wordsAt(text: string, start: number, lists: readonly ReadonlySet<string>[]): Piece[] {
  const [, context = []] = lists
  const longest = Math.max(LONGEST_WORD, ...Array.from(context, (word) => word.length))
  const pieces: Piece[] = []
  for (let length = 1; length <= longest && start + length <= text.length; length += 1) {
    const word = text.slice(start, start + length)
    if (lists.some((list) => list.has(word))) pieces.push({ text: word, isFree: false })
  }
  return pieces
}

/** Runs of every length up to the longest, for a word may begin where a run could go on. */
function runsAt(text: string, start: number): Piece[] {
  const longest = Math.max(sameFrom(text, start), ...RUNS.map((run) => lengthAlong(run, text, start)))
  const lengths = Array.from({ length: Math.max(0, longest - MIN_RUN + 1) }, (_, index) => MIN_RUN + index)
  return lengths.map((length) => ({ text: text.slice(start, start + length), isFree: true }))
}

function lengthAlong(run: string, text: string, start: number): number {
  const at = run.indexOf(text.slice(start, start + MIN_RUN))
  if (at < 0 || text.length - start < MIN_RUN) return 0
  let length = MIN_RUN
  while (start + length < text.length && run[at + length] === text[start + length]) length += 1
  return length
}

/** How often the same character stands in a row. */
function sameFrom(text: string, start: number): number {
  let length = 1
  while (start + length < text.length && text[start + length] === text[start]) length += 1
  return length
}

/** Years and the usual signs for nothing; other numbers of up to four digits as pieces. */
function fillersAt(text: string, start: number): Piece[] {
  const next = text.slice(start, start + 4)
  const [digits = ''] = /^\d+/.exec(next) ?? []
  const numbers = Array.from(digits, (_, index) => digits.slice(0, index + 1))
  const pieces = numbers.map((number): Piece => ({ text: number, isFree: YEAR.test(number) }))
  return SIGN.test(next) ? [...pieces, { text: next.slice(0, 1), isFree: true }] : pieces
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('')
}
