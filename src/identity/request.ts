/** Where a request came from, as events, sessions and throttles name it. Established once, in `http/`. */

export type { RequestOrigin } from '../audit/event.ts'
