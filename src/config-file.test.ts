import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfigFile } from './config-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'castellan-config-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

/** Each under a name of its own, since a module is loaded once. */
function file(text: string, ending = 'ts'): string {
  files += 1
  const path = join(folder, `${files}.config.${ending}`)
  writeFileSync(path, text)
  return path
}

test.each(['ts', 'mts', 'js', 'mjs'])(
  'loads the default export of a file that ends in %s',
  async (ending) => {
    expect(await loadConfigFile(file("export default { title: 'Shop' }", ending))).toEqual({ title: 'Shop' })
  },
)

test.each([
  [
    'has no default export',
    'export const title = 1',
    /^C405 .+: it has no default export\. Write "export default/,
  ],
  ['exports no object', 'export default 5', /^C406 .+: its default export is no object of options\./],
  ['exports a list', 'export default []', /^C406 /],
  ['exports a promise', 'export default Promise.resolve({})', /^C406 /],
  [
    'imports what is not installed',
    "import 'no-such-package'",
    /^C403 .+"no-such-package".+npm install no-such/,
  ],
  ['imports a file that is missing', "import './nowhere.js'", /^C403 .+nowhere\.js.+Check the path/],
  ['throws', "throw new Error('no port')", /^C404 .+it threw while it was loaded: no port\. /],
])('refuses a file that %s', async (_, text, says) => {
  const path = file(text, 'mjs')

  await expect(loadConfigFile(path)).rejects.toThrow(says)
  await expect(loadConfigFile(path)).rejects.toThrow(path)
})

test('refuses a file that is not there', async () => {
  await expect(loadConfigFile(join(folder, 'missing.ts'))).rejects.toThrow(/^C401 .+castellan init/)
})
