/** MariaDB for tests. */

import { join } from 'node:path'
import type { ServerOptions } from './postgres.ts'
import { accountOf, privateFolder, run, type Server, startServer } from './server.ts'
import { lendCertificate } from './tls.ts'

/** Makes a data folder under `parent` and starts a server over it. The superuser is `root`, without a password. */
export async function startMariadb(
  parent: string,
  { isDurable = false, tls }: ServerOptions = {},
): Promise<Server> {
  const account = accountOf('mysql')
  const folder = privateFolder(parent, 'mariadb', account)
  const data = join(folder, 'data')
  await run({ folder, account }, '/usr/bin/mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
  ])
  const shown = tls && lendCertificate(tls, folder, account)
  const settings = isDurable
    ? ['--innodb-flush-log-at-trx-commit=1']
    : ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0']
  return await startServer({
    name: 'mariadb',
    folder,
    account,
    command: '/usr/sbin/mariadbd',
    arguments: (port) => [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 's.sock')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      '--innodb-buffer-pool-size=128M',
      '--skip-log-bin',
      '--performance-schema=OFF',
      '--max-connections=200',
      ...settings,
      ...(shown ? [`--ssl-cert=${shown.certificate}`, `--ssl-key=${shown.key}`] : []),
    ],
    url: (port) => `mariadb://root@127.0.0.1:${port}/`,
    stopSignal: 'SIGTERM',
  })
}
