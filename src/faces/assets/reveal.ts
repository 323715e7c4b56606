/** Shows what was typed into a password field, while its button is pressed in. */

import { closest, find } from './dom.ts'

export function offerRevealing(): void {
  document.addEventListener('click', (event) => {
    const button = closest(event.target, '[data-reveal] > .input-end')
    const wrap = closest(button, '[data-reveal]')
    const input = wrap && find<HTMLInputElement>('input', wrap)
    if (!button || !wrap || !input) return
    const isShown = input.type === 'password'
    input.type = isShown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(isShown))
  })
}
