/** `castellan demo`: a sample shop on SQLite, made once and kept in a folder. */

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { newSecret } from '../../keys/secret.ts'
import { type Command, type Installation, UsageError, type Workshop } from './command.ts'
import { DEMO_FOLDER, demoDatabase, secretFile } from './installation.ts'
import { keepSecret, readSecret } from './secret-file.ts'
import { LISTENING, type Preparation, plainAddressOf, start, tlsAddressOf } from './start.ts'

export const demo: Command = {
  name: 'demo',
  summary: 'Start with a sample shop of some ten thousand records.',
  description: [
    'Makes the shop and a secret in the data folder when they are not there yet, serves them in',
    'debug, and prints a link to set up the first administrator. Delete the folder to start anew.',
  ].join('\n'),
  options: {
    'data-dir': { value: 'DIR', help: `Where the shop is kept (./${DEMO_FOLDER}).` },
    ...LISTENING,
  },
  async run(given, workshop) {
    if (workshop.environment['CASTELLAN_STORE_URL']) {
      throw new UsageError('The demo keeps everything in its own folder. Unset CASTELLAN_STORE_URL.')
    }
    const address = await tlsAddressOf(given, workshop)
    const folder = given.text('data-dir') ?? DEMO_FOLDER
    const basePath = given.text('base-path')
    const kept = workshop.environment['CASTELLAN_SECRET_KEY'] ? null : readSecret(secretFile(folder))
    const secret = kept ?? newSecret(workshop.randomBytes)
    const installation: Installation = {
      databases: [`sqlite:${demoDatabase(folder)}`],
      dataDir: folder,
      host: address.host,
      ...(!workshop.environment['CASTELLAN_SECRET_KEY'] && { secretKeys: [secret] }),
      ...(!workshop.environment['CASTELLAN_DEBUG'] && { debug: true }),
      ...(address.tls && { secureCookies: true }),
      ...(basePath !== undefined && { basePath }),
    }
    const isThere = existsSync(demoDatabase(folder))
    workshop.check(isThere ? installation : { ...installation, databases: ['sqlite::memory:'] })
    const preparation: Preparation = {
      async make() {
        if (kept === null && installation.secretKeys) keepSecret(secretFile(folder), secret)
        if (!isThere) await makeShop(folder, workshop)
        return installation
      },
      undo: () => undefined,
    }
    return await start(
      { address, plain: plainAddressOf(given, address) },
      preparation,
      workshop,
      () => undefined,
    )
  },
}

/** Under another name until it is whole, so that an interrupted start leaves no half a shop. */
async function makeShop(folder: string, workshop: Workshop): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unfinished = `${demoDatabase(folder)}.new`
  rmSync(unfinished, { force: true })
  workshop.terminal.tell(`Making the sample shop in ${folder} …`)
  try {
    await workshop.createDemoShop(unfinished)
    renameSync(unfinished, demoDatabase(folder))
  } finally {
    for (const rest of ['', '-wal', '-shm', '-journal']) rmSync(`${unfinished}${rest}`, { force: true })
  }
}
