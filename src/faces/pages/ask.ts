/** Asking the gate for something a page shows. */

import { AdminError } from '../../errors.ts'
import type { Call, Selection } from '../../gate/call.ts'
import type { Outcome } from '../../gate/outcome.ts'
import { type PageContext, principalOf } from './context.ts'

/** What a page asks for; who asks and from where comes with the page. */
export interface Ask {
  /** `orders.list`. */
  readonly action: string
  readonly key?: string
  readonly selection?: Selection
  readonly input?: unknown
}

/** Evidence and version that a form brought along. */
export type Brought = Pick<Call, 'reason' | 'ticket' | 'confirmation' | 'ifVersion'>

/** A page can't be shown before its reader has proved again who they are; thrown, because any part of a page may ask. */
export class ProofNeeded extends Error {
  override readonly name = 'ProofNeeded'
}

/** Performs a call of this page's principal. @throws AdminError as the gate does. */
export async function ask(page: PageContext, what: Ask, brought: Brought = {}): Promise<Outcome> {
  return page.house.gate.perform({
    principal: principalOf(page),
    origin: page.c.get('origin'),
    signal: page.c.req.raw.signal,
    action: what.action,
    input: what.input ?? null,
    ...(what.key !== undefined && { key: what.key }),
    ...(what.selection && { selection: what.selection }),
    ...brought,
  })
}

/**
 * The result of a reading action.
 *
 * The type is the caller's word for what the action answers: results cross the
 * gate untyped.
 *
 * @throws ProofNeeded; AdminError as the gate does.
 */
export async function read<Result>(page: PageContext, what: Ask): Promise<Result> {
  const outcome = await ask(page, what)
  switch (outcome.kind) {
    case 'done':
      return outcome.result as Result
    case 'step-up-required':
      throw new ProofNeeded(what.action)
    case 'confirmation-required':
    case 'approval-required':
      throw new AdminError(
        'denied',
        `${what.action} refused: a rule asks for ${outcome.kind === 'approval-required' ? 'an approval' : 'a confirmation'}, which a page that only shows can't give.`,
      )
  }
}

/** The same for a part of a page that may be missing: null when it is refused or fails. */
export async function readPart<Result>(page: PageContext, what: Ask): Promise<Result | null> {
  try {
    return await read<Result>(page, what)
  } catch (error) {
    if (error instanceof AdminError || error instanceof ProofNeeded) return null
    throw error
  }
}
