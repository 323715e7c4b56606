/** What goes wrong is answered in the face's manner and told whole to the host, never to the caller. */

import { expect, test } from 'vitest'
import { BASE, openProduction, SECURE } from './behind-proxy.ts'

test('hands a fault to onError with its request id, and tells the caller no more than that', async () => {
  const told: { error: unknown; requestId: string }[] = []
  const production = await openProduction({
    onError(error, { requestId }) {
      told.push({ error, requestId })
      throw new Error('the tracker is down')
    },
  })
  try {
    const token = await production.house.token(['superadmin'])
    const headers = { ...SECURE, authorization: `Bearer ${token}` }
    // The table goes away under the running admin.
    await production.house.sql('drop table orders')
    const answer = await production.fetch(`${BASE}/api/v1/models/orders/records`, { headers })
    const body = await answer.text()

    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
    expect(told).toEqual([{ error: expect.any(Error), requestId: answer.headers.get('x-request-id') }])
    expect(body).not.toMatch(/select|from |sqlite|no such table|\.ts:|node_modules/i)
  } finally {
    await production.house.close()
  }
})

test('bothers nobody with what a caller did wrong', async () => {
  const told: unknown[] = []
  const production = await openProduction({ onError: (error) => told.push(error) })
  try {
    for (const [method, path] of [
      ['PURGE', '/sign-in'],
      ['GET', '/api/v1/models'],
      ['GET', '/sign-in?a=1&a=2'],
      ['POST', '/sign-in'],
    ] as const) {
      const { status } = await production.fetch(`${BASE}${path}`, { method, headers: SECURE })
      expect(status).toBeGreaterThanOrEqual(400)
    }
    expect(told).toEqual([])
  } finally {
    await production.house.close()
  }
})
