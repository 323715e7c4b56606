/** Components of an application in place of our pages of signing in: what they get, and what becomes of one that fails. */

import { afterEach, expect, test } from 'vitest'
import { Form } from '../../src/components.ts'
import type { OwnComponents } from '../../src/faces/own-component.ts'
import { BASE, totpCode } from '../client.ts'
import { asSystem, type House, type HouseOptions, openHouse, PASSWORD } from '../house.ts'

let house: House
let errors: unknown[]
afterEach(() => house.close())

async function open(components: OwnComponents, more: HouseOptions = {}): Promise<void> {
  errors = []
  house = await openHouse({
    sql: 'create table notes (id integer primary key, body text);',
    components,
    onError: (error) => errors.push(error),
    ...more,
  })
}

const signInPage = async (): Promise<string> => (await house.visitor().get(`${BASE}/sign-in`)).text

test('puts something before and after what our own page holds', async () => {
  await open({
    signIn: ({ Default }) => Default({ before: <p>Closed on Sunday.</p>, after: 'Call <4711>.' }),
  })

  const page = await signInPage()

  expect(page).toContain('<p>Closed on Sunday.</p>')
  expect(page).toContain('Call &lt;4711&gt;.')
  expect(page.indexOf('Closed on Sunday')).toBeLessThan(page.indexOf('name="password"'))
  expect(page.indexOf('Call &lt;')).toBeGreaterThan(page.indexOf('name="password"'))
  expect(errors).toEqual([])
})

test('signs in by a form of its own, in our layout, with what was typed and why it was refused', async () => {
  await open({
    signIn: ({ Layout, form, values, page }) => (
      <Layout title="Good morning" lead="Night Shop">
        <Form page={page} action={form.action}>
          {form.hidden}
          <p class="said">{form.message}</p>
          <input name="email" value={values.email} />
          <input name="password" type="password" />
        </Form>
      </Layout>
    ),
  })
  const fields = {
    name: 'Ana',
    email: 'ana@example.com',
    roles: ['admin'],
    password: PASSWORD,
    withTotp: true,
  }
  const made = await asSystem(house.admin, house.clock.now, 'castellan.people.create', fields)
  const client = house.visitor()

  const refused = await client.post(`${BASE}/sign-in`, { email: 'ana@example.com', password: 'wrong' })
  expect(refused.status).toBe(401)
  expect(refused.text).toContain('<h1>Good morning</h1>')
  expect(refused.text).toContain('value="ana@example.com"')
  expect(refused.text).toMatch(/<p class="said">[^<]*do not match/)

  const from = `${BASE}/sign-in?next=${encodeURIComponent(`${BASE}/m/notes`)}`
  expect((await client.get(from)).text).toContain(`name="next" value="${BASE}/m/notes"`)
  const next = `${BASE}/m/notes`
  await client.post(`${BASE}/sign-in`, { email: 'ana@example.com', password: PASSWORD, next }, { from })
  const code = totpCode((made as { totpUri: string }).totpUri, house.clock.now)
  const last = await client.post(`${BASE}/sign-in/second-factor`, { code, next })
  expect(last.location).toBe(next)
})

test('what is no page stands inside of our layout', async () => {
  await open({ signIn: () => <p>Nobody signs in tonight.</p> })

  const page = await signInPage()

  expect(page).toMatch(/^<!doctype html><html/)
  expect(page).toContain('<h1>Sign in</h1>')
  expect(page).toContain('<p>Nobody signs in tonight.</p>')
})

test('is given what the option context answers, anew for each page', async () => {
  let asked = 0
  await open(
    { signIn: ({ context }) => <p>{`${context['weather']} ${context['page']}`}</p> },
    {
      async context({ page, principal }) {
        asked += 1
        return { weather: `rain ${asked}`, page, principal }
      },
    },
  )

  expect(await signInPage()).toContain('<p>rain 1 signIn</p>')
  expect(await signInPage()).toContain('<p>rain 2 signIn</p>')
})

test.each<[string, OwnComponents]>([
  [
    'throws',
    {
      signIn: () => {
        throw new Error('no such variable')
      },
    },
  ],
  ['rejects', { signIn: () => Promise.reject(new Error('no database')) }],
  ['shows nothing', { signIn: () => null }],
  ['shows what is no page', { signIn: () => ({ html: '<b>' }) as never }],
])('shows our own page in place of one that %s, and tells who runs it', async (_, components) => {
  await open(components)

  const page = await signInPage()

  expect(page).toContain('name="password"')
  expect(page).not.toContain('no such variable')
  expect(errors).toHaveLength(1)
})

test('shows our own page where the context can not be had', async () => {
  const context = () => {
    throw new Error('no context')
  }
  await open({ signIn: ({ Default }) => Default({ before: 'Hello.' }) }, { context })

  expect(await signInPage()).toContain('name="password"')
  expect(errors).toMatchObject([{ message: 'no context' }])
})

test('replaces the steps that follow, and one’s own page', async () => {
  const noted: OwnComponents = {
    setUp: ({ Default, values }) => Default({ before: <p>{`Set up with ${values.token.length}`}</p> }),
    enrol: ({ Default, values }) => Default({ after: <p>{`Secret of ${values.secret?.length}`}</p> }),
    recoveryCodes: ({ Default, values }) => Default({ before: <p>{`All ${values.codes.length}`}</p> }),
    secondFactor: ({ Default, values }) => Default({ before: <p>{`App ${values.hasApp}`}</p> }),
    profile: ({ Default }) => Default({ after: <p>About you</p> }),
  }
  await open(noted)
  const { setUpToken: token } = await house.admin.initialize()
  const client = house.visitor()
  const from = `${BASE}/set-up?token=${token}`
  expect((await client.get(from)).text).toContain('<p>Set up with 43</p>')
  const person = { token: token ?? '', name: 'Ana', email: 'ana@example.com', password: PASSWORD }
  await client.post(`${BASE}/set-up`, person, { from })
  const enrol = (await client.get(`${BASE}/sign-in/enrol`)).text
  expect(enrol).toContain('<p>Secret of 32</p>')
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(enrol)?.[1]?.replaceAll(' ', '') ?? ''
  const code = totpCode(`otpauth://totp/x?secret=${secret}`, house.clock.now)
  expect((await client.post(`${BASE}/sign-in/enrol`, { code })).text).toContain('<p>All 10</p>')
  expect((await client.get(`${BASE}/profile`)).text).toContain('<p>About you</p>')
  const again = house.visitor()
  await again.post(`${BASE}/sign-in`, { email: 'ana@example.com', password: PASSWORD })
  expect((await again.get(`${BASE}/sign-in/second-factor`)).text).toContain('<p>App true</p>')
  expect(errors).toEqual([])
})

test('does not start with a page that there is not', async () => {
  await open({})

  await expect(openHouse({ components: { signin: () => null } as never })).rejects.toMatchObject({
    code: 'misconfigured',
    mistakes: [{ id: 'C003', place: 'components', problem: expect.stringContaining('signIn') }],
  })
})
