/** Tests that fill in forms without a browser read them as a browser does. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardedForm } from '../browser-form.ts'
import { openVisitors, type Visitors } from './site.ts'

const VALUES = [
  '',
  ' spaces ',
  'two\nlines',
  '\nfirst empty',
  'a\r\nb\rc',
  '2026-11-21',
  '2026-02-30',
  '0000-00-00',
  '07:30',
  '07:30:00',
  '07:30:05.120',
  '24:00:00',
  '99:00',
  '2026-11-21T07:30:00',
  '2026-11-21T07:30:00.5',
  '2026-02-30T07:30',
  '2026-11-21 07:30',
  '1.50',
  'é &amp; <b> "quoted"',
  '\u00a0 ',
]
const TYPES = ['text', 'email', 'url', 'password', 'search', 'hidden', 'date', 'time', 'datetime-local']

let visitors: Visitors
beforeAll(async () => {
  visitors = await openVisitors()
})
afterAll(() => visitors?.close())

test('reads what each kind of control makes of a value as Chromium does', async () => {
  const html = `<form method="post" data-guard="">${VALUES.map(controls).join('\n')}</form>`
  const context = await visitors.visitor()
  const page = await context.newPage()
  await page.setContent(html)

  const sent = await page.evaluate(() => {
    const form = document.querySelector('form')
    if (!form) throw new Error('No form.')
    return [...new FormData(form)].map(([name, value]) => [name, String(value)])
  })
  await context.close()

  const read = [...new URLSearchParams(guardedForm(html).body())]
  expect(read.length).toBeGreaterThan(VALUES.length * TYPES.length)
  expect(read).toEqual(sent.map(([name = '', value = '']) => [name, value.replaceAll(/\r\n?|\n/g, '\r\n')]))
})

function controls(value: string, at: number): string {
  const safe = escaped(value)
  return [
    ...TYPES.map((type) => `<input type="${type}" step="any" name="${type}${at}" value="${safe}"/>`),
    `<textarea name="area${at}">${safe}</textarea>`,
    `<select name="select${at}"><option value="">None</option><option value="${safe}" selected="">It</option><option>x</option></select>`,
    `<select name="first${at}"><option value="${safe}">It</option><option value="x">x</option></select>`,
    `<input type="checkbox" name="off${at}" value="${safe}"/><input type="checkbox" name="on${at}" value="${safe}" checked=""/>`,
    `<input type="radio" name="radio${at}" value="${safe}" checked=""/><input type="radio" name="radio${at}" value="x" checked=""/>`,
    `<input name="gone${at}" value="${safe}" disabled=""/>`,
  ].join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
