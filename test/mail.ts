/** A mail server of the test's own: what it takes it keeps, decoded; what it should refuse it refuses. */

import { SMTPServer } from 'smtp-server'

export interface Mail {
  /** As the envelope names them. */
  readonly from: string
  readonly to: readonly string[]
  /** Names in lower case, unfolded; decoded words stay as they are. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly text: string
  readonly html: string
  /** As it came over the wire. */
  readonly raw: string
}

export interface Sink {
  /** `smtp://127.0.0.1:PORT`. */
  readonly url: string
  /** Everything that was taken, in order. */
  readonly mails: readonly Mail[]
  /** Resolves once so many were taken. */
  taken(count: number): Promise<readonly Mail[]>
  /** Resolves once so many deliveries were tried, taken or not. */
  tried(count: number): Promise<void>
  /** The reply to every message from now on; null: they are taken. */
  refuseWith(code: number | null): void
  close(): Promise<void>
}

/** @param port A certain one, for a server that comes back. */
export async function openSink(port = 0): Promise<Sink> {
  const mails: Mail[] = []
  let attempts = 0
  let refusal: number | null = null
  let watchers: (() => void)[] = []
  const changed = (): void => {
    const due = watchers
    watchers = []
    for (const watcher of due) watcher()
  }
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => watchers.push(resolve))
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        attempts += 1
        if (refusal === null) {
          const { mailFrom, rcptTo } = session.envelope
          const from = mailFrom ? mailFrom.address : ''
          mails.push(
            read(
              Buffer.concat(chunks).toString('utf8'),
              from,
              rcptTo.map(({ address }) => address),
            ),
          )
          done()
        } else done(Object.assign(new Error('refused'), { responseCode: refusal }))
        changed()
      })
    },
  })
  // a client that goes away is no failure of a test
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.')

  return {
    url: `smtp://127.0.0.1:${address.port}`,
    mails,
    async taken(count) {
      await until(() => mails.length >= count)
      return mails
    },
    tried: (count) => until(() => attempts >= count),
    refuseWith(code) {
      refusal = code
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The link in a letter, as its text has it. */
export function linkIn({ text }: Mail): string {
  const link = /https?:\/\/\S+/.exec(text)?.[0]
  if (!link) throw new Error(`No link in:\n${text}`)
  return link
}

/** The path and query of the link in a letter. */
export function pathIn(mail: Mail): string {
  const { pathname, search } = new URL(linkIn(mail))
  return pathname + search
}

function read(raw: string, from: string, to: readonly string[]): Mail {
  const { headers, body } = parted(raw)
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type')?.[0] ?? '')?.[1]
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`).slice(1, -1)
  const texts = parts.map((part) => parted(part.replace(/^\r\n/, '')))
  const of = (type: string): string => {
    const part = texts.find((one) => one.headers.get('content-type')?.[0]?.startsWith(type))
    return part ? decoded(part.body, part.headers.get('content-transfer-encoding')?.[0] ?? '') : ''
  }
  return { from, to, headers, text: of('text/plain'), html: of('text/html'), raw }
}

function parted(message: string): {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
} {
  const end = message.indexOf('\r\n\r\n')
  const lines = message
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const [name = '', ...rest] = line.split(':')
    const key = name.toLowerCase()
    headers.set(key, [...(headers.get(key) ?? []), rest.join(':').trim()])
  }
  return { headers, body: message.slice(end + 4) }
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
