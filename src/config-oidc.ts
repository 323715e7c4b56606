/** What an option `oidc` must not be, whatever its providers say. */

import type { Mistake } from './errors.ts'
import type { AdminOptions } from './options.ts'

type Given = Pick<AdminOptions, 'oidc' | 'people' | 'publicUrl' | 'debug'>

export function oidcMistakes({ oidc = [], people, publicUrl, debug = false }: Given): readonly Mistake[] {
  if (oidc.length === 0) return []
  const mistakes: Mistake[] = oidc.flatMap(({ id, issuer }, index) => {
    const place = `oidc[${index}]`
    const repeated = oidc.findIndex((other) => other.id === id) !== index
    const isTwice = repeated
      ? [{ id: 'C401', place, problem: `two providers are called "${id}".`, remedy: 'Name one otherwise.' }]
      : []
    return [...isTwice, ...issuerMistakes(`${place}.issuer`, issuer, debug)]
  })
  if (people) {
    mistakes.push({
      id: 'C403',
      place: 'oidc',
      problem: 'with "people" the application itself says who somebody is, and nobody beside it.',
      remedy: 'Leave one of the two out.',
    })
  }
  if (publicUrl === undefined && !debug) {
    mistakes.push({
      id: 'C404',
      place: 'publicUrl',
      problem: 'a provider sends people back to one address, which must not come from a request.',
      remedy: 'Set it to the origin that people type, such as "https://admin.example.com".',
    })
  }
  return mistakes
}

/** Over plain HTTP anybody on the way could say who somebody is. */
function issuerMistakes(place: string, issuer: string, debug: boolean): readonly Mistake[] {
  const { protocol, hostname } = new URL(issuer)
  const isLocal = debug && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'https:' || (protocol === 'http:' && isLocal)) return []
  const problem = 'must be an address that begins with "https://"; plain HTTP is for this machine in debug.'
  return [{ id: 'C402', place, problem, remedy: 'Use the https address of the provider.' }]
}
