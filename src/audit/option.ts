/** The option `audit`: what else happens with the log. */

import { z } from 'zod'
import { SINKS_SCHEMA, type SinkOption } from './sink/option.ts'

export interface AuditOption {
  /** Where events go as soon as a checkpoint covers them. */
  readonly sinks?: readonly SinkOption[]
}

export const AUDIT_SCHEMA: z.ZodType = z.strictObject({ sinks: SINKS_SCHEMA.optional() })
