/** What browsers and password managers are told of passwords, and that none ends by itself. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE } from '../client.ts'
import { type House, openHouse, type SignedIn, signInWith } from '../house.ts'

const YEAR = 365 * 86_400_000

let house: House
let ana: SignedIn
beforeAll(async () => {
  house = await openHouse({ sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY)' })
  ana = await house.signIn({ role: 'superadmin' })
})
afterAll(() => house.close())

function inputs(html: string): readonly string[] {
  return [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => tag)
}

function autocompleteOf(tag: string): string | undefined {
  return /autocomplete="([^"]*)"/.exec(tag)?.[1]
}

test('passwords are typed unseen, can be shown, pasted and filled in by managers', async () => {
  const signIn = (await house.visitor().get(`${BASE}/sign-in`)).text
  const profile = (await ana.client.get(`${BASE}/profile`)).text

  const secret = (html: string): readonly string[] =>
    inputs(html).filter((tag) => /type="password"/.test(tag))
  expect(secret(signIn).map(autocompleteOf)).toEqual(['current-password'])
  expect(secret(profile).map(autocompleteOf)).toEqual(['current-password', 'new-password', 'new-password'])
  for (const html of [signIn, profile]) {
    expect(html.match(/data-reveal/g)).toHaveLength(secret(html).length)
    for (const tag of secret(html)) expect(tag).not.toMatch(/readonly|\son\w+=/)
  }
  expect(inputs(signIn).filter((tag) => /name="password"/.test(tag))).toEqual(secret(signIn))
})

test('a password does not end by itself', async () => {
  house.clock.now += YEAR

  await signInWith(house.visitor(), ana.email, ana.code())
})

test('scripts are the same for everybody, and hold nothing of anybody', async () => {
  const { client } = await house.signIn({ name: 'Ben Unmistakable', role: 'superadmin' })
  const pages = [
    (await client.get(`${BASE}/m/notes`)).text,
    (await client.get(`${BASE}/people`)).text,
    (await house.visitor().get(`${BASE}/sign-in`)).text,
  ]

  // each by its address alone, which names the file by its content; none is written into a page
  const scripts = pages.map((html) => [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag))
  const addresses = scripts.map((tags) => tags.map((tag) => /\ssrc="([^"]+)"/.exec(tag)?.[1]))
  expect(pages[0]).toContain('Ben Unmistakable')
  expect(addresses[0]).toHaveLength(1)
  expect(addresses).toEqual([addresses[0], addresses[0], addresses[0]])
  expect(addresses.flat()).not.toContain(undefined)
})
