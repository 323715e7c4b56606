/** Small marks: a status in a word with a dot, a person's initials, a place in the sidebar. */

import { repeatedWith } from '../../../jsx/repeated.ts'
import type { PageContext } from '../context.ts'
import { type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'

/** What a colour means; never colour alone, always beside its word. */
export type Tone = 'neutral' | 'ok' | 'warn' | 'bad' | 'info'

export interface BadgeProps {
  readonly tone?: Tone | undefined
  /** Without the dot: for labels that are not statuses. */
  readonly plain?: boolean | undefined
  readonly children?: Child
}

export function Badge({ tone = 'neutral', plain, children }: BadgeProps): Html {
  return <span class={classes('badge', tone !== 'neutral' && tone, plain && 'plain')}>{children}</span>
}

const GOOD =
  /^(active|paid|done|delivered|shipped|completed?|approved|accepted|enabled|open|published|succeeded|success|verified|available|in[ _-]stock|live|yes)$/i
const WAITING =
  /^(pending|waiting|draft|unpaid|processing|packing|on[ _-]hold|hold|partial(ly[ _-]paid)?|unfulfilled|requested|review|trial|low|paused|started)$/i
const WRONG =
  /^(failed|failure|rejected|refused|cancell?ed|denied|blocked|overdue|error|expired|suspended|lost|declined|out[ _-]of[ _-]stock|banned|critical)$/i
const UNDER_WAY =
  /^(new|authori[sz]ed|in[ _-]progress|in[ _-]transit|sent|received|placed|scheduled|queued|returned|confirmed)$/i

/** The tone that a status word is usually given; neutral for a word we don't know. */
export function toneOf(word: string): Tone {
  if (GOOD.test(word)) return 'ok'
  if (WAITING.test(word)) return 'warn'
  if (WRONG.test(word)) return 'bad'
  if (UNDER_WAY.test(word)) return 'info'
  return 'neutral'
}

export interface AvatarProps {
  readonly page: PageContext
  readonly name: string
  readonly large?: boolean | undefined
  /** The system and services have a sign instead of initials. */
  readonly system?: boolean | undefined
}

const HUES = 6

/** Initials are drawn by CSS from the attribute, so that they are neither read out nor copied. */
export function Avatar({ page, name, large, system }: AvatarProps): Html {
  if (system) {
    return (
      <span class={classes('avatar', 'system', large && 'large')} aria-hidden="true">
        <Icon page={page} name="activity" small />
      </span>
    )
  }
  return (
    <span
      class={classes('avatar', `hue-${hueOf(name)}`, large && 'large')}
      aria-hidden="true"
      data-initials={initialsOf(name)}
    />
  )
}

const faceLink = repeatedWith('a', {}, ['class', 'data-initials', 'href'])

/** A link to somebody: the initials before the name. */
export function FaceLink({ href, name }: { readonly href: string; readonly name: string }): Html {
  return faceLink(name, `face hue-${hueOf(name)}`, initialsOf(name), href)
}

const ANY_LETTER = /[\p{L}\p{N}]/u
const LAST_WORD = /[^\p{L}\p{N}]([\p{L}\p{N}])[\p{L}\p{N}]*[^\p{L}\p{N}]*$/u

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const at = name.search(ANY_LETTER)
  if (at === -1) return '?'
  const last = LAST_WORD.exec(name.slice(at))?.[1] ?? ''
  return `${letterAt(name, at)}${last}`.toUpperCase()
}

function letterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0)
}

/** The same name always gets the same hue. */
function hueOf(name: string): number {
  let sum = 7
  for (let at = 0; at < name.length; at += 1) {
    const letter = name.codePointAt(at) ?? 0
    if (letter > 0xffff) at += 1
    sum = (sum * 31 + letter) % 65_521
  }
  return (sum % HUES) + 1
}
