/** Calls to the API as a script on a page of the admin makes them. */

import { BASE, type Client } from '../client.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What the answer says as JSON; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>
}

/** `path` begins after `/api/v1`; `body` is sent as it is when it is a text. Without a token in `headers` one is fetched first. */
export async function api(
  client: Client,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const needsToken = method !== 'GET' && !('x-csrf-token' in headers)
  const token = needsToken ? await client.csrf(`${BASE}/profile`) : ''
  const {
    status,
    headers: answered,
    text,
  } = await client.send(method, `${BASE}/api/v1${path}`, {
    headers: {
      ...(method !== 'GET' && { 'x-csrf-token': token, 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status, headers: answered, text, json: parsed(text) }
}

/** Runs an action by its full name. */
export function act(
  client: Client,
  action: string,
  input: unknown = {},
  more: { readonly key?: string; readonly reason?: string; readonly confirmation?: string } = {},
): Promise<Reply> {
  const at = action.lastIndexOf('.')
  const { key, ...evidence } = more
  const keys = key === undefined ? {} : { keys: [key] }
  const path = `/models/${action.slice(0, at)}/actions/${action.slice(at + 1)}`
  return api(client, 'POST', path, { ...keys, input, ...evidence })
}

function parsed(text: string): Reply['json'] {
  try {
    return JSON.parse(text) as Reply['json'] // the API answers objects
  } catch {
    return {}
  }
}
