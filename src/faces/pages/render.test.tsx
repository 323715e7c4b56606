import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Html } from './components/html.ts'
import type { PageContext } from './context.ts'
import { render } from './render.ts'

async function answer(content: Html, { isDebug = true } = {}): Promise<Response> {
  const app = new Hono()
  app.get('/', (c) => render({ c, house: { settings: { isDebug } } } as unknown as PageContext, content, 422))
  app.onError((error) => {
    throw error
  })
  return app.request('/')
}

test('answers a whole document with the status of what happened', async () => {
  const response = await answer(<p>Nothing was saved.</p>)

  expect(response.status).toBe(422)
  expect(await response.text()).toBe('<!doctype html><p>Nothing was saved.</p>')
  expect(response.headers.get('vary')).toBe('HX-Request')
})

test('refuses style and event attributes while debugging', async () => {
  const inline = { style: 'color: red' }
  const handler = { onclick: 'x()' }

  await expect(answer(<p {...inline}>a</p>)).rejects.toThrow('"style"')
  await expect(answer(<p {...handler}>a</p>)).rejects.toThrow('"onclick"')
})

test('takes values and texts that only look like such attributes', async () => {
  const response = await answer(
    <p title={'<b style="x" onclick="y">'} data-on="a">
      {'<p style="x">'}
    </p>,
  )

  expect(response.status).toBe(422)
})
