/** The addresses of people, roles, sessions and the audit log. */

import type { Hono } from 'hono'
import type { Env } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { answering, reading } from '../answer.ts'
import { answerActivity } from './activity-route.tsx'
import { answerDownload } from './audit-download.tsx'
import { answerAudit, answerEraseAt, answerEvent, answerVerify } from './audit-route.tsx'
import { answerInvite, answerInvited } from './invite-route.tsx'
import { answerKeyChange, answerKeys, VERBS as KEY_VERBS } from './keys.tsx'
import { answerPeople } from './people.tsx'
import { answerPersonEdit, answerPersonEdited } from './person-edit-route.tsx'
import { answerPerson, answerPersonChange, PERSON_VERBS } from './person-route.tsx'
import { answerRoles } from './roles.tsx'
import { answerEnd, answerEndMatching, answerSessions } from './sessions.tsx'

export function addSecurity(app: Hono<Env>, house: House): void {
  reading(app, house, '/audit', answerAudit)
  app.post('/audit/verify', answering(house, answerVerify))
  app.post('/audit/export', answering(house, answerDownload))
  reading(app, house, '/audit/activity', answerActivity)
  reading(app, house, '/audit/:sequence', answerEvent)
  app.post('/audit/:sequence/erase', answering(house, answerEraseAt))
  reading(app, house, '/people', answerPeople)
  app.get('/people/new', answering(house, answerInvite))
  app.post('/people/new', answering(house, answerInvited))
  reading(app, house, '/people/:id', answerPerson)
  app.get('/people/:id/edit', answering(house, answerPersonEdit))
  app.post('/people/:id/edit', answering(house, answerPersonEdited))
  for (const verb of PERSON_VERBS) {
    app.post(
      `/people/:id/${verb}`,
      answering(house, (page) => answerPersonChange(page, verb)),
    )
  }
  reading(app, house, '/sessions', answerSessions)
  app.post('/sessions/end-matching', answering(house, answerEndMatching))
  for (const verb of ['end', 'end-all'] as const) {
    app.post(
      `/sessions/:key/${verb}`,
      answering(house, (page) => answerEnd(page, verb)),
    )
  }
  reading(app, house, '/keys', answerKeys)
  for (const verb of KEY_VERBS) {
    app.post(
      `/keys/:ring/${verb}`,
      answering(house, (page) => answerKeyChange(page, verb)),
    )
  }
  reading(app, house, '/roles', answerRoles)
}
