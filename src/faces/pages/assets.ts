/**
 * The client code, styles, icons and fonts that `scripts/assets.ts` has built,
 * by their plain names.
 *
 * Served public and immutable: a name carries the hash of its content. Without
 * a build (unit tests run from source) plain names stand in, and pages render.
 */

import { readFileSync } from 'node:fs'
import type { Context } from 'hono'

export interface Assets {
  /** The hashed file name of `core.js`, `app.css`, `icons.svg`, `inter-latin.woff2` … */
  nameOf(plain: string): string
  /** The file of that hashed name as a client that accepts `encodings` gets it; null when there is none. */
  read(name: string, encodings: string): AssetFile | null
}

export interface AssetFile {
  readonly content: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly encoding: 'br' | 'gzip' | null
}

/** Beside the compiled faces: `dist/assets`. */
const FOLDER = new URL('../../assets/', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
}

const ENCODINGS = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const

/** @param folder A folder URL that ends in a slash. */
export function openAssets(folder: URL): Assets {
  const manifest = readManifest(folder)
  const known = new Set(Object.values(manifest))
  const kept = new Map<string, AssetFile | null>()
  return {
    nameOf: (plain) => manifest[plain] ?? plain,
    read(name, encodings) {
      if (!known.has(name)) return null
      const accepted = ENCODINGS.filter(({ encoding }) => encodings.includes(encoding))
      for (const { encoding, suffix } of [...accepted, { encoding: null, suffix: '' }]) {
        const file = `${name}${suffix}`
        if (!kept.has(file)) kept.set(file, readAsset(folder, name, encoding, suffix))
        const found = kept.get(file)
        if (found) return found
      }
      return null
    },
  }
}

let built: Assets | undefined

/** The assets of this build, read when first asked for. */
export function builtAssets(): Assets {
  built ??= openAssets(FOLDER)
  return built
}

/** Answers `GET /assets/:name`; reachable without a session. */
export function serveAsset(c: Context, assets: Assets = builtAssets()): Response | Promise<Response> {
  const name = c.req.param('name') ?? ''
  const file = assets.read(name, c.req.header('accept-encoding') ?? '')
  if (!file) return c.notFound()
  const tag = `"${name}${file.encoding ? `.${file.encoding}` : ''}"`
  c.header('Cache-Control', 'public, max-age=31536000, immutable')
  c.header('ETag', tag)
  c.header('Vary', 'Accept-Encoding')
  if (c.req.header('if-none-match') === tag) return c.body(null, 304)
  c.header('Content-Type', file.type)
  if (file.encoding) c.header('Content-Encoding', file.encoding)
  return c.body(file.content)
}

function readManifest(folder: URL): Readonly<Record<string, string>> {
  const text = readIfThere(new URL('manifest.json', folder))
  return text === null ? {} : JSON.parse(new TextDecoder().decode(text))
}

function readAsset(
  folder: URL,
  name: string,
  encoding: AssetFile['encoding'],
  suffix: string,
): AssetFile | null {
  const content = readIfThere(new URL(`${name}${suffix}`, folder))
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
  return content && type ? { content, type, encoding } : null
}

/** Fonts have no compressed form beside them, and a source tree has no assets at all. */
function readIfThere(url: URL): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(readFileSync(url))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
