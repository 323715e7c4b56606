/** The pages as a face: every address they answer, by the rooms they are in. */

import { Hono } from 'hono'
import type { Env } from '../../http/env.ts'
import type { Face } from '../../http/face.ts'
import type { House } from '../house.ts'
import { settleHooks } from '../settle.ts'
import { reading } from './answer.ts'
import { addAgents } from './auth/agents.tsx'
import { addAuthenticators } from './auth/authenticators.tsx'
import { addLinks } from './auth/link.tsx'
import { addPasswordStrength } from './auth/password-strength.tsx'
import { addProfile } from './auth/profile.tsx'
import { addProviders } from './auth/provider.tsx'
import { addSessionStatus } from './auth/session-status.ts'
import { addSetUp } from './auth/set-up.tsx'
import { addSignIn } from './auth/sign-in.tsx'
import { addTheme } from './auth/theme.ts'
import { addWishes } from './auth/wish.tsx'
import { answerDashboard } from './dashboard.tsx'
import { answerError, isOfRecords } from './errors.tsx'
import { addOwnPages } from './own-page.tsx'
import { addRecords } from './record/routes.ts'
import { addSecurity } from './security/routes.ts'

export function createPages(house: House): Face {
  const app = new Hono<Env>()
  app.use(settleHooks(house))
  addOwnPages(app, house)
  addSetUp(app, house)
  addSignIn(app, house)
  addWishes(app, house)
  addLinks(app, house)
  addProviders(app, house)
  addTheme(app, house)
  addProfile(app, house)
  addAgents(app, house)
  addAuthenticators(app, house)
  addPasswordStrength(app, house)
  addSessionStatus(app, house)
  reading(app, house, '/', answerDashboard)
  addRecords(app, house)
  addSecurity(app, house)
  return {
    path: '',
    app,
    bodies: 'form',
    signInPath: '/sign-in',
    keepsForm: (path) => isOfRecords(house, path),
    onError: (error, c) => answerError(error, c, house),
  }
}
