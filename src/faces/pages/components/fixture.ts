/** A page for tests of what is drawn: it knows where things are, and asks nobody anything. */

import type { PageContext } from '../context.ts'
import { formatFor } from '../format.ts'

export const page: PageContext = {
  url: (path: string) => `/admin${path}`,
  asset: (name: string) => `/admin/assets/${name}`,
  nonce: 'bm9uY2U=',
  csrf: 'token',
  theme: 'system',
  principal: null,
  format: formatFor('en', 'UTC', () => Date.UTC(2026, 10, 20, 12)),
  // Components that ask the gate are tested with a whole house, in `test/http`.
} as unknown as PageContext
