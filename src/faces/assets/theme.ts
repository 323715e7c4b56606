/**
 * Switching the theme where one is. The cookie is the server's, so that the
 * next page has it from its first byte.
 */

import { closest, findAll } from './dom.ts'

export function switchThemes(): void {
  document.addEventListener('submit', (event) => {
    const form = closest<HTMLFormElement>(event.target, '[data-theme-form]')
    const button = event.submitter
    if (!form || !(button instanceof HTMLButtonElement)) return
    event.preventDefault()
    show(button.value)
    for (const one of findAll('button', form)) one.setAttribute('aria-pressed', String(one === button))
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(form, button)) body.append(name, String(value))
    void keep(form, body)
  })
}

function show(theme: string): void {
  const root = document.documentElement
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme
  else delete root.dataset['theme']
}

/** Where it can't be kept, the theme holds for this page alone. */
async function keep(form: HTMLFormElement, body: URLSearchParams): Promise<void> {
  await fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => null)
}
