/**
 * The port of anchors: places outside of the store that keep checkpoints of the log.
 *
 * Whoever rewrites the log, or cuts it off, cannot rewrite what is kept there: one
 * honest anchor is enough to see it. An anchor decides nothing about the log.
 */

export interface KeptCheckpoint {
  /** From 1, in the order of signing. */
  readonly number: number
  readonly size: number
  /** The signed note; from a witness with its cosignature. */
  readonly note: string
}

export interface Keeping {
  readonly checkpoint: KeptCheckpoint
  /** What the anchor took last; null: nothing yet. */
  readonly last: KeptCheckpoint | null
  /** Hashes that prove that the tree of `from` events begins the tree of the checkpoint (RFC 6962, section 2.1.2). */
  consistency(from: number): Promise<readonly Uint8Array[]>
}

export interface Anchor {
  /** What it is called in pages, logs and reports: its kind and place, and never a secret. */
  readonly label: string
  /**
   * Keeps the checkpoint, and answers the note as it is kept.
   * @throws AnchorFault, or whatever the network throws; it is tried again.
   */
  keep(keeping: Keeping): Promise<string>
  /** The signed notes that it holds; null where it can't be asked. @throws AnchorFault. */
  read(last: KeptCheckpoint | null): Promise<string | null>
}

/** Why an anchor did not keep a checkpoint. `isAltered`: it has lost or changed what it had kept, which no retry mends. */
export class AnchorFault extends Error {
  override readonly name = 'AnchorFault'
  readonly code: string
  readonly isAltered: boolean

  constructor(code: string, message: string, { isAltered = false }: { readonly isAltered?: boolean } = {}) {
    super(message)
    this.code = code
    this.isAltered = isAltered
  }
}

/** What of an error may be logged: its code, and never its words, in which there may be an address or a secret. */
export function anchorCodeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (typeof code === 'string' && /^[\w-]{1,60}$/.test(code)) return code
  return error instanceof Error && error.name === 'TimeoutError' ? 'timed-out' : 'failed'
}
