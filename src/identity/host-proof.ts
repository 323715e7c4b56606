/** Asks the application who somebody is: with a limit of time, and with an answer that costs the same whatever it is. */

import { timeLimit } from '../database/time-limit.ts'
import type { HostPeople, HostRecord } from './host-people.ts'
import { MAX_USERNAME } from './host-username.ts'
import type { Parts } from './parts.ts'
import { isOfPasswordSize } from './password-rule.ts'

/** What came of asking the application. */
export type Proof =
  | { readonly kind: 'proven'; readonly record: HostRecord }
  | { readonly kind: 'refused'; readonly because: string }

/** How long the application may think about an answer. */
export const ANSWER_MS = 10_000

/**
 * Asks the application who that is. Beside it runs a hash of our own, so that
 * an early answer ("nobody of that name") comes no sooner than a late one.
 */
export async function prove(
  parts: Parts,
  host: HostPeople,
  username: string,
  password: string,
): Promise<Proof> {
  // an empty password, or one that is none by its size, proves nothing: no application is asked about it
  const isAsked =
    username !== '' && username.length <= MAX_USERNAME && password !== '' && isOfPasswordSize(password)
  const [answer] = await Promise.all([
    isAsked ? answerOf(parts, host, username, password) : null,
    parts.passwords.verify(isAsked ? password : '', null),
  ])
  if (answer === FAILED) return { kind: 'refused', because: 'the application could not answer' }
  if (answer === null || answer === undefined) return { kind: 'refused', because: 'the application says no' }
  const record = await host.find(answer)
  if (record) return { kind: 'proven', record }
  parts.log?.warn({ model: host.model }, 'authenticate answered an id that no record of the model has.')
  return { kind: 'refused', because: 'no such record' }
}

const FAILED: unique symbol = Symbol('failed')

async function answerOf(
  parts: Parts,
  host: HostPeople,
  username: string,
  password: string,
): Promise<unknown> {
  const limit = timeLimit('authenticate', ANSWER_MS)
  try {
    return await limit.within((async () => host.authenticate(username, password))())
  } catch (error) {
    tell(parts, 'authenticate', error)
    return FAILED
  } finally {
    limit.end()
  }
}

/** Names the kind of error alone: its message may hold what somebody typed. */
export function tell(parts: Parts, what: string, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  parts.log?.warn({ error: name }, `${what} of the option "people" failed.`)
  parts.onHostError?.(error)
}
