/** Requests as fast as they are answered, over a number of kept-alive connections. */

import { Agent, type RequestOptions, request } from 'node:http'

export interface Load {
  readonly connections: number
  readonly durationMs: number
  /** The n-th request. */
  readonly next: (n: number) => Asked
}

export interface Asked {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

/** Answers per second. @throws Error at the first answer that is not a success: a refusal is quick, and no figure. */
export async function perSecond({ connections, durationMs, next }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let asked = 0
  let answered = 0
  const begun = performance.now()
  const isOver = (): boolean => performance.now() - begun >= durationMs
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (!isOver()) {
        const { url, ...rest } = next(asked++)
        const { status, text } = await ask(url, rest, agent)
        if (status >= 300) throw new Error(`${url} answered ${status}: ${text.slice(0, 300)}`)
        answered += 1
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  return answered / seconds
}

/** One request. Follows nothing and keeps nothing. */
export function ask(
  url: string,
  { method, headers, body }: Omit<Asked, 'url'>,
  agent?: Agent,
): Promise<Answered> {
  const options: RequestOptions = {
    method: method ?? 'GET',
    headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
    ...(agent && { agent }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
