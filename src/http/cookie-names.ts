/**
 * What the cookies of one installation are called.
 *
 * In debug they lack `Secure`, which not every browser accepts over plain HTTP,
 * and so the `__Host-` prefix as well; the port stands in the name, because
 * browsers send cookies to every port of a host.
 */

export interface CookieNames {
  readonly access: string
  readonly refresh: string
  /** A sign-in between its first and its last step. */
  readonly pending: string
  /** A sign-in that a provider is to answer. */
  readonly attempt: string
  /** What CSRF tokens are bound to before there is a session. */
  readonly visitor: string
  /** Whether the cookies carry `Secure` and the prefix that demands it. */
  readonly isSecure: boolean
}

/** @param debugPort The port in an address of debug mode; null for cookies that only travel over TLS. */
export function cookieNames(name: string, debugPort: string | null): CookieNames {
  const named = (part: string) =>
    debugPort === null ? `__Host-${name}${part}` : [`${name}${part}`, debugPort].filter(Boolean).join('-')
  return {
    access: named(''),
    refresh: named('-refresh'),
    pending: named('-pending'),
    attempt: named('-attempt'),
    visitor: named('-visitor'),
    isSecure: debugPort === null,
  }
}
