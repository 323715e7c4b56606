/** Counts what was changed in a form, and warns before it is lost. */

import { fill, find, forEachEver } from './dom.ts'

export function guardForms(): void {
  let isLeavingOnPurpose = false
  forEachEver('form[data-guard]', (found) => {
    if (!(found instanceof HTMLFormElement)) return
    const before = valuesOf(found)
    const update = (): void => show(found, changesBetween(before, valuesOf(found)))
    found.addEventListener('input', update)
    found.addEventListener('change', update)
    found.addEventListener('reset', () => queueMicrotask(update))
    found.addEventListener('submit', () => {
      isLeavingOnPurpose = true
    })
  })
  addEventListener('beforeunload', (event) => {
    if (!isLeavingOnPurpose && hasUnsaved()) event.preventDefault()
  })
  // Coming back to a page that the browser has kept: it can be left by mistake again.
  addEventListener('pageshow', () => {
    isLeavingOnPurpose = false
  })
}

/** After a refusal the form holds what was never saved, though nothing was typed since. */
function hasUnsaved(): boolean {
  return find('form[data-guard] [data-dirty][data-on], form[data-guard] [data-error-summary]') !== null
}

/** Field by field; the token is no change of anybody's. */
function valuesOf(form: HTMLFormElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of new FormData(form)) {
    const text = typeof value === 'string' ? value.replaceAll('\r\n', '\n') : `${value.name} ${value.size}`
    if (name !== '_csrf') values.set(name, `${values.get(name) ?? ''}\u0000${text}`)
  }
  return values
}

function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).length
}

function show(form: HTMLFormElement, changes: number): void {
  const line = find('[data-dirty]', form)
  if (!line) return
  line.toggleAttribute('data-on', changes > 0)
  line.textContent = words(line.dataset, changes)
}

function words(texts: DOMStringMap, changes: number): string {
  if (changes === 0) return texts['none'] ?? ''
  return changes === 1 ? (texts['one'] ?? '') : fill(texts['many'], { n: changes })
}
