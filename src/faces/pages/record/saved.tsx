/** The message after a change: what was done, and the way to its proof. */

import type { Model } from '../../../model/model.ts'
import type { Child } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { recordPath } from './paths.ts'

/** @param done "Saved", "Made the order": what was done, without a full stop. */
export function doneWithProof(page: PageContext, model: Model, key: string, done: string): Child {
  return (
    <>
      {`${done.charAt(0).toUpperCase()}${done.slice(1)}. `}
      <a class="link" href={page.url(`${recordPath(model.name, key)}/history`)}>
        See it in the history
      </a>
    </>
  )
}

/** The same for whoever may not read the history. */
export const DONE_WITHOUT_PROOF = 'Saved. The change is in the audit log.'
