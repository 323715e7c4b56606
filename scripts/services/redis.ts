/** Redis for tests: in memory alone, reached from this machine alone. */

import { join } from 'node:path'
import { privateFolder, type Server, startServer } from './server.ts'

/** Starts a server in a folder under `parent`, empty each time. It starts in a moment, so a test file has one of its own. */
export async function startRedis(parent: string): Promise<Server> {
  const folder = privateFolder(parent, 'redis', null)
  return await startServer({
    name: 'redis',
    folder,
    account: null,
    command: '/usr/bin/redis-server',
    arguments: (port) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--pidfile', join(folder, 'pid')],
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    stopSignal: 'SIGTERM',
  })
}
