import { expect, test } from 'vitest'
import { timeLimit } from './time-limit.ts'

test('work that fails after its caller has gone fails unheard', async () => {
  const unheard: unknown[] = []
  const listen = (reason: unknown): void => void unheard.push(reason)
  process.on('unhandledRejection', listen)
  const controller = new AbortController()
  const limit = timeLimit('Reading shop.db', 60_000, controller.signal)
  const work = Promise.withResolvers<never>()
  try {
    controller.abort()
    await expect(limit.within(work.promise)).rejects.toMatchObject({ code: 'data-source-failed' })
    work.reject(new RangeError('too late'))
    // such rejections are told when the microtasks of a turn are done
    await new Promise((settle) => setImmediate(settle))

    expect(unheard).toEqual([])
  } finally {
    limit.end()
    process.removeListener('unhandledRejection', listen)
  }
})

test('work that is done in time gives its outcome', async () => {
  const limit = timeLimit('Reading shop.db', 60_000)
  try {
    await expect(limit.within(Promise.resolve(1))).resolves.toBe(1)
    await expect(limit.within(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError)
    expect(limit.hasPassed).toBe(false)
  } finally {
    limit.end()
  }
})
