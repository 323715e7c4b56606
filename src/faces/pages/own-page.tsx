/** Answers the pages of the application: opened through the gate, drawn inside our shell. */

import type { Hono } from 'hono'
import { AdminError } from '../../errors.ts'
import type { OwnReader } from '../../gate/own-action.ts'
import type { RecordList, RecordRead, RecordView } from '../../gate/records.ts'
import { hookContext } from '../../gate/told.ts'
import type { Env } from '../../http/env.ts'
import { type Inaccessible, isOfThisHost } from '../../model/hook.ts'
import type { House } from '../house.ts'
import { isPageAccessible, NO_OWN_PAGES, type OwnPage, type OwnPageContext, pageAction } from '../own-page.ts'
import { reading } from './answer.ts'
import { read } from './ask.ts'
import { PageHead } from './components/card.tsx'
import { isPossible, type PageContext, principalOf } from './context.ts'
import { Shell } from './layout.tsx'
import { render } from './render.ts'

/** Answers each page, and finds out before any other which of them the reader's menu must leave out. */
export function addOwnPages(app: Hono<Env>, house: House): void {
  const { pages } = house.own ?? NO_OWN_PAGES
  const narrowed = pages.filter((page) => page.isAccessible !== undefined)
  if (narrowed.length > 0) {
    app.use(async (c, next) => {
      const principal = c.get('principal')
      if (principal && c.req.method === 'GET') {
        const told = hookContext('castellan.pages', principal, c.get('origin'), house.clock())
        const shown = await Promise.all(narrowed.map((page) => isPageAccessible(page, told)))
        c.set('hiddenPages', new Set(narrowed.filter((_, index) => !shown[index]).map(({ path }) => path)))
      }
      await next()
    })
  }
  for (const own of pages) reading(app, house, own.path, (page) => answerOwnPage(page, own))
}

async function answerOwnPage(page: PageContext, own: OwnPage): Promise<Response> {
  const told = contextOf(page)
  try {
    await read<null>(page, { action: pageAction(own) })
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'denied' || !own.inaccessible) throw error
    return refused(page, await own.inaccessible(told))
  }
  const content = await own.render(told)
  return render(
    page,
    <Shell page={page} title={own.title} breadcrumb={[{ label: own.title }]} current={own.path}>
      <PageHead title={own.title} />
      {content}
    </Shell>,
  )
}

/** @throws TypeError for an address that is not of this host. */
function refused(page: PageContext, answer: Inaccessible): Response {
  if (answer instanceof Response) return answer
  const { redirect } = answer
  if (!isOfThisHost(redirect)) {
    throw new TypeError('A refused visitor can be sent to a path of this host alone, such as "/shop".')
  }
  return page.c.redirect(redirect, 303)
}

function contextOf(page: PageContext): OwnPageContext {
  const { c, house } = page
  return {
    ...hookContext('castellan.pages', principalOf(page), c.get('origin'), house.clock()),
    query: new URL(c.req.url).searchParams,
    records: readerOf(page),
    can: (action) => isPossible(page, action),
    url: (path) => page.url(path),
    page,
  }
}

const DEFAULT_LIMIT = 50

function readerOf(page: PageContext): OwnReader {
  return {
    async read(model, key): Promise<RecordView | null> {
      try {
        return (await read<RecordRead>(page, { action: `${model}.read`, key })).record
      } catch (error) {
        if (error instanceof AdminError && error.code === 'not-found') return null
        throw error
      }
    },
    list: (model, input = {}) =>
      read<RecordList>(page, { action: `${model}.list`, input: { limit: DEFAULT_LIMIT, ...input } }),
  }
}
