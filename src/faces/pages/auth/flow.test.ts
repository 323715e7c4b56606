import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { AdminError } from '../../../errors.ts'
import { type Refusal, refusalOf } from './flow.ts'

/** What a form shows of an error, and the headers of its answer. */
async function shown(error: unknown): Promise<{ readonly refusal: Refusal; readonly headers: Headers }> {
  const app = new Hono()
  app.get('/', (c) => c.json(refusalOf(error, c as never)))
  app.onError((thrown) => {
    throw thrown
  })
  const answer = await app.request('/')
  return { refusal: await answer.json(), headers: answer.headers }
}

test('says how long to wait, in words and in the header', async () => {
  const { refusal, headers } = await shown(
    new AdminError('limit-exceeded', 'Too many.', { retryAfterSeconds: 200.2 }),
  )

  expect(refusal).toMatchObject({ status: 429, message: 'Too many attempts. Try again in 4 minutes.' })
  expect(headers.get('retry-after')).toBe('201')
})

test('shows a refused sign-in with the words of identity and no field', async () => {
  const { refusal } = await shown(new AdminError('unauthenticated', 'The e-mail or the password is wrong.'))

  expect(refusal).toEqual({ status: 401, message: 'The e-mail or the password is wrong.', fields: {} })
})

test('shows what is wrong with a field as a whole sentence', async () => {
  const error = new AdminError('invalid-input', 'Check password.', {
    fields: { password: ['must be at least 15 characters long'] },
  })

  expect((await shown(error)).refusal.fields).toEqual({
    password: ['Password must be at least 15 characters long.'],
  })
})

test.each([new AdminError('internal', 'No.'), new AdminError('forged-request', 'No.'), new TypeError('bug')])(
  'leaves to others what no form can show: %s',
  async (error) => {
    await expect(shown(error)).rejects.toBe(error)
  },
)
