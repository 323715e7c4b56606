/** What undoing comes to: what has changed since first, then what can't be put back, then what is. */

import type { FieldChange, UndonePart, UndoneRecord, UndoPlan } from '../../../gate/outcome.ts'
import type { PageContext } from '../context.ts'
import { modelPath, recordPath } from '../record/paths.ts'
import { Note } from './form.tsx'
import type { Child, Html } from './html.ts'
import { More } from './timeline.tsx'

export function UndoDetails({ page, undo }: { readonly page: PageContext; readonly undo: UndoPlan }): Html {
  const { conflicts, impossible, records, count, same, notes, isOverwriting } = undo
  const many = (number: number): string => page.format.plural(number, 'record', 'records')
  return (
    <>
      {conflicts.count > 0 && (
        <Note
          page={page}
          tone="warn"
          title={
            isOverwriting
              ? `${many(conflicts.count)} changed since, and ${conflicts.count === 1 ? 'is' : 'are'} put back all the same.`
              : `${many(conflicts.count)} changed since, and ${conflicts.count === 1 ? 'is' : 'are'} left alone.`
          }
        >
          <RecordItems page={page} part={conflicts} say={sinceWords} isLeft />
        </Note>
      )}
      {impossible.count > 0 && (
        <Note page={page} tone="bad" title={`${many(impossible.count)} can't be put back.`}>
          <RecordItems page={page} part={impossible} say={(change) => change.label} />
        </Note>
      )}
      {notes.length > 0 && (
        <Note page={page} tone="info" title="Some of it does not come back.">
          <ul class="undo-records">
            {notes.map((note) => (
              <li>{note}</li>
            ))}
          </ul>
        </Note>
      )}
      {count > 1 && (
        <More page={page} summary={`What becomes of the ${page.format.number(count)} records`}>
          <RecordItems page={page} part={{ count, records }} say={changeWords} />
        </More>
      )}
      {count === 1 && records.some(({ why }) => why.length > 0) && (
        <RecordItems page={page} part={{ count, records }} say={() => ''} />
      )}
      {same > 0 && <p class="muted">{`${many(same)} ${same === 1 ? 'is' : 'are'} as before already.`}</p>}
    </>
  )
}

function RecordItems({
  page,
  part: { count, records },
  say,
  isLeft,
}: {
  readonly page: PageContext
  readonly part: UndonePart
  say(change: FieldChange): string
  /** What could become of them is not said: nothing does. */
  readonly isLeft?: boolean
}): Html {
  const more = count - records.length
  return (
    <ul class="undo-records">
      {records.map((record) => (
        <li>
          <RecordName page={page} record={record} />
          {wordsOf(isLeft ? { ...record, verb: '' } : record, say)}
        </li>
      ))}
      {more > 0 && <li class="muted">{`and ${page.format.number(more)} more`}</li>}
    </ul>
  )
}

function RecordName({ page, record }: { readonly page: PageContext; readonly record: UndoneRecord }): Child {
  const { model, key, title } = record
  const href = key === null ? modelPath(model) : recordPath(model, key)
  return key === null ? (
    title
  ) : (
    <a class="link" href={page.url(href)}>
      {title}
    </a>
  )
}

function wordsOf({ verb, changes, why }: UndoneRecord, say: (change: FieldChange) => string): string {
  const parts = [verb, ...changes.slice(0, 4).map(say), ...why].filter((part) => part !== '')
  const more = changes.length > 4 ? [`${changes.length - 4} more`] : []
  return parts.length === 0 ? '' : `: ${[...parts, ...more].join('; ')}`
}

function sinceWords({ label, before, after, isMasked }: FieldChange): string {
  return isMasked ? label : `${label} was ${quoted(before)}, and is ${quoted(after)} now`
}

function changeWords({ label, before, after, isMasked }: FieldChange): string {
  return isMasked ? label : `${label} ${quoted(before)} to ${quoted(after)}`
}

const LONGEST = 80

function quoted(text: string | null): string {
  if (text === null) return 'empty'
  return `“${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}”`
}
