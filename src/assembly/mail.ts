/** What sends the letters of an installation, by its option `mail`. */

import type { Configuration } from '../config.ts'
import type { Letters } from '../identity/identity.ts'
import { compose } from '../mail/compose.ts'
import { type Sender, type SenderLog, startSender } from '../mail/sender.ts'
import { type SmtpTransport, smtpTransport } from '../mail/smtp.ts'

const EVERY_MS = 5000

export interface SenderOfParts {
  readonly log: SenderLog
  /** False for a command that ends at once: it sends what it has made itself. */
  readonly serves: boolean
  readonly onError: (error: unknown) => void
}

/** Null where mail is off. */
export function senderOf(
  { mail, title, publicUrl, basePath, places }: Configuration,
  letters: Letters,
  { log, serves, onError }: SenderOfParts,
): Sender | null {
  if (!mail || publicUrl === null) return null
  const smtp: SmtpTransport | null = mail.smtp && smtpTransport(mail.smtp.reveal())
  const send = mail.send ?? smtp?.send
  if (!send) throw new TypeError('The option "mail" has neither "smtp" nor "send".')
  const parts = {
    ...{ from: mail.from, title, home: `${publicUrl}${basePath}`, templates: mail.messages, onError },
    placeOf: places.of,
  }
  const sender = startSender({
    letters,
    compose: (id, letter) => compose(parts, id, letter),
    send,
    log,
    onError,
    everyMs: serves ? EVERY_MS : null,
  })
  return {
    wake: sender.wake,
    async close() {
      await sender.close()
      smtp?.close()
    },
  }
}
