/** After a refusal: to the summary, and from its lines into the fields. */

import { closest, find } from './dom.ts'

export function focusWhereNeeded(): void {
  find('[data-error-summary]')?.focus()
  document.addEventListener('click', (event) => {
    const link = closest<HTMLAnchorElement>(event.target, '[data-error-summary] a[href^="#"]')
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)))
    if (!field) return
    event.preventDefault()
    field.focus()
    field.scrollIntoView({ block: 'center' })
  })
}
