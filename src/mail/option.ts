/** The option `mail`: how letters leave, and the words of the application in place of ours. */

import { z } from 'zod'
import type { LetterKind } from '../identity/letter.ts'
import type { MailTemplate } from './compose.ts'
import type { Message } from './message.ts'

interface MailCommon {
  /** Who letters are from: `admin@example.com` or `Shop <admin@example.com>`. */
  readonly from: string
  /** Messages of the application, each in place of ours. */
  readonly messages?: Readonly<Partial<Record<LetterKind, MailTemplate>>>
}

/** By SMTP, or by a function of the application. */
export type MailOption =
  | (MailCommon & {
      /** `smtp://name:password@host:587` (STARTTLS), `smtps://…:465`. */
      readonly smtp: string
      readonly send?: never
    })
  | (MailCommon & {
      /** Sends one message, or throws; what throws is tried again. */
      readonly send: (message: Message) => Promise<void>
      readonly smtp?: never
    })

const FROM =
  /^(?:[^\p{Cc}<>@"]{0,200}<[^\s\p{C}<>@,;:()]+@[^\s\p{C}<>@,;:()]+>|[^\s\p{C}<>@,;:()]+@[^\s\p{C}<>@,;:()]+)$/u

const KINDS: Readonly<Record<LetterKind, z.ZodType>> = {
  invitation: template(),
  'new-password': template(),
  registration: template(),
  'already-registered': template(),
  approved: template(),
  'password-changed': template(),
  'email-changed': template(),
  'agent-made': template(),
  'access-ends': template(),
  'authenticator-changed': template(),
  'second-factor-removed': template(),
  'attempts-stopped': template(),
}

const COMMON = { from: z.string().regex(FROM), messages: z.strictObject(KINDS).partial().optional() }

export const MAIL_SCHEMA: z.ZodType = z.union([
  z.strictObject({ ...COMMON, smtp: z.string().refine(isSmtp) }),
  z.strictObject({ ...COMMON, send: isFunction() }),
])

/** What `CASTELLAN_MAIL` means: `smtp://name:password@host:587?from=admin@example.com`. */
export function readMail(text: string): unknown {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  const from = url.searchParams.get('from') ?? ''
  url.search = ''
  return { from, smtp: url.href }
}

function isSmtp(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash } = new URL(text)
  return /^smtps?:$/.test(protocol) && hostname !== '' && search === '' && hash === ''
}

function template(): z.ZodType {
  return isFunction().optional()
}

function isFunction(): z.ZodType {
  return z.custom((value) => typeof value === 'function')
}
