/** What happened, in order: entries with an actor, and the values before and after. */

import type { PageContext } from '../context.ts'
import { Avatar } from './badge.tsx'
import { type Child, classes, type Html } from './html.ts'
import { Icon } from './icon.tsx'
import { type Run, wordDiff } from './word-diff.ts'

export function Timeline({
  small,
  children,
}: {
  /** For an aside. */
  readonly small?: boolean | undefined
  readonly children?: Child
}): Html {
  return <ol class={classes('timeline', small && 'small')}>{children}</ol>
}

export interface TimelineEntryProps {
  readonly page: PageContext
  /** Who: gives the initials. */
  readonly actor: string
  /** The system or a service. */
  readonly isSystem?: boolean | undefined
  readonly small?: boolean | undefined
  /** The sentence after the actor's name: "updated Order #10482". */
  readonly sentence: Child
  readonly badges?: Child
  /** Time, address, reason: each one part of the line below. */
  readonly facts?: readonly Child[] | undefined
  /** A diff, more details. */
  readonly children?: Child
}

export function TimelineEntry(props: TimelineEntryProps): Html {
  const { page, actor, isSystem, small, sentence, badges, facts = [], children } = props
  return (
    <li>
      <Avatar page={page} name={actor} system={isSystem} large={!small} />
      <div>
        <div class="timeline-head">
          <span>
            <span class="strong">{actor}</span> {sentence}
          </span>
          {badges}
        </div>
        {facts.length > 0 && (
          <div class="timeline-facts">
            {facts.map((fact) => (
              <span>{fact}</span>
            ))}
          </div>
        )}
        {children}
      </div>
    </li>
  )
}

/** The heading of one day in a long timeline; stays in sight while its entries pass. */
export function TimelineDay({ children }: { readonly children?: Child }): Html {
  return <h2 class="timeline-day">{children}</h2>
}

/** More of an entry, opened by its reader. */
export function More({
  page,
  summary = 'Details',
  children,
}: {
  readonly page: PageContext
  readonly summary?: Child
  readonly children?: Child
}): Html {
  return (
    <details class="more">
      <summary>
        <Icon page={page} name="chevron-right" small directional />
        {summary}
      </summary>
      <div class="more-body">{children}</div>
    </details>
  )
}

export interface DiffLine {
  readonly label: string
  /** Text for people; null: there was no value. */
  readonly before: string | null
  readonly after: string | null
  /** Changed, but not shown. */
  readonly isMasked?: boolean | undefined
}

/** Field, before, after; with signs, so that it reads without colour. */
export function Diff({
  lines,
  caption = 'Changed fields',
}: {
  readonly lines: readonly DiffLine[]
  readonly caption?: string
}): Html {
  return (
    <div class="diff">
      <table role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Field
            </th>
            <th scope="col" role="columnheader">
              Before
            </th>
            <th scope="col" role="columnheader">
              After
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {lines.map((line) => (
            <tr role="row">
              <th scope="row" role="rowheader">
                {line.label}
              </th>
              <DiffCells line={line} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function DiffCells({ line }: { readonly line: DiffLine }): Html {
  if (line.isMasked) {
    return (
      <td role="cell" colspan={2}>
        <span class="none">changed, not shown</span>
      </td>
    )
  }
  const { before, after } = line
  const words = before !== null && after !== null ? wordDiff(before, after) : null
  return (
    <>
      <td role="cell">
        {before === null ? (
          <span class="none">empty</span>
        ) : (
          <del>{words ? <Runs of={words.before} /> : before}</del>
        )}
      </td>
      <td role="cell">
        {after === null ? (
          <span class="none">empty</span>
        ) : (
          <ins>{words ? <Runs of={words.after} /> : after}</ins>
        )}
      </td>
    </>
  )
}

/** What is in one of the two texts alone stands out. */
function Runs({ of }: { readonly of: readonly Run[] }): Html {
  return <>{of.map(({ text, isSame }) => (isSame ? text : <b>{text}</b>))}</>
}
