/** PostgreSQL for tests. */

import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { accountOf, privateFolder, run, type Server, startServer } from './server.ts'
import { type Certificate, lendCertificate } from './tls.ts'

export interface ServerOptions {
  /** Whether what is committed survives a kill; off by default, for speed. */
  readonly isDurable?: boolean
  /** What it shows to whoever asks for an encrypted connection; without one it has none. */
  readonly tls?: Certificate
}

/** Makes a cluster in a folder under `parent` and starts it. The superuser is `postgres`, without a password. */
export async function startPostgres(
  parent: string,
  { isDurable = false, tls }: ServerOptions = {},
): Promise<Server> {
  const programs = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)
  if (programs === undefined) throw new Error('PostgreSQL is not installed.')
  const account = accountOf('postgres')
  const folder = privateFolder(parent, 'postgres', account)
  const data = join(folder, 'data')
  await run({ folder, account }, join(programs, 'initdb'), [
    ...['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
  ])
  const shown = tls && lendCertificate(tls, folder, account)
  const settings = [
    'max_connections=200',
    'jit=off',
    ...(shown ? ['ssl=on', `ssl_cert_file=${shown.certificate}`, `ssl_key_file=${shown.key}`] : []),
    ...(isDurable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ]
  return await startServer({
    name: 'postgres',
    folder,
    account,
    command: join(programs, 'postgres'),
    arguments: (port) => [
      ...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    isReady: (port) => isReady(join(programs, 'pg_isready'), port),
    stopSignal: 'SIGINT',
  })
}

/** While it reads its files it accepts connections and turns them away. */
function isReady(program: string, port: number): Promise<boolean> {
  const child = spawn(program, ['-q', '-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  return new Promise((settle, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => settle(code === 0))
  })
}
