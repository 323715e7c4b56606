/**
 * A message as it leaves, and what may stand in its head.
 *
 * A line break in a subject or an address would begin a header of somebody
 * else's making, so it is refused here, before any transport sees it (ASVS 5.0,
 * 1.3.11); what the transport would do about it is not relied on.
 */

export interface MailContent {
  readonly subject: string
  /** The whole message in plain text. */
  readonly text: string
  /** A whole HTML document; absent: text alone. */
  readonly html?: string
}

/** One message to one recipient. */
export interface Message extends MailContent {
  readonly from: string
  readonly to: MailAddress
  /** The same each time the same letter is sent. */
  readonly id: string
}

export interface MailAddress {
  readonly name: string
  readonly email: string
}

/** Sends one message, or throws. */
export type Transport = (message: Message) => Promise<void>

/** A message that can never be sent, however often it is tried. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable'
  /** What the log may know of it. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const MAX_SUBJECT = 200
/** One address and nothing that separates or encloses them, as `identity/email.ts` lets in. */
const ADDRESS = /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u
const CONTROL = /\p{Cc}|[\u2028\u2029]/u

/** @throws Undeliverable for a header that could be more than one. */
export function checked(message: Message): Message {
  const { subject, to, from } = message
  if (typeof subject !== 'string' || subject.trim() === '' || subject.length > MAX_SUBJECT) {
    throw new Undeliverable('subject', `A subject is a text of 1 to ${MAX_SUBJECT} characters.`)
  }
  if (CONTROL.test(subject)) throw new Undeliverable('subject', 'A subject holds no line breaks.')
  if (CONTROL.test(to.name)) throw new Undeliverable('recipient', 'A name holds no line breaks.')
  if (!ADDRESS.test(to.email)) throw new Undeliverable('recipient', 'A recipient is one address.')
  if (CONTROL.test(from)) throw new Undeliverable('sender', 'A sender holds no line breaks.')
  if (typeof message.text !== 'string' || message.text.trim() === '') {
    throw new Undeliverable('text', 'A message has a text.')
  }
  return message
}
