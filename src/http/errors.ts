/**
 * How a request ends that was refused or went wrong.
 *
 * Refusals are shown by the face in its own manner. A bug is logged whole,
 * handed to the host's tracker, and answered as `internal` with the request id
 * and nothing else. Outside of every face there is one constant answer.
 */

import type { Logger } from 'pino'
import { AdminError, STATUS } from '../errors.ts'
import type { RequestContext } from './env.ts'
import type { Face } from './face.ts'
import { TransportError } from './transport-error.ts'

/** Gets every unexpected error; what it throws is logged and goes no further. */
export type OnError = (error: unknown, context: { readonly requestId: string }) => void

export interface Reporting {
  readonly log: Logger
  readonly onError: OnError | null
}

export async function answerError(
  error: unknown,
  c: RequestContext,
  face: Face | null,
  reporting: Reporting,
): Promise<Response> {
  const refusal = error instanceof AdminError ? error : internal()
  // By the code and not the status: a method that nobody knows (501) is no fault of ours.
  if (STATUS[refusal.code] >= 500) report(error, c, reporting)
  try {
    return decorated(face ? await face.onError(refusal, c) : plain(refusal, c), refusal, face)
  } catch (failure) {
    report(failure, c, reporting)
    return plain(internal(), c)
  }
}

/** Logs whatever was not foreseen, and tells the host. */
export function report(error: unknown, c: RequestContext, { log, onError }: Reporting): void {
  const requestId = c.var.origin.id
  log.error({ err: error, requestId, route: c.var.origin.route }, 'a request failed')
  try {
    onError?.(error, { requestId })
  } catch (failure) {
    log.error({ err: failure, requestId }, 'onError threw')
  }
}

function internal(): AdminError {
  return new AdminError('internal', 'Something went wrong here. Report it with the request id.')
}

function plain(error: AdminError, c: RequestContext): Response {
  const text = error.code === 'not-found' ? 'Not found' : error.message
  return new Response(`${text}\n`, {
    status: error.status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Request-Id': c.var.origin.id },
  })
}

/** What the protocol wants beside the words. */
function decorated(answer: Response, error: AdminError, face: Face | null): Response {
  const response = new Response(answer.body, answer)
  if (error.retryAfterSeconds !== undefined) {
    response.headers.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  }
  if (error.status === 401 && face?.bodies === 'json') response.headers.set('WWW-Authenticate', 'Bearer')
  if (error instanceof TransportError) {
    for (const [name, value] of Object.entries(error.headers)) response.headers.set(name, value)
  }
  return response
}
