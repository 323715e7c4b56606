/** What every `create…Source` of this folder takes, so that `create-source.ts` can pick one by engine. */

import type { Database } from '../database/database.ts'

export interface SourceOptions {
  /** `Model.source` of its models. */
  readonly id: string
  readonly database: Database
  /** `own`: only Castellan's own tables; `application`: all but those. */
  readonly tables: 'application' | 'own'
  /**
   * Begins the name of every model and the target of every relation: `crm.` where the source is not the
   * first; absent: nothing. Introspection gives the names, since refusals find models by them.
   */
  readonly prefix?: string
}
