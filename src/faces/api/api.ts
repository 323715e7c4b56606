/**
 * The API, `/api/v1`: the same actions as the pages, as JSON, through the same gate.
 *
 * All translation and no rule: a request becomes a call, an outcome an answer.
 */

import { Hono } from 'hono'
import { AdminError } from '../../errors.ts'
import type { Call } from '../../gate/call.ts'
import type { Outcome } from '../../gate/outcome.ts'
import type { OwnResult } from '../../gate/own-action.ts'
import type { AuditList, AuditRead } from '../../gate/recorded.ts'
import type { ListInput, RecordList, RecordRead, RecordView } from '../../gate/records.ts'
import type { Env, RequestContext } from '../../http/env.ts'
import type { Face } from '../../http/face.ts'
import { TransportError } from '../../http/transport-error.ts'
import type { Principal } from '../../identity/principal.ts'
import type { Askable } from '../../model/filter-place.ts'
import type { Model } from '../../model/model.ts'
import { contentOf } from '../content.ts'
import type { House } from '../house.ts'
import { settleHooks } from '../settle.ts'
import { answer } from './answer.ts'
import {
  ActionBody,
  type ActionRequest,
  type Evidence,
  EvidenceBody,
  readBody,
  WriteBody,
  type WriteInput,
} from './body.ts'
import { ifMatch, taggedWith } from './entity-tag.ts'
import { type Json, jsonOf, jsonOfRecord } from './json.ts'
import { readListQuery } from './list-query.ts'
import { jsonOfModel, jsonOfModelName, type Reader, visibleModels } from './model-view.ts'
import { problemOf } from './problem.ts'
import { QueryBody, readQueryBody } from './query-body.ts'

export function createApi(house: House): Face {
  const app = new Hono<Env>()
  app.use(settleHooks(house))
  modelRoutes(app, house)
  recordRoutes(app, house)
  auditRoutes(app, house)
  sessionRoutes(app, house)
  return { path: '/api/v1', app, bodies: 'json', onError: problemOf }
}

function modelRoutes(app: Hono<Env>, house: House): void {
  app.get('/models', (c) => c.json({ models: visibleModels(readerOf(c, house)).map(jsonOfModelName) }))

  app.get('/models/:model', (c) => {
    const reader = readerOf(c, house)
    const name = c.req.param('model')
    const model = visibleModels(reader).find((one) => one.name === name)
    if (!model) throw new AdminError('not-found', `There is no model "${name}".`)
    return c.json(jsonOfModel(reader, model))
  })

  app.post('/models/:model/actions/:verb', async (c) => {
    const body = await readBody(c, ActionBody)
    const { keys: _, key: __, scope: ___, input, ...evidence } = body
    const [model, verb] = [c.req.param('model'), c.req.param('verb')]
    const outcome = await perform(c, house, model, verb, {
      input: input ?? {},
      ...aboutOf(house, model, verb, body),
      ...evidence,
    })
    return answer<unknown>(c, outcome, (result, event) => c.json({ result: jsonOfResult(result), event }))
  })
}

/** One key alone is that record's, unless the action is always about several. */
function aboutOf(
  { gate }: House,
  model: string,
  verb: string,
  { key, keys, scope }: ActionRequest,
): Pick<Call, 'key' | 'selection'> {
  if (scope !== undefined) return { selection: { kind: 'matching', scope } }
  const [only, ...more] = keys ?? []
  if (!keys || only === undefined) return key === undefined ? {} : { key }
  const isOnSeveral = gate.actionsOf(model).some((action) => action.verb === verb && action.on === 'records')
  return more.length === 0 && !isOnSeveral ? { key: only } : { selection: { kind: 'keys', keys } }
}

/** A file of the application's own action travels along; other bytes only say how many they are. */
function jsonOfResult(result: unknown): Json {
  const json = jsonOf(result)
  const { file } = (result ?? {}) as OwnResult // no other action answers a file
  if (!file || typeof json !== 'object' || json === null) return json
  const { name, type, content } = file
  return { ...json, file: { name, type, content: Buffer.from(content).toString('base64') } }
}

function recordRoutes(app: Hono<Env>, house: House): void {
  app.get('/models/:model/records', async (c) => list(c, house, c.req.param('model'), 'records'))

  // A list whose filter is a tree; it changes nothing, and is a POST for its body alone.
  app.post('/models/:model/query', async (c) => {
    const body = await readBody(c, QueryBody)
    const read = (model: Model, askable: Askable): ListInput => readQueryBody(model, body, askable)
    return recordsOf(c, house, await performList(c, house, c.req.param('model'), read), 'records')
  })

  app.post('/models/:model/records', async (c) => {
    const { input, evidence } = splitWrite(await readBody(c, WriteBody))
    const model = c.req.param('model')
    const outcome = await perform(c, house, model, 'create', { input, ...evidence })
    return answer<Written>(c, outcome, (written, event) => {
      if (written.key !== null) c.header('Location', recordPath(house, model, written.key))
      return c.json({ record: writtenRecord(c, house, written), event }, 201)
    })
  })

  app.get('/models/:model/records/:key', async (c) => {
    const outcome = await perform(c, house, c.req.param('model'), 'read', {
      key: c.req.param('key'),
      input: {},
    })
    return answer<RecordRead>(c, outcome, ({ record, verbs, writable, ...more }) => {
      taggedWith(c, record.version)
      return c.json({
        record: jsonOfRecord(record, modelOf(house, record)),
        verbs,
        writable,
        ...restOf(more),
      })
    })
  })

  app.get('/models/:model/records/:key/content/:field', async (c) => {
    const outcome = await perform(c, house, c.req.param('model'), 'read', {
      key: c.req.param('key'),
      input: {},
    })
    return answer<RecordRead>(c, outcome, ({ record }) => contentOf(record, c.req.param('field')))
  })

  app.patch('/models/:model/records/:key', async (c) => {
    const { input, evidence } = splitWrite(await readBody(c, WriteBody))
    const outcome = await guarded(c, house, 'update', input, evidence)
    return answer<Written>(c, outcome, (written, event) =>
      c.json({ record: writtenRecord(c, house, written), event }),
    )
  })

  app.delete('/models/:model/records/:key', async (c) => {
    const evidence = await readBody(c, EvidenceBody)
    const outcome = await guarded(c, house, 'delete', {}, evidence)
    return answer<Written>(c, outcome, (written, event) =>
      c.json({ record: writtenRecord(c, house, written), event }),
    )
  })

  app.get('/models/:model/records/:key/history', async (c) => {
    const outcome = await perform(c, house, c.req.param('model'), 'history', {
      key: c.req.param('key'),
      input: Object.fromEntries(new URL(c.req.url).searchParams),
    })
    return answer<unknown>(c, outcome, (result) => c.json(jsonOf(result)))
  })
}

function splitWrite({ values, links, children, ...evidence }: WriteInput & Evidence): {
  readonly input: WriteInput
  readonly evidence: Evidence
} {
  return {
    input: { ...(values && { values }), ...(links && { links }), ...(children && { children }) },
    evidence,
  }
}

function auditRoutes(app: Hono<Env>, house: House): void {
  app.get('/audit/events', async (c) => {
    const outcome = await performList(c, house, 'castellan.audit', readQuery(c))
    return answer<AuditList>(c, outcome, ({ records, events, page, count }) =>
      c.json({
        events: records.flatMap(({ key }) => jsonOf(key === null ? [] : (events[key] ?? []))),
        page: { ...page },
        count: count && { ...count },
      }),
    )
  })

  app.get('/audit/events/:id', async (c) => {
    const outcome = await perform(c, house, 'castellan.audit', 'read', { key: c.req.param('id'), input: {} })
    return answer<AuditRead>(c, outcome, ({ event, sequence, proof }) =>
      c.json({ event: jsonOf(event), sequence, proof: jsonOf(proof) }),
    )
  })

  app.get('/audit/checkpoint', async (c) => {
    const outcome = await perform(c, house, 'castellan.audit', 'checkpoint', { input: {} })
    return answer<unknown>(c, outcome, (result) => c.json(jsonOf(result)))
  })
}

function sessionRoutes(app: Hono<Env>, house: House): void {
  app.get('/sessions', async (c) => list(c, house, 'castellan.sessions', 'sessions'))

  app.delete('/sessions/:key', async (c) => {
    const evidence = await readBody(c, EvidenceBody)
    const outcome = await perform(c, house, 'castellan.sessions', 'end', {
      key: c.req.param('key'),
      input: {},
      ...evidence,
    })
    return answer<unknown>(c, outcome, (result, event) => c.json({ result: jsonOf(result), event }))
  })

  // Ends the caller's other sessions, one by one: each is an attempt of its own in the log.
  app.delete('/sessions', async (c) => {
    const evidence = await readBody(c, EvidenceBody)
    const { subject, sessionId } = principalOf(c)
    if (sessionId === null) {
      throw new AdminError(
        'invalid-input',
        'A service token has no sessions. Name one: DELETE /sessions/{key}.',
      )
    }
    const filters = [{ field: 'person_id', operator: 'eq', value: subject.id }]
    const found = await perform(c, house, 'castellan.sessions', 'list', { input: { filters, limit: 200 } })
    if (found.kind !== 'done') return answer<never>(c, found, () => c.json({ ended: 0 }))
    const keys = (found.result as RecordList).records.flatMap(({ key }) => (key === null ? [] : [key]))
    const others = keys.filter((key) => key !== sessionId)
    for (const key of others) {
      const outcome = await perform(c, house, 'castellan.sessions', 'end', {
        key,
        input: {},
        ...evidence,
      })
      if (outcome.kind !== 'done') return answer<never>(c, outcome, () => c.json({ ended: 0 }))
    }
    return c.json({ ended: others.length })
  })
}

/** What `create`, `update`, `delete` and `restore` answer. */
interface Written {
  readonly key: string | null
  readonly title: string
  readonly record: RecordView | null
}

/** The record after a write, with its tag; only its name where its writer cannot see it. */
function writtenRecord(c: RequestContext, house: House, { key, title, record }: Written): Json {
  if (!record) return { key, title }
  taggedWith(c, record.version)
  return jsonOfRecord(record, modelOf(house, record))
}

/** What its fields are; the gate has answered by now, so it is there. */
function modelOf({ gate }: House, { model }: RecordView): Pick<Model, 'fields'> {
  return gate.models.get(model) ?? { fields: [] }
}

/** A page of records under the name that the route gives them. */
async function list(c: RequestContext, house: House, name: string, member: string): Promise<Response> {
  return recordsOf(c, house, await performList(c, house, name, readQuery(c)), member)
}

function readQuery(c: RequestContext): ReadList {
  const { searchParams } = new URL(c.req.url)
  return (model, askable) => readListQuery(model, searchParams, askable)
}

function recordsOf(
  c: RequestContext,
  house: House,
  outcome: Outcome,
  member: string,
): Promise<Response> | Response {
  return answer<RecordList>(c, outcome, ({ records, page, count, readable, queryable, ...more }) =>
    c.json({
      ...restOf(more),
      [member]: records.map((record) => jsonOfRecord(record, modelOf(house, record))),
      page: { ...page },
      count: count && { ...count },
    }),
  )
}

type ReadList = (model: Model, askable: Askable) => ListInput

async function performList(c: RequestContext, house: House, name: string, read: ReadList): Promise<Outcome> {
  const { gate } = house
  const model = gate.models.get(name)
  const isKnown = model && gate.isPossible(principalOf(c), `${name}.list`, c.var.origin.address)
  // A model that is not there, or not theirs, is refused by the gate, in its words and with its event.
  const input = isKnown ? read(model, gate.askable(principalOf(c), c.var.origin.address)) : {}
  return perform(c, house, name, 'list', { input })
}

/** What some lists and reads of Castellan's own models say beside the record. */
function restOf(more: object): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(more).map(([name, part]) => [name, jsonOf(part)]))
}

/** A change of one record; with `If-Match`, a conflict is a failed precondition. */
async function guarded(
  c: RequestContext,
  house: House,
  verb: string,
  input: unknown,
  evidence: Evidence,
): Promise<Outcome> {
  const version = ifMatch(c)
  try {
    return await perform(c, house, c.req.param('model') ?? '', verb, {
      key: c.req.param('key') ?? '',
      input,
      ...evidence,
      ...(version !== null && { ifVersion: version }),
    })
  } catch (error) {
    if (version === null || !(error instanceof AdminError) || error.code !== 'conflict') throw error
    throw new TransportError(412, 'conflict', error.message, { cause: error })
  }
}

function perform(
  c: RequestContext,
  house: House,
  model: string,
  verb: string,
  call: Omit<Partial<Call>, 'principal' | 'origin' | 'action'> & { readonly input: unknown },
): Promise<Outcome> {
  return house.gate.perform({
    ...call,
    principal: principalOf(c),
    action: `${model}.${verb}`,
    origin: c.var.origin,
    signal: c.req.raw.signal,
  })
}

function readerOf(c: RequestContext, { gate }: House): Reader {
  return { gate, principal: principalOf(c), address: c.var.origin.address }
}

function principalOf(c: RequestContext): Principal {
  const { principal } = c.var
  if (!principal) throw new AdminError('unauthenticated', 'Sign in, or send a service token.')
  return principal
}

function recordPath({ settings }: House, model: string, key: string): string {
  return `${settings.basePath}/api/v1/models/${encodeURIComponent(model)}/records/${encodeURIComponent(key)}`
}
