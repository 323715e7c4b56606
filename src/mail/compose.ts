/**
 * From a letter to a message: the words, the link, and what the application
 * makes of them with `mail.messages`.
 *
 * Links begin with `publicUrl` and nothing else: no header of any request has
 * a say in where a link leads.
 */

import type { Letter, LetterKind } from '../identity/letter.ts'
import { letterHtml } from './letter-html.tsx'
import { type LetterText, letterText } from './letter-text.ts'
import { checked, type MailAddress, type MailContent, type Message } from './message.ts'

/** What an application's own message may be made of. */
export interface MailContext {
  readonly kind: LetterKind
  readonly to: MailAddress
  /** What the installation is called. */
  readonly title: string
  /** Where the letter leads; null for one without a link. */
  readonly link: string | null
  /** When the link ends; null for one without an end. */
  readonly expiresAt: Date | null
  /** Who is behind it; null: nobody but the addressee. */
  readonly by: string | null
  /** The message as it would be sent, to be returned with changes. */
  readonly default: MailContent
}

/** Makes a message in place of ours. */
export type MailTemplate = (context: MailContext) => MailContent | Promise<MailContent>

export interface ComposeParts {
  readonly from: string
  readonly title: string
  /** `https://admin.example.com/admin`. */
  readonly home: string
  readonly templates: Readonly<Partial<Record<LetterKind, MailTemplate>>>
  /** Where an address is, roughly; absent: nobody knows of any. */
  readonly placeOf?: (address: string) => string | null
  /** Gets what a template threw; the message is then ours. */
  readonly onError: (error: unknown) => void
}

const PATHS: Readonly<Record<LetterKind, string | null>> = {
  invitation: '/invitation',
  'new-password': '/reset-password',
  registration: '/register/confirm',
  'already-registered': '/sign-in',
  approved: '/sign-in',
  'password-changed': null,
  'email-changed': null,
  'agent-made': '/profile/agents',
  'access-ends': null,
  'authenticator-changed': null,
  'second-factor-removed': null,
  'attempts-stopped': null,
}

/** @throws Undeliverable for a message that no header may hold. */
export async function compose(parts: ComposeParts, id: string, letter: Letter): Promise<Message> {
  const link = linkOf(parts.home, letter)
  const text = letterText(letter, parts.title, parts.placeOf)
  const standard: MailContent = {
    subject: text.subject,
    text: plainText(text, link),
    html: letterHtml({ title: parts.title, letter: text, link }),
  }
  const content = await rewritten(parts, letter, link, standard)
  const { subject, text: body, html } = content
  const envelope = { id, from: parts.from, to: letter.to }
  return checked({ ...envelope, subject, text: body, ...(html !== undefined && { html }) })
}

/** An address of ours that somebody opens from a letter, or that is handed over by hand. */
export function linkTo(home: string, path: string, token: string): string {
  return `${home}${path}?token=${encodeURIComponent(token)}`
}

function linkOf(home: string, letter: Letter): string | null {
  const path = PATHS[letter.kind]
  if (path === null) return null
  return 'token' in letter ? linkTo(home, path, letter.token) : `${home}${path}`
}

async function rewritten(
  { templates, title, onError }: ComposeParts,
  letter: Letter,
  link: string | null,
  standard: MailContent,
): Promise<MailContent> {
  const template = templates[letter.kind]
  if (!template) return standard
  const context: MailContext = {
    kind: letter.kind,
    to: letter.to,
    title,
    link,
    expiresAt: 'expiresAt' in letter ? new Date(letter.expiresAt) : null,
    by: 'by' in letter ? letter.by : null,
    default: standard,
  }
  try {
    return await template(context)
  } catch (error) {
    onError(error)
    return standard
  }
}

function plainText({ greeting, paragraphs, button, notes }: LetterText, link: string | null): string {
  const way = button !== null && link !== null ? [`${button}:\n${link}`] : []
  return `${[greeting, ...paragraphs, ...way, ...notes].join('\n\n')}\n`
}
