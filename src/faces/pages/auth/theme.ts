/** Choosing the theme, without a script: the cookie is set and one is back where one was. */

import type { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { Env } from '../../../http/env.ts'
import { safeNext } from '../../../http/return-address.ts'
import type { House } from '../../house.ts'
import { THEME_COOKIE, themeOf } from '../context.ts'

const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60

export function addTheme(app: Hono<Env>, house: House): void {
  app.post('/theme', (c) => {
    const form = c.get('form')
    const { basePath } = house.settings
    setCookie(c, THEME_COOKIE, themeOf(form?.get('theme')), {
      path: basePath || '/',
      httpOnly: true,
      secure: c.get('isSecure'),
      sameSite: 'Lax',
      maxAge: ONE_YEAR_SECONDS,
    })
    return c.redirect(safeNext(basePath, form?.get('next')), 303)
  })
}
