/** Pages of the library as text; what is put into them is escaped. */

class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | readonly Part[]

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, index) => text + written(parts[index] ?? '')).join(''))
}

export function page(title: string, body: Markup): string {
  return html`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
    <title>${title}</title><h1>${title}</h1>${body}</html>`.text
}

function written(part: Part): string {
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(written).join('')
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return String(part).replace(/[&<>"]/g, (character) => entities[character] ?? '')
}
