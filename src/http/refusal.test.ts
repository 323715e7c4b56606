import { expect, test } from 'vitest'
import { foldRefusals, type Refusal } from './refusal.ts'

/** A recorder under a clock that the test turns, and what it was told. */
function recorder() {
  const time = { now: 0 }
  const told: Refusal[] = []
  const record = foldRefusals(
    async (refusal) => {
      told.push(refusal)
    },
    () => time.now,
  )
  const from = (address: string, check = 'token') =>
    record({
      kind: 'guard.forged-request',
      principal: null,
      origin: {
        id: 'request-1',
        traceparent: null,
        address,
        addressChain: [address],
        userAgent: null,
        method: 'POST',
        route: '/x',
      },
      code: 'forged-request',
      details: { check },
    })
  return { time, told, from }
}

test('tells of the same client and check once a minute', async () => {
  const { time, told, from } = recorder()
  await from('192.0.2.1')
  await from('192.0.2.1')
  await from('192.0.2.2')
  await from('192.0.2.1', 'same-origin')

  expect(told.map(({ origin, details }) => [origin.address, details['check']])).toEqual([
    ['192.0.2.1', 'token'],
    ['192.0.2.2', 'token'],
    ['192.0.2.1', 'same-origin'],
  ])
  time.now = 60_000
  await from('192.0.2.1')
  expect(told).toHaveLength(4)
})

test('tells again when the clock was set back by more than a minute', async () => {
  const { time, told, from } = recorder()
  await from('192.0.2.1')
  time.now = -60_000
  await from('192.0.2.1')

  expect(told).toHaveLength(2)
})

test('tells of no more than sixty a minute, and then how many there were', async () => {
  const { time, told, from } = recorder()
  for (let index = 0; index < 100; index += 1) await from(`2001:db8::${index.toString(16)}`)
  expect(told).toHaveLength(60)

  time.now = 60_000
  await from('2001:db8::ffff')
  expect(told.at(-1)?.details).toEqual({ check: 'token', leftOut: 40 })
})

test('says so when it cannot record, and tries again with the next one', async () => {
  const { told, from } = recorder()
  await from('192.0.2.1')
  const [refusal] = told
  if (!refusal) throw new Error('Nothing was told.')
  let attempts = 0
  const failing = foldRefusals(
    () => {
      attempts += 1
      return Promise.reject(new Error('disk full'))
    },
    () => 0,
  )

  await expect(failing(refusal)).rejects.toThrow('disk full')
  await expect(failing(refusal)).rejects.toThrow('disk full')
  expect(attempts).toBe(2)
})
