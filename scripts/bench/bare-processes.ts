/** The bare handler in several processes over one port: as `bare.ts`, with their number behind. */

import cluster from 'node:cluster'

if (cluster.isPrimary) {
  for (let n = 0; n < Number(process.argv[4]); n += 1) cluster.fork()
} else {
  await import('./bare.ts')
}
