/** Temporary files in memory, where there is room: tests make and drop databases by the thousand. */

import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
/** What the servers and the houses of a run may come to; a deep one has large tables. */
const ROOM_BYTES = (process.env['CASTELLAN_TEST_RUNS'] === undefined ? 4 : 12) * 2 ** 30

/** For this process and what it starts; a folder that somebody chose stays. It is gone when this process ends. */
export function useMemory(): void {
  if (process.env['TMPDIR'] !== undefined || !existsSync(MEMORY)) return
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize < ROOM_BYTES) return
  const folder = mkdtempSync(join(MEMORY, 'castellan-'))
  // the servers work in it under accounts of their own
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}
