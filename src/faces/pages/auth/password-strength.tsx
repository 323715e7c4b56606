/**
 * What is said of a new password while it is typed: the sentence comes from the
 * server, which judges it as it will when the form is sent. Without a script the
 * hint stands there, and the same judgement comes with the form.
 */

import type { Hono } from 'hono'
import type { Env } from '../../../http/env.ts'
import type { House } from '../../house.ts'
import { classes, type Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import type { PageContext } from '../context.ts'
import { onlyOne } from './flow.ts'

const PATH = '/password-strength'
/** The fields that hold a new password; the form is sent as it is, with whatever else is typed in it. */
const FIELDS: readonly string[] = ['password', 'next']

export function addPasswordStrength(app: Hono<Env>, house: House): void {
  app.post(PATH, (c) => {
    const principal = c.get('principal')
    const field = FIELDS.find((name) => c.get('form')?.has(name)) ?? 'password'
    const strength = house.identity.passwordStrength(onlyOne(c, field), {
      name: principal?.name ?? onlyOne(c, 'name'),
      email: principal?.email ?? onlyOne(c, 'email'),
    })
    return c.html(String(<Sentence {...strength} />))
  })
}

function Sentence({ isEnough, sentence }: { readonly isEnough: boolean; readonly sentence: string }): Html {
  return <span class={classes(isEnough && 'enough')}>{sentence}</span>
}

/** For the field: asks again once nothing was typed for a moment. */
export function askStrength(page: PageContext, id: string): Readonly<Record<string, string>> {
  return hx(page, {
    post: page.url(PATH),
    target: `#${id}-strength`,
    swap: 'innerHTML',
    trigger: 'input changed delay:400ms',
  })
}

/** Where the sentence stands, which is read out. */
export function StrengthLine({ id }: { readonly id: string }): Html {
  return <p class="hint" id={`${id}-strength`} role="status" />
}
