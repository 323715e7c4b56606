/** The first records that belong to another one, through their own list, with the way to all of them. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import type { Model, Relation } from '../../../model/model.ts'
import { Card } from '../components/card.tsx'
import type { Html } from '../components/html.ts'
import { type Column, DataTable, RowLink } from '../components/table.tsx'
import type { PageContext } from '../context.ts'
import { fieldDrawing, isAmount } from '../fields/show.tsx'
import { labelOf } from '../fields/widget.ts'
import { columnsOf, countNumber, phonePlaces, rowTitle } from './list-view.ts'
import { recordPath } from './paths.ts'

/** The first records on the other side of a `many` relation. */
export interface RelatedRecords {
  readonly relation: Relation
  readonly target: Model
  /** Null where the list could not be had just now. */
  readonly list: RecordList | null
  /** Why it can't be had at any time, as a sentence; null: it can. */
  readonly problem: string | null
  readonly allHref: string
  /** Absent where none can be made. */
  readonly newHref: string | null
}

export function RelatedCard({
  page,
  related,
}: {
  readonly page: PageContext
  readonly related: RelatedRecords
}): Html {
  const { relation, list, problem, allHref, newHref } = related
  const count = list?.count?.value ?? 0
  return (
    <Card
      title={relation.label}
      id={`related-${relation.name.replaceAll(/[^\w-]/g, '-')}`}
      flush
      aside={
        <span class="cluster">
          {newHref && (
            <a class="link" href={newHref}>
              New
            </a>
          )}
          {problem === null && (
            <a class="link" href={allHref}>
              {list?.count && count > 0
                ? `View all ${countNumber(list.count, page.format.number)}`
                : 'View all'}
            </a>
          )}
        </span>
      }
    >
      <RelatedRows page={page} related={related} />
    </Card>
  )
}

function RelatedRows({
  page,
  related,
}: {
  readonly page: PageContext
  readonly related: RelatedRecords
}): Html {
  const { relation, target, list, problem } = related
  const many = target.labelPlural.toLowerCase()
  if (problem !== null) return <p class="card-body muted">{problem}</p>
  if (!list) return <p class="card-body muted">The {many} can't be shown now. Load the page again.</p>
  if (list.records.length === 0) return <p class="card-body muted">No {many}.</p>
  const fields = columnsOf(target, list.readable).filter((field) => !relation.to.includes(field.name))
  const shown = fields.length > 0 ? fields : columnsOf(target, list.readable)
  const places = phonePlaces(target, shown)
  const columns = shown.slice(0, 5).map((field, index): Column<RecordView> => {
    const draw = fieldDrawing({ page, model: target, field, as: 'cell' })
    return {
      label: labelOf(target, field),
      ...(index > 0 && isAmount(target, field) && { align: 'end' as const }),
      phone: places[index] ?? 'hidden',
      cell: (record) =>
        index === 0 && record.key !== null ? (
          <RowLink href={page.url(recordPath(target.name, record.key))}>
            {rowTitle(target, field, record)}
          </RowLink>
        ) : (
          draw(record)
        ),
    }
  })
  return (
    <DataTable
      page={page}
      label={`First ${relation.label.toLowerCase()}`}
      columns={columns}
      rows={list.records}
    />
  )
}
