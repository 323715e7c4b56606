import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { Hono } from 'hono'
import { afterEach, expect, test } from 'vitest'
import { type Assets, openAssets, serveAsset } from './assets.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder as the build leaves it, with one style sheet and one font. */
function built(): Assets {
  const folder = mkdtempSync(join(tmpdir(), 'castellan-assets-'))
  folders.push(folder)
  writeFileSync(join(folder, 'app-ABC.css'), 'body{}')
  writeFileSync(join(folder, 'app-ABC.css.br'), brotliCompressSync('body{}'))
  writeFileSync(join(folder, 'inter-DEF.woff2'), 'font')
  writeFileSync(join(folder, 'secret.txt'), 'not an asset')
  const manifest = { 'app.css': 'app-ABC.css', 'inter.woff2': 'inter-DEF.woff2' }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return openAssets(pathToFileURL(`${folder}/`))
}

function ask(path: string, headers: Record<string, string> = {}): Response | Promise<Response> {
  const assets = built()
  const app = new Hono()
  app.get('/assets/:name', (c) => serveAsset(c, assets))
  return app.request(path, { headers })
}

test('calls a file by the hash of its content', () => {
  expect(built().nameOf('app.css')).toBe('app-ABC.css')
})

test('falls back to plain names where nothing was built', () => {
  expect(openAssets(new URL('file:///nowhere/at/all/')).nameOf('app.css')).toBe('app.css')
})

test('serves a file for good, compressed where the client takes that', async () => {
  const answer = await ask('/assets/app-ABC.css', { 'accept-encoding': 'gzip, br' })

  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  })
})

test('serves it as it is where the client does not say', async () => {
  const answer = await ask('/assets/app-ABC.css')

  expect(answer.headers.get('content-encoding')).toBeNull()
  expect(await answer.text()).toBe('body{}')
})

test('answers 304 to whoever has it', async () => {
  expect((await ask('/assets/app-ABC.css', { 'if-none-match': '"app-ABC.css"' })).status).toBe(304)
})

test.each(['app.css', 'secret.txt', 'manifest.json', '..%2Fassets%2Fapp-ABC.css'])(
  'serves nothing that the manifest does not name: %s',
  async (name) => {
    expect((await ask(`/assets/${name}`)).status).toBe(404)
  },
)
