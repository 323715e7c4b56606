/** What verifying a log answers, and the words and exit codes that say so. */

import type { ProofReport } from './proof-file.ts'
import { oneLine } from './syslog.ts'

interface Seen {
  /** Events and checkpoints that were looked at and found good. */
  readonly events: number
  readonly checkpoints: number
  /** Hex root of the tree over those events. */
  readonly root: string
  /** Hex SHA-256 of the public key that signed the last good checkpoint; null where none did. */
  readonly fingerprint: string | null
  /** Whether the caller brought the key, rather than the log itself. */
  readonly isPinned: boolean
  /** Where the key was changed: by which checkpoint, and hex SHA-256 of the key that signs from then on. */
  readonly handOvers: readonly { readonly checkpoint: number; readonly fingerprint: string }[]
  /** What is odd and no proof of anything: a clock that went back, an attempt without an end. */
  readonly warnings: readonly string[]
}

export type VerifyReport = Seen &
  (
    | { readonly kind: 'verified' }
    /** `sequence`: the first from which on the log is not what was signed. */
    | { readonly kind: 'tampered'; readonly sequence: number; readonly reason: string }
    /** Nothing found is wrong, but something that belongs to the log could not be checked. */
    | { readonly kind: 'incomplete'; readonly reason: string }
  )

/** 0 verified, 1 tampered, 2 incomplete. (3, wrong usage, is the caller's.) */
export function exitCodeOf({ kind }: Pick<VerifyReport, 'kind'>): 0 | 1 | 2 {
  if (kind === 'verified') return 0
  return kind === 'tampered' ? 1 : 2
}

/** The report as lines for a terminal, the outcome first. They hold nothing that an event says. */
export function reportLines(report: VerifyReport): readonly string[] {
  return [
    outcomeLine(report),
    keyLine(report),
    ...report.handOvers.map(
      ({ checkpoint, fingerprint }) => `handed over by checkpoint ${checkpoint} to key ${fingerprint}`,
    ),
    ...report.warnings.map((warning) => `warning: ${warning}`),
  ]
}

/** What a proof shows, as lines for a terminal; the event itself last. */
export function proofLines(report: ProofReport): readonly string[] {
  if (report.kind === 'tampered') return [`TAMPERED at sequence ${report.sequence}: ${report.reason}`]
  const { sequence, size, issuedAt, origin, fingerprint, event } = report
  return [
    `verified event ${sequence} of ${size} in ${origin}, signed at ${issuedAt}`,
    `key ${fingerprint} pinned`,
    oneLine(JSON.stringify(event)),
  ]
}

function outcomeLine(report: VerifyReport): string {
  switch (report.kind) {
    case 'verified':
      return `verified ${seenText(report)}`
    case 'tampered':
      return `TAMPERED at sequence ${report.sequence}: ${report.reason}`
    case 'incomplete':
      return `INCOMPLETE: ${report.reason} (${seenText(report)})`
  }
}

function seenText({ events, checkpoints, root }: VerifyReport): string {
  return `${events} events, ${checkpoints} checkpoints, root ${root}`
}

function keyLine({ fingerprint, isPinned }: VerifyReport): string {
  if (fingerprint === null) return 'key: none, nothing is signed yet'
  return `key ${fingerprint} ${isPinned ? 'pinned' : 'not pinned'}`
}
