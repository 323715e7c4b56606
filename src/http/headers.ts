/**
 * The headers that every answer carries, whatever its status.
 *
 * They are set when the answer is there, so that no face can leave one out. The
 * policy for content is that of one page: scripts by this answer's nonce and
 * nothing else.
 */

import type { MiddlewareHandler } from 'hono'
import type { Env } from './env.ts'

/** One year, as browsers ask for it. */
const HSTS = 'max-age=31536000; includeSubDomains'

const POWERFUL_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
]

const PERMISSIONS = [
  ...POWERFUL_FEATURES.map((feature) => `${feature}=()`),
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
].join(', ')

const ALWAYS: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': PERMISSIONS,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

export function protect(): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next()
    // on the answer itself: `c.header` would copy a finished one for every header
    const { headers } = c.res
    for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value)
    headers.set('Content-Security-Policy', contentSecurityPolicy(c.var.nonce))
    if (c.var.isSecure) headers.set('Strict-Transport-Security', HSTS)
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  }
}

/** No `'self'`, `'strict-dynamic'` or `unsafe-…` for scripts; an `import()` inherits the nonce. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types htmx',
  ].join('; ')
}
