/** Finds in a page what only an unescaped text could have put there. */

const TAG = /<([a-z][\w-]*)((?:\s+[^\s"'<>=/]+(?:="[^"]*")?)*)\s*\/?>|<(?:!--|[a-z])/gi
const ATTRIBUTE = /\s([^\s"'<>=/]+)(?:="([^"]*)")?/g
const ADDRESSES = ['href', 'src', 'action', 'formaction', 'srcset', 'hx-get', 'hx-post']
/** What browsers drop from the beginning and the middle of a scheme. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is dropped.
const DROPPED = /[\u0000-\u0020]/g

/** Each tag, attribute or address of the page that its own templates never write. */
export function escaped(html: string): readonly string[] {
  const found: string[] = []
  for (const [whole, name = '', attributes = ''] of html.matchAll(TAG)) {
    if (isForeignTag(name, attributes) || hasForeignAttribute(attributes)) found.push(whole)
  }
  return found
}

/** No page has these; a tag whose attributes can't be read has no name here. */
const NEVER = ['', 'base', 'img', 'iframe', 'object', 'embed', 'style']

function isForeignTag(name: string, attributes: string): boolean {
  if (name === 'script') return !attributes.includes(' nonce="')
  if (name === 'meta') return attributes.includes('refresh')
  return NEVER.includes(name.toLowerCase())
}

function hasForeignAttribute(attributes: string): boolean {
  return [...attributes.matchAll(ATTRIBUTE)].some(
    ([, name = '', value = '']) =>
      name === 'style' || /^on/i.test(name) || (ADDRESSES.includes(name) && !isPlain(value)),
  )
}

/** A path, an https address, a telephone number or an e-mail. */
function isPlain(value: string): boolean {
  const address = value.replace(DROPPED, '')
  return /^(?:[/?#]|https?:\/\/|mailto:|tel:|$)/i.test(address) || !/^[^/?#]*:/.test(address)
}
