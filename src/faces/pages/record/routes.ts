/** The addresses of records. */

import type { Hono } from 'hono'
import type { Env } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { answering, reading } from '../answer.ts'
import { answerBulk } from './bulk-route.tsx'
import { answerChange, answerChangePlan } from './change-route.tsx'
import { answerCreate, answerDuplicate, answerEdit, answerNew, answerUpdate } from './edit-route.tsx'
import { answerFilter } from './filter-route.tsx'
import { answerHistory } from './history-route.tsx'
import { answerList, answerOptions } from './list-route.tsx'
import { answerOwn, answerOwnForm } from './own-action-route.tsx'
import { answerContent, answerRecord } from './record-route.tsx'
import { answerReveal, answerRevealForm } from './reveal-route.tsx'
import { answerRevert } from './revert-route.tsx'

/** The words that stand in a record's place come before the records. */
export function addRecords(app: Hono<Env>, house: House): void {
  reading(app, house, '/m/:model', (page) => answerList(page, false))
  reading(app, house, '/m/:model/trash', (page) => answerList(page, true))
  app.get(
    '/m/:model/~filter',
    answering(house, (page) => answerFilter(page, false)),
  )
  app.get(
    '/m/:model/trash/~filter',
    answering(house, (page) => answerFilter(page, true)),
  )
  app.get('/m/:model/~options', answering(house, answerOptions))
  app.get('/m/:model/new', answering(house, answerNew))
  app.post('/m/:model/new', answering(house, answerCreate))

  app.get('/m/:model/~actions/:action', answering(house, answerOwnForm))
  app.post('/m/:model/~actions/:action', answering(house, answerOwn))

  app.post('/m/:model/~bulk/:action', answering(house, answerBulk))

  app.post('/m/:model/~revert', answering(house, answerRevert))

  reading(app, house, '/m/:model/:key', answerRecord)
  app.get('/m/:model/:key/actions/:action', answering(house, answerOwnForm))
  app.post('/m/:model/:key/actions/:action', answering(house, answerOwn))
  reading(app, house, '/m/:model/:key/history', answerHistory)
  app.get('/m/:model/:key/content/:field', answering(house, answerContent))
  app.get('/m/:model/:key/duplicate', answering(house, answerDuplicate))
  app.get('/m/:model/:key/edit', answering(house, answerEdit))
  app.post('/m/:model/:key/edit', answering(house, answerUpdate))
  app.get('/m/:model/:key/reveal', answering(house, answerRevealForm))
  app.post('/m/:model/:key/reveal', answering(house, answerReveal))
  for (const change of ['delete', 'restore', 'purge'] as const) {
    app.get(
      `/m/:model/:key/${change}`,
      answering(house, (page) => answerChangePlan(page, change)),
    )
    app.post(
      `/m/:model/:key/${change}`,
      answering(house, (page) => answerChange(page, change)),
    )
  }
}
