/** The actions that every model has, and the reading of Castellan's own. */

import type { EventKind } from '../../audit/catalogue.ts'
import type { Action } from '../action.ts'
import { listAction } from './list.ts'
import { readAction } from './read.ts'
import { createRecord, deleteRecord, restoreRecord, updateRecord } from './write.ts'

/** Our own models can be listed and read like any other; what changes them are actions with names of their own. */
const OWN_READING: readonly (readonly [model: string, kind: EventKind])[] = [
  ['castellan.people', 'person.list'],
  ['castellan.sessions', 'session.list'],
  ['castellan.tokens', 'token.list'],
  ['castellan.audit', 'audit.read'],
]

export const recordActions: readonly Action[] = [
  listAction('*', 'record.list'),
  readAction('*', 'record.read'),
  createRecord,
  updateRecord,
  deleteRecord,
  restoreRecord,
  ...OWN_READING.flatMap(([model, kind]) => [listAction(model, kind), readAction(model, kind)]),
] as readonly Action[]
