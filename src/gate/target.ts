/**
 * Loading the record that an action is about: within reach, as its principal
 * sees it, and as the policy looks at it.
 */

import type { Reader } from '../data/data-source.ts'
import { AdminError } from '../errors.ts'
import { decodeKey } from '../model/key.ts'
import type { Key, Model, Values } from '../model/model.ts'
import { NO_ACCESS } from '../policy/access.ts'
import type { Access } from '../policy/policy.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import type { Grant } from './grant.ts'
import type { Parts } from './parts.ts'
import type { Target } from './records.ts'
import { columnsToSelect, resourcesOf, viewRecords } from './view.ts'

export interface Loading {
  readonly parts: Pick<Parts, 'models'>
  readonly call: Call
  readonly model: Model
  readonly grant: Grant
  /** What the action is granted. */
  readonly access: Access
  readonly attempt: Attempt
}

/** Somebody else was faster: what the caller saw is not what is there. */
export class ChangedMeanwhile extends AdminError {}

/**
 * The record of the call's key, read in its snapshot or transaction; locked where it may be changed there.
 * @throws AdminError `not-found` in the same words for a record that is not there and one out of reach;
 * `conflict` when the caller saw another version.
 */
export async function loadTarget(loading: Loading, reader: Reader, isLocked: boolean): Promise<Target> {
  const { call, model, attempt } = loading
  const key = call.key === undefined ? null : decodeKey(model, call.key)
  const found = key && (await loadWithin(loading, reader, key, isLocked))
  if (!found || call.key === undefined) throw notFound(model, call.key ?? '')
  attempt.target = { model: model.name, key: found.encodedKey, label: found.view.title }
  if (call.ifVersion !== undefined && call.ifVersion !== found.view.version) throw conflict(model, found)
  return found
}

async function loadWithin(
  loading: Loading,
  reader: Reader,
  key: Key,
  isLocked: boolean,
): Promise<Target | null> {
  const { parts, model, grant, access } = loading
  const { shown, values } = await readOrReached(loading, reader, key, isLocked)
  if (!values) return null
  const viewing = { reader, models: parts.models, grant }
  const [view] = await viewRecords(viewing, model, shown, [values], null)
  const [resource] = await resourcesOf(viewing, model, access.looksAt, [values])
  if (!view || !resource || view.key === null) return null
  return { model, key, encodedKey: view.key, view, resource }
}

/** A right to change a record is none to see it: what may not be read is known by its key alone. */
async function readOrReached(
  { parts, model, grant, access }: Loading,
  reader: Reader,
  key: Key,
  isLocked: boolean,
): Promise<{ readonly shown: Access; readonly values: Values | null }> {
  const get = (scope: Access['scope'], fields: readonly string[]): Promise<Values | null> =>
    reader.get({ model, models: parts.models, scope, key, fields: [...new Set(fields)], isLocked })
  const reading = grant.access(`${model.name}.read`)
  const needed = columnsToSelect(model, access, null)
  const seen = reading.isPossible
    ? await get(reading.scope, [...columnsToSelect(model, reading, null), ...needed])
    : null
  if (seen || access === reading) return { shown: reading, values: seen }
  return { shown: NO_ACCESS, values: await get(access.scope, needed) }
}

function notFound(model: Model, key: string): AdminError {
  return new AdminError('not-found', `No ${model.name} record "${key}".`)
}

function conflict(model: Model, target: Target): AdminError {
  return new ChangedMeanwhile(
    'conflict',
    `The ${model.label.toLowerCase()} "${target.view.title}" was changed by someone else meanwhile. Look at both versions and save again.`,
  )
}
