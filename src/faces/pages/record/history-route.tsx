/** Answers the history of one record. */

import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { render } from '../render.ts'
import { HistoryPage } from './history.tsx'
import { keyAt, modelAt } from './model-at.ts'
import { modelPath, recordPath } from './paths.ts'
import { readHistory } from './read-history.ts'
import { recordName, recordTrail } from './record.tsx'
import { readRecord } from './record-route.tsx'

const EVENTS = 50

export async function answerHistory(page: PageContext): Promise<Response> {
  const model = modelAt(page)
  const key = keyAt(page)
  const { record } = await readRecord(page, model, key)
  const history = await readHistory(page, model, key, {
    limit: EVENTS,
    cursor: page.c.req.query('cursor') ?? null,
    compare: compareIn(page),
  })
  const heading = recordName(model, record)
  const at = (cursor: string | null): string | null =>
    cursor && page.url(`${recordPath(model.name, key)}/history?cursor=${encodeURIComponent(cursor)}`)
  return render(
    page,
    <Shell
      page={page}
      title={`History of ${heading}`}
      breadcrumb={recordTrail(page, model, key, record.title, 'History')}
      current={modelPath(model.name)}
    >
      <HistoryPage
        page={page}
        model={model}
        encodedKey={key}
        heading={heading}
        events={history.events}
        compare={compareIn(page)}
        compared={history.compared}
        nextHref={at(history.next)}
        previousHref={at(history.previous)}
      />
    </Shell>,
  )
}

/** The versions that the address asks to compare; null: none, or one that is no event. */
function compareIn(page: PageContext): { readonly from: string; readonly to: string | null } | null {
  const id = (name: string): string | null => {
    const text = page.c.req.query(name) ?? ''
    return /^[0-9a-f]{32}$/.test(text) ? text : null
  }
  const from = id('from')
  return from === null ? null : { from, to: id('to') }
}
