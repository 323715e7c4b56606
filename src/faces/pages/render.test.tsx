import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Html } from './components/html.ts'
import type { PageContext } from './context.ts'
import { render } from './render.ts'

async function answer(content: Html): Promise<Response> {
  const app = new Hono()
  app.get('/', (c) => render({ c } as unknown as PageContext, content, 422))
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
