/** The option `audit`: what is done with the log beside writing it. */

import { z } from 'zod'
import { parseWitnessKey } from './cosignature.ts'
import { NETWORKS_SCHEMA } from './outbound-option.ts'
import { SINKS_SCHEMA, type SinkOption } from './sink/option.ts'
import { readSyslogAddress } from './syslog.ts'

export interface AuditOption {
  /** Where events go as soon as a checkpoint covers them. */
  readonly sinks?: readonly SinkOption[]
  /** Places outside of the store that keep checkpoints, so that a log that was cut off or rewritten is seen. */
  readonly anchors?: readonly AnchorOption[]
  /** Seconds between two checkpoints that an anchor gets, while there are new events; 60 by default. */
  readonly anchorSeconds?: number
  /** Hours between two verifications of the whole log; 24 by default, 0: none by itself. */
  readonly verifyHours?: number
}

export type AnchorOption =
  | FileAnchorOption
  | SyslogAnchorOption
  | WebhookAnchorOption
  | S3AnchorOption
  | WitnessAnchorOption

/** A file that is only appended to, on another volume. */
export interface FileAnchorOption {
  readonly file: string
}

/** `syslogs://logs.example.com:6514`, or `syslog://127.0.0.1:601` for a relay on this machine. */
export interface SyslogAnchorOption {
  readonly syslog: string
  /** Certificates (PEM) to trust in place of the system's. */
  readonly ca?: string
}

/** A webhook that gets each checkpoint, signed. */
export interface WebhookAnchorOption {
  readonly webhook: string
  /** What the signature is made with: `whsec_` and base64, or any text of 24 characters and more. */
  readonly secret: string
  /** Networks that are not public and may be reached all the same. */
  readonly allowedNetworks?: readonly string[]
  readonly ca?: string
}

/** A bucket with object lock, at S3 or whatever speaks its protocol. */
export interface S3AnchorOption {
  readonly s3: {
    readonly endpoint: string
    readonly region: string
    readonly bucket: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
    /** What the names of the objects begin with: `castellan/` by default. */
    readonly prefix?: string
    /** Days that nobody can delete a checkpoint for; 3,650 by default. */
    readonly retainDays?: number
  }
  readonly allowedNetworks?: readonly string[]
  readonly ca?: string
}

/** A witness (https://c2sp.org/tlog-witness), which cosigns only what continues what it has seen. */
export interface WitnessAnchorOption {
  /** The prefix that `/add-checkpoint` stands behind. */
  readonly witness: string
  /** Its public key as one line, `name+8 hex digits+base64`. */
  readonly key: string
  readonly allowedNetworks?: readonly string[]
  readonly ca?: string
}

const ca = z.string().startsWith('-----BEGIN CERTIFICATE-----').optional()
const allowedNetworks = NETWORKS_SCHEMA.optional()

const Webhook = z
  .strictObject({ webhook: z.string(), secret: z.string().min(24), allowedNetworks, ca })
  .refine(({ webhook, allowedNetworks }) => isOutbound(webhook, allowedNetworks))

const S3 = z
  .strictObject({
    s3: z.strictObject({
      endpoint: z.string(),
      region: z.string().regex(/^[a-z0-9-]+$/),
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      accessKeyId: z.string().min(1),
      secretAccessKey: z.string().min(1),
      prefix: z
        .string()
        .regex(/^[\w./-]*$/)
        .optional(),
      retainDays: z.int().min(1).max(36_500).optional(),
    }),
    allowedNetworks,
    ca,
  })
  .refine(({ s3, allowedNetworks }) => isOutbound(s3.endpoint, allowedNetworks))

const Witness = z
  .strictObject({
    witness: z.string(),
    key: z.string().refine((line) => parseWitnessKey(line) !== null),
    allowedNetworks,
    ca,
  })
  .refine(({ witness, allowedNetworks }) => isOutbound(witness, allowedNetworks))

const Anchor = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ syslog: z.string().refine((text) => readSyslogAddress(text) !== null), ca }),
  Webhook,
  S3,
  Witness,
])

export const AUDIT_SCHEMA: z.ZodType = z.strictObject({
  sinks: SINKS_SCHEMA.optional(),
  anchors: z.array(Anchor).max(20).optional(),
  anchorSeconds: z.int().min(1).max(3600).optional(),
  verifyHours: z.int().min(0).max(8760).optional(),
})

/** Plain HTTP is for networks that are named, and for no other. */
function isOutbound(text: string, networks: readonly string[] | undefined): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  const isPlain = protocol === 'http:' && networks !== undefined
  return (protocol === 'https:' || isPlain) && [username, password, hash].every((part) => part === '')
}
