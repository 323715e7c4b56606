/** The few words in which the rest of the client speaks to the document. */

export function find<Found extends Element = HTMLElement>(
  selector: string,
  root: ParentNode = document,
): Found | null {
  return root.querySelector<Found>(selector)
}

export function findAll<Found extends Element = HTMLElement>(
  selector: string,
  root: ParentNode = document,
): Found[] {
  return [...root.querySelectorAll<Found>(selector)]
}

/** The element itself or the nearest around it, from wherever an event began. */
export function closest<Found extends Element = HTMLElement>(
  target: EventTarget | null,
  selector: string,
): Found | null {
  return target instanceof Element ? target.closest<Found>(selector) : null
}

/** An element with attributes and children; text stays text. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** A drawing of the sprite. */
export function drawing(sprite: string, name: string): Node {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${sprite}#${name}`)
  svg.append(use)
  return svg
}

/** Says it to those who hear the page. */
export function announce(text: string): void {
  const region = find('#live')
  if (!region) return
  region.textContent = ''
  requestAnimationFrame(() => {
    region.textContent = text
  })
}

/** Puts values in the places of a text from the page: `{n} results`. */
export function fill(
  template: string | undefined,
  values: Readonly<Record<string, string | number>>,
): string {
  return (template ?? '').replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** Parts of a page also arrive later: `work` runs for all that match, now and then, once each. */
export function forEachEver(selector: string, work: (found: HTMLElement) => void): void {
  const seen = new WeakSet<Element>()
  const run = (): void => {
    for (const found of findAll(selector)) {
      if (seen.has(found)) continue
      seen.add(found)
      work(found)
    }
  }
  run()
  document.addEventListener('htmx:after:swap', run)
}
