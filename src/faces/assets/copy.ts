/** Buttons that copy a text. */

import { announce, closest } from './dom.ts'

export function offerCopying(): void {
  document.addEventListener('click', (event) => {
    const button = closest(event.target, '[data-copy]')
    if (button) void copy(button)
  })
}

/** Without the right to the clipboard the text is still there to be selected. */
async function copy(button: HTMLElement): Promise<void> {
  const { copy: text = '', copied = '' } = button.dataset
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    return
  }
  announce(copied)
  const before = button.title
  button.title = copied
  button.dataset['done'] = ''
  setTimeout(() => {
    button.title = before
    delete button.dataset['done']
  }, 2000)
}
