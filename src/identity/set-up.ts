/**
 * The first run: a one-time link makes the first superadmin. There is no
 * default account, and nothing of this exists any more once a person does.
 */

import type { Connection } from '../database/database.ts'
import { AdminError } from '../errors.ts'
import { lockStore } from '../store/lock.ts'
import { inStore } from '../store/tables.ts'
import { canonicalEmail } from './email.ts'
import { attempted, storyOf } from './event.ts'
import type { SetUpInput, SignInStep } from './identity.ts'
import { HOUR, toText } from './instant.ts'
import { LOCKING } from './lock.ts'
import type { Parts } from './parts.ts'
import { createPerson } from './people.ts'
import { emailProblems, nameProblems, newPasswordProblems, throwProblems } from './people-input.ts'
import { hashOf, randomToken } from './random.ts'
import type { RequestOrigin } from './request.ts'
import { nextStep } from './standing.ts'
import { placeCounters } from './throttle.ts'

const LIFETIME_MS: number = HOUR

/** Whether any person exists; where the application says who people are, whether one of them is a superadmin. */
export async function isSetUp({ host, options }: Parts, connection: Connection): Promise<boolean> {
  if (host) return await hasHostSuperadmin(connection, host.model, options.superadmin)
  const person = await inStore(connection)
    .selectFrom('castellan_person')
    .select('id')
    .limit(1)
    .executeTakeFirst()
  return person !== undefined
}

/** Any of the application's people may have signed in before, and gained nothing by it. */
async function hasHostSuperadmin(connection: Connection, model: string, role: string): Promise<boolean> {
  const person = await inStore(connection)
    .selectFrom('castellan_host_person as link')
    .innerJoin('castellan_role_grant as held', 'held.principal_id', 'link.person_id')
    .select('link.person_id')
    .where('link.model', '=', model)
    .where('held.principal_kind', '=', 'person')
    .where('held.role', '=', role)
    .limit(1)
    .executeTakeFirst()
  return person !== undefined
}

export async function issueSetUpToken(parts: Parts): Promise<string | null> {
  return await parts.store.write(async (connection) => {
    await lockStore(connection)
    if (await isSetUp(parts, connection)) return null
    const now = parts.clock()
    const token = randomToken(parts.randomBytes)
    const store = inStore(connection)
    await store.deleteFrom('castellan_set_up_token').execute()
    await store
      .insertInto('castellan_set_up_token')
      .values({
        token_hash: hashOf(token),
        created_at: toText(now),
        expires_at: toText(now + LIFETIME_MS),
      })
      .execute()
    return token
  }, LOCKING)
}

export async function isSetUpTokenValid(
  parts: Parts,
  connection: Connection,
  token: string,
): Promise<boolean> {
  if (await isSetUp(parts, connection)) return false
  const row = await inStore(connection)
    .selectFrom('castellan_set_up_token')
    .select('token_hash')
    .where('token_hash', '=', hashOf(token))
    .where('expires_at', '>', toText(parts.clock()))
    .executeTakeFirst()
  return row !== undefined
}

/** @throws AdminError `not-found`, `invalid-input`, `limit-exceeded` */
export async function setUp(parts: Parts, input: SetUpInput, origin: RequestOrigin): Promise<SignInStep> {
  const story = storyOf('identity.set-up', null, origin, parts.clock())

  const { step, event } = await attempted(parts, story, async () => {
    const attempt = await parts.throttle.attempt(placeCounters(origin.address))
    if (!(await isSetUpTokenValid(parts, parts.store.now, input.token))) throw notFound()
    await checkInput(parts, input)

    return await parts.store.write(async (connection) => {
      await lockStore(connection)
      await useToken(parts, connection, input.token)
      const { id } = await createPerson(parts, connection, {
        name: input.name,
        email: input.email,
        password: input.password,
        roles: [parts.options.superadmin],
        attributes: {},
      })
      const step = await nextStep(parts, connection, id)
      const person = { id, name: input.name.normalize('NFC').trim() }
      const told = storyOf('identity.set-up', person, origin, parts.clock())
      const event = await parts.audit.append(connection, told({ outcome: 'done' }))
      await attempt.succeeded(connection)
      return { step, event }
    }, LOCKING)
  })
  await parts.audit.sealed(event)
  return step
}

/** Before the transaction, so that a form with mistakes costs nobody the writer; `createPerson` checks again. */
async function checkInput(parts: Parts, { name, email, password }: SetUpInput): Promise<void> {
  throwProblems('The first administrator cannot be added', {
    name: nameProblems(name),
    email: emailProblems(email),
    password: await newPasswordProblems(parts, password, { name, email: canonicalEmail(email) }),
  })
}

/** One of any number of attempts at once gets past this. */
export async function useToken(parts: Parts, connection: Connection, token: string): Promise<void> {
  const isValid = await isSetUpTokenValid(parts, connection, token)
  const { numDeletedRows } = await inStore(connection)
    .deleteFrom('castellan_set_up_token')
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst()
  if (!isValid || numDeletedRows !== 1n) throw notFound()
}

export function notFound(): AdminError {
  return new AdminError(
    'not-found',
    'This set-up link was used, or is older than an hour. Start Castellan again for a new one.',
  )
}
