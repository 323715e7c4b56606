/** How people signed in, in words. */

import { providerIn } from '../../../identity/oidc/option.ts'
import type { PageContext } from '../context.ts'

/** What a session can have begun with, beside providers. */
export const METHODS: Readonly<Record<string, string>> = {
  password: 'password',
  totp: 'authenticator app',
  'recovery-code': 'recovery code',
  passkey: 'passkey',
}

/** `["password","totp"]` as "password and authenticator app"; nothing for what is no list. */
export function methodsText(page: PageContext, json: string | null): string {
  const methods = listIn(json)
  return methods.map((method) => METHODS[method] ?? providerText(page, method) ?? method).join(' and ')
}

function providerText({ house }: PageContext, method: string): string | null {
  const id = providerIn(method)
  if (id === null) return null
  return house.identity.oidc.providers.find((provider) => provider.id === id)?.label ?? id
}

function listIn(json: string | null): readonly string[] {
  try {
    const methods: unknown = JSON.parse(json ?? '[]')
    return Array.isArray(methods) ? methods.map(String) : []
  } catch {
    return []
  }
}
