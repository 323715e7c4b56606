/** A person without a browser: keeps cookies, fills in forms, signs in with a password and TOTP. */

import { URI } from 'otpauth'
import { type Answered, ask } from './load.ts'

export interface Visitor {
  /** The `Cookie` header of the session. */
  readonly cookie: string
}

export interface Person {
  readonly email: string
  readonly password: string
  /** `otpauth://totp/…` */
  readonly totpUri: string
}

/** Signs in at `…/admin`. @throws Error with the page's words when it does not come through. */
export async function signIn(admin: string, person: Person): Promise<Visitor> {
  const jar = new Map<string, string>()
  const origin = new URL(admin).origin
  const visit = async (url: string, form?: Readonly<Record<string, string>>): Promise<Answered> => {
    const answer = await ask(url, {
      method: form ? 'POST' : 'GET',
      headers: {
        cookie: cookieOf(jar),
        ...(form && { origin, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const line of answer.headers['set-cookie'] ?? []) keep(jar, line)
    return answer
  }
  const submit = async (url: string, fields: Readonly<Record<string, string>>): Promise<Answered> => {
    const { text } = await visit(url)
    return visit(url, { ...fields, _csrf: csrfIn(text) })
  }

  await submit(`${admin}/sign-in`, { email: person.email, password: person.password })
  const code = URI.parse(person.totpUri)
  const answer = await submit(`${admin}/sign-in/second-factor`, {
    code: 'generate' in code ? code.generate() : '',
  })
  if (answer.status !== 303) throw new Error(`Signing in answered ${answer.status}: ${wordsOf(answer.text)}`)
  return { cookie: cookieOf(jar) }
}

function csrfIn(page: string): string {
  const [, token] =
    /name="_csrf"[^>]*value="([^"]+)"/.exec(page) ?? /value="([^"]+)"[^>]*name="_csrf"/.exec(page) ?? []
  if (!token) throw new Error(`No form on the page: ${wordsOf(page)}`)
  return token
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  if (value === '' || /max-age=0/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}

function cookieOf(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

function wordsOf(page: string): string {
  return page
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 400)
}
