/** `castellan serve`: an existing database, with nothing else configured. */

import { join } from 'node:path'
import { newSecret } from '../../keys/secret.ts'
import type { Command, Given, Installation, OpenAdmin, Workshop } from './command.ts'
import { installationOf, OWN_FOLDER, secretFile, WHERE } from './installation.ts'
import { keepSecret, removeSecret } from './secret-file.ts'
import { addressOf, LISTENING, type Preparation, start } from './start.ts'

export const serve: Command = {
  name: 'serve',
  summary: 'Administer an existing database.',
  description: [
    'Reads the tables of the database and serves a complete admin for them. On a loopback',
    'address, and without NODE_ENV=production, it runs in debug: plain HTTP is accepted and a',
    `secret is generated into ./${OWN_FOLDER}/secret. Elsewhere it needs CASTELLAN_SECRET_KEY.`,
  ].join('\n'),
  options: { ...WHERE, ...LISTENING },
  async run(given, workshop) {
    const address = addressOf(given)
    const { installation, ...preparation } = plan(given, workshop)
    workshop.check(installation)
    return await start(address, preparation, workshop, (admin) => report(admin, workshop))
  },
}

/** The installation, and the secret that has to be written once the port is taken. */
function plan(given: Given, workshop: Workshop): Preparation & { readonly installation: Installation } {
  const { host } = addressOf(given)
  const basePath = given.text('base-path')
  const debug = isDebugImplied(host, workshop)
  const found: Installation = {
    ...installationOf(given, workshop),
    host,
    ...(basePath !== undefined && { basePath }),
    ...(debug && { debug }),
  }
  const hasSecret = found.secretKeys !== undefined || Boolean(workshop.environment['CASTELLAN_SECRET_KEY'])
  if (hasSecret || !debug) return { installation: found, make: async () => found, undo: () => undefined }
  const secret = newSecret(workshop.randomBytes)
  const file = secretFile(given.text('data-dir') ?? join(workshop.folder, OWN_FOLDER))
  const installation = { ...found, secretKeys: [secret] }
  return {
    installation,
    async make() {
      keepSecret(file, secret)
      return installation
    },
    undo: () => removeSecret(file),
  }
}

/** Without a word on the matter, a server on loopback is a developer's own. */
function isDebugImplied(host: string, { environment, isLoopback }: Workshop): boolean {
  if (environment['CASTELLAN_DEBUG'] || environment['NODE_ENV'] === 'production') return false
  return isLoopback(host)
}

function report(admin: OpenAdmin, { terminal }: Workshop): void {
  const models = [...admin.models.values()].filter(({ name }) => !name.startsWith('castellan.'))
  terminal.tell(`Found ${models.length} models: ${models.map(({ name }) => name).join(', ')}.`)
  for (const { name, writable } of models) {
    if (writable.reason !== null) terminal.tell(`  ${name}: ${writable.reason}`)
  }
  for (const warning of admin.warnings) terminal.tell(`  ${warning}`)
  const { storeFile, debug } = admin.checked
  terminal.tell(`Castellan's own tables (castellan_…) are in ${storeFile ?? 'a temporary file'}.`)
  if (debug) terminal.tell('Debug is on: plain HTTP is accepted, for this machine alone.')
}
