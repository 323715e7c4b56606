import { expect, test } from 'vitest'
import { openSink } from '../../test/mail.ts'
import { codeOf, smtpTransport } from './smtp.ts'

test('finds a server that takes letters, sends it none, and says that it is gone', async () => {
  const sink = await openSink()
  const there = smtpTransport(sink.url)
  await expect(there.verify()).resolves.toBeUndefined()
  there.close()
  await sink.close()
  expect(sink.mails).toEqual([])

  const gone = smtpTransport(sink.url)
  const code = await gone.verify().then(
    () => null,
    (error: unknown) => codeOf(error),
  )
  gone.close()
  expect(code).toMatch(/^E[A-Z]+$/)
})

test('does not go on in the clear beyond this machine', async () => {
  const sink = await openSink()
  // a name of this machine that does not look like one
  const transport = smtpTransport(sink.url.replace('127.0.0.1', '0.0.0.0'))
  const code = await transport.verify().then(
    () => null,
    (error: unknown) => codeOf(error),
  )
  transport.close()
  await sink.close()
  expect(code).not.toBeNull()
})
