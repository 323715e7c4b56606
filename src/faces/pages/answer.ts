/** Around every page that is for people who are signed in: its context, and the proof it may ask for. */

import type { Handler, Hono } from 'hono'
import type { Env } from '../../http/env.ts'
import type { House } from '../house.ts'
import { ProofNeeded } from './ask.ts'
import { type PageContext, pageContext } from './context.ts'
import { answerProofNeeded, takeProof } from './proof.tsx'

export type Answer = (page: PageContext) => Promise<Response>

/** A handler from a function of the page. */
export function answering(house: House, answer: Answer): Handler<Env> {
  return async (c) => {
    const page = pageContext(c, house)
    try {
      return await answer(page)
    } catch (error) {
      if (error instanceof ProofNeeded) return answerProofNeeded(page)
      throw error
    }
  }
}

/** A page that only shows: all that can be sent to it is the proof it asks for. */
export function reading(app: Hono<Env>, house: House, path: string, answer: Answer): void {
  app.get(path, answering(house, answer))
  app.post(path, answering(house, takeProof))
}
