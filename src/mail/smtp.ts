/**
 * Sending by SMTP, through nodemailer.
 *
 * Beyond this machine a connection is encrypted or there is none: `smtps://`
 * from the first byte, `smtp://` by STARTTLS, which the server has to offer.
 * One message, one recipient, no attachments: nothing is read from disk or the network.
 */

import type { Transporter } from 'nodemailer'
import { type Message, type Transport, Undeliverable } from './message.ts'

const SECOND = 1000
const TIMEOUTS = {
  connectionTimeout: 10 * SECOND,
  greetingTimeout: 10 * SECOND,
  socketTimeout: 30 * SECOND,
  dnsTimeout: 10 * SECOND,
} as const

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/i

export interface SmtpTransport {
  readonly send: Transport
  /** Connects, encrypts and signs in as it would to send. @throws what `codeOf` makes a code of. */
  verify(): Promise<void>
  close(): void
}

/** @param address `smtp://name:password@host:587`; what is special in a name or a password is percent-encoded. */
export function smtpTransport(address: string): SmtpTransport {
  const { protocol, hostname, port, username, password } = new URL(address)
  const isSecure = protocol === 'smtps:'
  const options = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort(isSecure) : Number(port),
    secure: isSecure,
    requireTLS: !isSecure && !LOOPBACK.test(hostname),
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    tls: { minVersion: 'TLSv1.2' as const },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...TIMEOUTS,
  }
  let opened: Promise<Transporter> | null = null
  // loaded on use: most processes send nothing
  const transport = (): Promise<Transporter> => {
    opened ??= import('nodemailer').then(({ createTransport }) => createTransport(options))
    return opened
  }

  return {
    async send(message) {
      try {
        await (await transport()).sendMail(mailOf(message))
      } catch (error) {
        throw isFinal(error)
          ? new Undeliverable(codeOf(error), 'The server refused it.', { cause: error })
          : error
      }
    },
    async verify() {
      await (await transport()).verify()
    },
    close: () => void opened?.then((transporter) => transporter.close()),
  }
}

function mailOf({ from, to, subject, text, html, id }: Message) {
  const [, domain = 'castellan.invalid'] = /@([^\s>]+)>?\s*$/.exec(from) ?? []
  return {
    from,
    to: { name: to.name, address: to.email },
    // stated apart from the header, so that nothing in a name becomes a recipient
    envelope: { from: addressIn(from), to: to.email },
    subject,
    text,
    ...(html !== undefined && { html }),
    messageId: `<${id}@${domain}>`,
    // RFC 3834: nobody's out-of-office notice answers it
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** The address of `Shop <admin@example.com>`. */
function addressIn(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim()
}

function defaultPort(isSecure: boolean): number {
  return isSecure ? 465 : 587
}

/** RFC 5321, section 4.2.1: a reply of the 500s to a message is for good; to signing in it is a setting that can be mended. */
function isFinal(error: unknown): boolean {
  const { responseCode, code } = error as { readonly responseCode?: unknown; readonly code?: unknown }
  return typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH'
}

/** A code for the log: what a server says may hold addresses. */
export function codeOf(error: unknown): string {
  if (error instanceof Undeliverable) return error.code
  const { responseCode, code } = error as { readonly responseCode?: unknown; readonly code?: unknown }
  if (typeof responseCode === 'number') return String(responseCode)
  return typeof code === 'string' && /^[A-Z_]{2,30}$/.test(code) ? code : 'failed'
}
