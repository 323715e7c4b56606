/** Names and titles that are code somewhere else: in a letter they are letters. */

import { expect, test } from 'vitest'
import type { Letter } from '../../src/identity/letter.ts'
import { type ComposeParts, compose } from '../../src/mail/compose.ts'
import { checked, type Message } from '../../src/mail/message.ts'

const CORPUS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what template engines would run
  '${7*7}',
  '{{7*7}}',
  '<%= 7*7 %>',
  '#{7*7}',
  '{{constructor.constructor("return process")()}}',
  '%s%o%j',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ' class="button" \'',
]
const PARTS: ComposeParts = {
  from: 'admin@example.com',
  title: 'Night Shop',
  home: 'https://admin.example.com/admin',
  templates: {},
  onError: (error) => {
    throw error
  },
}

const letterTo = (name: string): Letter => ({
  kind: 'invitation',
  to: { name, email: 'ana@example.com' },
  token: 'TOKEN',
  expiresAt: Date.UTC(2026, 10, 21),
  by: name,
})

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

test.each(CORPUS)('%s is written as it is', async (payload) => {
  const { text, html = '' } = await compose({ ...PARTS, title: payload }, 'id', letterTo(payload))
  const plain = await compose(PARTS, 'id', letterTo('Ana'))

  expect(text.split(payload).length).toBeGreaterThan(2)
  expect(html.split(escaped(payload)).length).toBeGreaterThan(2)
  expect(text).not.toContain('49')
  // the same elements, whatever the values are
  expect(html.match(/<[^>]*>/g)).toEqual(plain.html?.match(/<[^>]*>/g))
})

test('control: text that is run, in place of text that is written, would answer', async () => {
  const run = (template: string): string =>
    template.replaceAll(/\{\{(\d+)\*(\d+)\}\}/g, (_whole, one, other) => String(Number(one) * Number(other)))
  const templates = {
    invitation: (context: {
      readonly default: Message | { readonly text: string; readonly subject: string }
    }) => ({ ...context.default, text: run(context.default.text) }),
  }

  expect((await compose({ ...PARTS, templates }, 'id', letterTo('{{7*7}}'))).text).toContain('49')
})

const BREAKS = ['\r\nBcc: eve@example.com', '\nBcc: eve@example.com', '\rx', '\u2028x', '\u0000', '\u0085x']

test.each(BREAKS.map((text) => [JSON.stringify(text), text]))('no header holds %s', async (_, text) => {
  const message: Message = { ...(await compose(PARTS, 'id', letterTo('Ana'))), html: '' }
  const { to } = message

  for (const broken of [
    { ...message, subject: `Hello${text}` },
    { ...message, from: `admin@example.com${text}` },
    { ...message, to: { ...to, name: `Ana${text}` } },
    { ...message, to: { ...to, email: `ana@example.com${text}` } },
  ])
    expect(() => checked(broken)).toThrow(expect.objectContaining({ name: 'Undeliverable' }))
})

test('control: the same message without it is taken', async () => {
  const message = await compose(PARTS, 'id', letterTo('Ana'))

  expect(checked(message)).toBe(message)
})

test.each(['a@example.com,b@example.com', 'a@example.com b@example.com', 'Ana <a@example.com>', 'a', ''])(
  'one recipient is one address, and %j is none',
  async (email) => {
    const message = await compose(PARTS, 'id', letterTo('Ana'))

    expect(() => checked({ ...message, to: { name: 'Ana', email } })).toThrow('one address')
  },
)

test('a message of the application that fails is sent as ours, and its error told', async () => {
  const errors: unknown[] = []
  const failing = { invitation: () => Promise.reject(new Error('no template')) }
  const message = await compose(
    { ...PARTS, templates: failing, onError: (error) => errors.push(error) },
    'id',
    letterTo('Ana'),
  )

  expect(message).toEqual(await compose(PARTS, 'id', letterTo('Ana')))
  expect(errors).toEqual([expect.objectContaining({ message: 'no template' })])
})
