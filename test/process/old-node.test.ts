/** The command on a Node.js that is too old: a sentence, before anything is loaded. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Runs the command on this Node.js, which says that it is another one. */
function on(version: string): Promise<{ readonly stdout: string }> {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
  return promisify(execFile)(process.execPath, ['--import', preload, 'bin/castellan.js', '--version'])
}

test.each(['20.20.2', '24.11.1'])('refuses Node.js %s', async (version) => {
  await expect(on(version)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: `Castellan needs Node.js 24.12 or newer; this is ${version}.\nInstall a newer one, or give the project its own: npm install --save-dev node@24\n`,
  })
})

test.each(['24.12.0', '26.0.0'])('runs on Node.js %s', async (version) => {
  expect((await on(version)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
