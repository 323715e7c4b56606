/** The actions that every model of the application has. */

import type { Action } from '../action.ts'
import { listAction } from './list.ts'
import { readAction } from './read.ts'
import { createRecord, deleteRecord, purgeRecord, restoreRecord, updateRecord } from './write.ts'

export const recordActions: readonly Action[] = [
  listAction('*', 'record.list'),
  readAction('*', 'record.read'),
  createRecord,
  updateRecord,
  deleteRecord,
  restoreRecord,
  purgeRecord,
] as readonly Action[]
