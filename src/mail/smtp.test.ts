import { expect, test } from 'vitest'
import { openSink } from '../../test/mail.ts'
import { codeOf, smtpTransport } from './smtp.ts'

/** What a look at the server comes to; null: it takes letters. */
async function verified(url: string): Promise<string | null> {
  const transport = smtpTransport(url)
  try {
    await transport.verify()
    return null
  } catch (error) {
    return codeOf(error)
  } finally {
    transport.close()
  }
}

test('finds a server that takes letters, sends it none, and says that it is gone', async () => {
  const sink = await openSink()
  expect(await verified(sink.url)).toBeNull()
  await sink.close()

  expect(sink.mails).toEqual([])
  expect(await verified(sink.url)).toBe('ESOCKET')
})

test('does not go on in the clear beyond this machine', async () => {
  const sink = await openSink()
  // the same server, which offers no TLS, by a name that is not known for this machine's
  const elsewhere = sink.url.replace('127.0.0.1', '0.0.0.0')

  // its answer to STARTTLS
  expect(await verified(elsewhere)).toBe('500')
  // control: as this machine's it is taken
  expect(await verified(sink.url)).toBeNull()
  await sink.close()
})
