/** A file that checkpoints are appended to: on another volume, or one that only grows (`chattr +a`). */

import { existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { type Anchor, AnchorFault, type KeptCheckpoint } from './anchor.ts'

export function fileAnchor(file: string): Anchor {
  return {
    label: `file ${file}`,
    async keep({ checkpoint, last }) {
      await mustEndWith(file, last)
      // one write at the end of the file, and on the disk before it counts
      const handle = await open(file, 'a', 0o600)
      try {
        await handle.writeFile(`${checkpoint.note}\n`)
        await handle.sync()
      } finally {
        await handle.close()
      }
      return checkpoint.note
    },
    async read(last) {
      await mustEndWith(file, last)
      return existsSync(file) ? readFileSync(file, 'utf8') : null
    },
  }
}

/** Reads the end alone, however long the file has become. */
async function mustEndWith(file: string, last: KeptCheckpoint | null): Promise<void> {
  if (!last) return
  const wanted = Buffer.from(`${last.note}\n`)
  if (existsSync(file)) {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const start = Math.max(0, size - wanted.byteLength)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted.byteLength), { position: start })
      if (buffer.subarray(0, bytesRead).equals(wanted)) return
    } finally {
      await handle.close()
    }
  }
  throw new AnchorFault('altered', `It does not end with checkpoint ${last.number}, which was kept there.`, {
    isAltered: true,
  })
}
