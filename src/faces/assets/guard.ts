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
    // rows that came, went or moved
    document.addEventListener('htmx:after:swap', update)
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

/** Field by field, and row by row with the place of each; the token is no change of anybody's. */
function valuesOf(form: HTMLFormElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let place = 0
  for (const [name, value] of new FormData(form)) {
    const text = typeof value === 'string' ? value.replaceAll('\r\n', '\n') : `${value.name} ${value.size}`
    const [, row] = ROW.exec(name) ?? []
    if (name.startsWith('~row.')) place += 1
    const own = row === undefined ? text : `${place} ${name} ${text}`
    if (name !== '_csrf') values.set(row ?? name, `${values.get(row ?? name) ?? ''}\u0000${own}`)
  }
  return values
}

/** What stands in one row of another record counts as one. */
const ROW = /^~(?:row|in|gone)(\.[^.]+\.\d+)/

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
