/**
 * Where to go after signing in or stepping up: the `next` of an address.
 *
 * It comes from whoever wrote the link, so only a path of this admin is taken;
 * anything that a browser or a proxy could read as another place leads to the
 * front page.
 */

/** Never asked as an address; only so that a path can be resolved as a browser does. */
const NOWHERE = 'http://castellan.invalid'

/** Browsers drop tabs and line ends from addresses, and read a backslash as a slash. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const DECEPTIVE = /[\u0000-\u0020\u007f\\]/

const MAX_LENGTH = 2048

/** The path of `next`, with its query, when it lies under the base path; otherwise the front page. */
export function safeNext(basePath: string, next: string | null | undefined): string {
  const home = basePath === '' ? '/' : basePath
  if (!next || next.length > MAX_LENGTH || DECEPTIVE.test(next) || leavesHost(next)) return home
  const url = URL.parse(next, NOWHERE)
  if (!url || url.origin !== NOWHERE || leavesHost(decoded(url.pathname))) return home
  const isWithin = url.pathname === basePath || url.pathname.startsWith(`${basePath}/`)
  return isWithin ? `${url.pathname}${url.search}` : home
}

/** Only one slash at the beginning makes a path of this host. */
function leavesHost(path: string): boolean {
  return !path.startsWith('/') || path.startsWith('//') || path.startsWith('/\\')
}

/** As it looks after two rounds of decoding, for a proxy may decode once too often; empty where it can't be decoded. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(decodeURIComponent(path))
  } catch {
    return ''
  }
}
