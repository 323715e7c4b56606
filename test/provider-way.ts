/** The way through a sign-in with a provider, step by step, as a browser goes it. */

import { type Answer, BASE, type Client } from './client.ts'
import type { TestProvider } from './oidc-provider.ts'

/** What a browser sends along when another site leads it here. */
export const FROM_ELSEWHERE: Readonly<Record<string, string>> = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** Presses the button and answers where the page leads on to. */
export async function begin(client: Client, id: string, next?: string): Promise<string> {
  const answer = await client.post(`${BASE}/sign-in/with/${id}`, next === undefined ? {} : { next }, {
    from: `${BASE}/sign-in`,
  })
  return onwardOf(answer)
}

/** From the button to the answer of the page that the provider sends the browser back to. */
export async function signInAt(client: Client, provider: TestProvider, id: string): Promise<Answer> {
  return comeBack(client, await provider.visit(await begin(client, id)))
}

/** Comes from another site, so that of all cookies only a Lax one is there. */
export async function comeBack(client: Client, path: string): Promise<Answer> {
  const strict = [...client.cookies].filter(([name]) => !name.includes('-attempt'))
  for (const [name] of strict) client.cookies.delete(name)
  const answer = await client.get(path, FROM_ELSEWHERE)
  for (const [name, value] of strict) if (!client.cookies.has(name)) client.cookies.set(name, value)
  return answer
}

/** Where the page goes on to by itself; fails for a page that stays. */
export function onwardOf({ status, text }: Answer): string {
  const address = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1]
  if (!address) throw new Error(`It leads nowhere: ${status} ${text.slice(0, 4000)}`)
  return address.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/')
}

/** What the page says is wrong. */
export function refusalOf({ text }: Answer): string | null {
  const note = /role="alert"[^>]*>(?:<svg.*?<\/svg>)?(.*?)<\/(?:div|p)>/s.exec(text)?.[1]
  return note === undefined ? null : note.replaceAll(/<[^>]+>/g, '').trim()
}
