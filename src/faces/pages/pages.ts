/** The pages as a face: every route of theirs, and how a refusal looks. */

import { Hono } from 'hono'
import type { AdminError } from '../../errors.ts'
import type { Env, RequestContext } from '../../http/env.ts'
import type { Face } from '../../http/face.ts'
import type { House } from '../house.ts'
import { addProfile } from './auth/profile.tsx'
import { addSetUp } from './auth/set-up.tsx'
import { addSignIn } from './auth/sign-in.tsx'
import { addTheme } from './auth/theme.ts'
import { answerError } from './errors.tsx'

export function createPages(house: House): Face {
  const app = new Hono<Env>({ strict: false })
  addSetUp(app, house)
  addSignIn(app, house)
  addTheme(app, house)
  addProfile(app, house)
  return {
    path: '',
    app,
    bodies: 'form',
    signInPath: '/sign-in',
    onError: (error: AdminError, c: RequestContext) => answerError(error, c, house),
  }
}
