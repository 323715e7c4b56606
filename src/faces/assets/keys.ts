/** Key hints as this keyboard has them, and the controls that only scripts can serve. */

import { findAll, forEachEver } from './dom.ts'

export const isMac: boolean = /mac|iphone|ipad/i.test(navigator.userAgent)

export function nameKeys(): void {
  forEachEver('[data-palette], [data-copy], [data-close-toast], [data-reveal] > .input-end', (control) => {
    control.hidden = false
  })
  if (!isMac) return
  for (const hint of findAll('kbd[data-keys-mac]')) {
    const keys = hint.dataset['keysMac'] ?? ''
    if (hint.dataset['keys']) hint.dataset['keys'] = keys
    else hint.textContent = keys
  }
}
