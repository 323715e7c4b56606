/**
 * Syslog: messages of RFC 5424, framed by counting octets (RFC 6587, section
 * 3.4.1; RFC 5425, section 4.3), over TCP, or TLS beyond this machine.
 *
 * The protocol acknowledges nothing. A sender therefore ends its connection after
 * each portion, and takes it as received once the other end, which has to read up
 * to our end first, has ended its own: a connection that broke says otherwise.
 */

import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectEncrypted } from 'node:tls'

export interface SyslogMessage {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** RFC 5424, section 6.2.1: 0 emergency, 2 critical, 4 warning, 5 notice, 6 informational. */
  readonly severity: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7
  readonly host: string
  /** The process, as `APP-NAME` and `PROCID` say it. */
  readonly app: string
  readonly process: string
  /** The kind of message, `MSGID`. */
  readonly kind: string
  /** Elements by their SD-ID, each with its parameters. */
  readonly structured?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** One line: control characters and those that change the direction of text become escapes of JSON. */
  readonly text: string
}

export interface SyslogAddress {
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
}

export interface SyslogConnectionOptions {
  /** Certificates (PEM) to trust in place of the system's. */
  readonly ca?: string
  /** Ends the attempt, however far it is. */
  readonly signal?: AbortSignal
}

/** RFC 5427: log audit. */
const FACILITY = 13
const TIMEOUT_MS = 15_000
const PORTS = { 'syslog:': 601, 'syslogs:': 6514 } as const
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/**
 * What `syslogs://logs.example.com:6514` (TLS) and `syslog://127.0.0.1:601` (plain) name; null for anything
 * else. Plain is for a relay on this machine alone.
 */
export function readSyslogAddress(text: string): SyslogAddress | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text)
  if (protocol !== 'syslog:' && protocol !== 'syslogs:') return null
  const isBare = [search, hash, username, password].every((part) => part === '') && /^\/?$/.test(pathname)
  if (!isBare || hostname === '' || port === '0') return null
  const isEncrypted = protocol === 'syslogs:'
  if (!isEncrypted && !LOOPBACK.test(hostname)) return null
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, port: port === '' ? PORTS[protocol] : Number(port), isEncrypted }
}

/** The message as it stands in a frame, UTF-8. */
export function formatSyslog(message: SyslogMessage): Uint8Array {
  const { at, severity, host, app, process, kind, structured, text } = message
  const header = [
    `<${FACILITY * 8 + severity}>1`,
    new Date(at).toISOString(),
    word(host, 255),
    word(app, 48),
    word(process, 128),
    word(kind, 32),
  ]
  return Buffer.from(`${header.join(' ')} ${structuredText(structured ?? {})} ${oneLine(text)}`)
}

/** The octets of the message before it, and a space. */
export function frameSyslog(message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${message.byteLength} `), message])
}

/**
 * Sends the messages over a connection of their own, and resolves when the other end has read all of them.
 * @throws Error with a code of Node when it can't be reached, is not who it must be, or breaks off: some of
 * them may have arrived.
 */
export async function sendSyslog(
  address: SyslogAddress,
  messages: readonly SyslogMessage[],
  options: SyslogConnectionOptions = {},
): Promise<void> {
  const frames = Buffer.concat(messages.map((message) => frameSyslog(formatSyslog(message))))
  await new Promise<void>((resolve, reject) => {
    let isSent = false
    let isEnded = false
    const socket = opened(address, options, () => {
      socket.end(frames, () => {
        isSent = true
      })
    })
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('The syslog receiver fell silent.')))
    // nothing is expected from there but its end
    socket.on('data', () => {})
    socket.on('end', () => {
      isEnded = true
    })
    socket.on('error', reject)
    socket.on('close', (hadError) => {
      if (isSent && isEnded && !hadError) return resolve()
      reject(new Error('The syslog receiver broke the connection off.'))
    })
  })
}

function opened(
  { host, port, isEncrypted }: SyslogAddress,
  { ca, signal }: SyslogConnectionOptions,
  onOpen: () => void,
): Socket {
  const common = { host, port, ...(signal && { signal }) }
  if (!isEncrypted) return connectPlain(common, onOpen)
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectEncrypted({ ...common, ...name, ...(ca && { ca }), minVersion: 'TLSv1.2' }, onOpen)
}

/** Printable ASCII without spaces; `-` where nothing is left. */
function word(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-'
}

function structuredText(elements: NonNullable<SyslogMessage['structured']>): string {
  const texts = Object.entries(elements).map(([id, parameters]) => {
    const pairs = Object.entries(parameters).map(
      ([name, value]) => ` ${nameOf(name)}="${oneLine(value).replace(/["\\\]]/g, '\\$&')}"`,
    )
    return `[${nameOf(id)}${pairs.join('')}]`
  })
  return texts.join('') || '-'
}

/** SD-NAME: no `=`, `]` or `"` either. */
function nameOf(name: string): string {
  return word(name.replace(/[=\]"]/g, ''), 32)
}

/** What could end a line, or make one read otherwise than it is, as the escape that JSON has for it. */
export function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
