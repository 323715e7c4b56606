/**
 * The tables of the audit log.
 *
 * Events, nodes and checkpoints are append-only by trigger; the one update that
 * is let through gives an event its sequence. Every column of an event beside
 * `event` is a projection of it, for queries; the verifier checks that they agree.
 */

import type { ColumnType } from 'kysely'

/** SQLite hands integers back as bigint, other engines as number. */
type Whole = ColumnType<number | bigint, number | bigint, number | bigint>
type WholeOrNull = ColumnType<number | bigint | null, number | bigint | null, number | bigint | null>

export interface AuditEventTable {
  /** The order of insertion; not part of the log's format. */
  entry: ColumnType<number | bigint, never, never>
  /** 128 random bits, 32 hex digits. */
  id: string
  /** Null until the sequencer has placed it in the tree; then gapless from 1. */
  sequence: WholeOrNull
  /** RFC 3339, UTC, microseconds. */
  occurred_at: string
  principal_kind: string
  principal_id: string
  principal_label: string
  session: string | null
  action: string
  kind: string
  severity: string
  model: string | null
  record_key: string | null
  record_label: string | null
  outcome: string
  /** 1 when the record it is about is another one afterwards. */
  is_change: ColumnType<number | bigint, number, number>
  code: string | null
  reason: string | null
  ticket: string | null
  address: string
  request_id: string
  /** Canonical JSON (RFC 8785): the bytes that the leaf is over. */
  event: string
  /** 32 bytes: SHA-256(0x00 ‖ event). */
  leaf: Uint8Array
}

export interface AuditNodeTable {
  /** 0: a leaf hash; n: the root of 2^n leaves. */
  level: Whole
  /** The subtree covers leaves `position × 2^level` up to the next, counted from 0. */
  position: Whole
  hash: Uint8Array
}

export interface AuditCheckpointTable {
  /** From 1, in the order of signing. */
  number: Whole
  /** How many events it covers. */
  size: Whole
  root: Uint8Array
  issued_at: string
  /** The signed note, whole. */
  note: string
}

/** A personal value of an event, readable only with the key of its subject. */
export interface AuditSealedTable {
  event_id: string
  /** Which of the event's changes, from 0. */
  position: Whole
  side: 'before' | 'after'
  subject: string
  /** nonce (12) ‖ AES-256-GCM(salt (16) ‖ value) ‖ tag (16). */
  ciphertext: Uint8Array
}

export interface AuditSubjectTable {
  /** `model:key` of the record that the values belong to. */
  subject: string
  /** The `subject` key that wraps it. */
  key_id: string
  /** nonce (12) ‖ AES-256-GCM(data key (32)) ‖ tag (16). */
  wrapped: Uint8Array
}

/** How far a sink has come. */
export interface AuditSinkTable {
  /** As the option calls it. */
  name: string
  /** Of the last event that it has taken; 0: none. */
  sequence: Whole
  /** Since the last one that succeeded. */
  attempts: Whole
  created_at: string
  /** When the next attempt may be made; while one is under way, when it counts as given up. */
  due_at: string
  failing_since: string | null
  /** Since when the log says that it is behind. */
  alarmed_at: string | null
}

/** What one anchor has kept of the log, and how it fares. */
export interface AuditAnchorTable {
  /** A hash of the label. */
  id: string
  /** Kind and place, never a secret. */
  label: string
  /** The last checkpoint that it kept; 0: none yet. */
  number: Whole
  size: Whole
  /** As it was kept: from a witness with its cosignature. */
  note: string | null
  kept_at: string | null
  /** Why it failed last; null: it did not. */
  code: string | null
  failing_since: string | null
  /** Since when it is an alarm that it keeps nothing. */
  alarmed_at: string | null
  /** Nobody tries it before. */
  due_at: string
}

export interface AuditTables {
  castellan_audit_event: AuditEventTable
  castellan_audit_node: AuditNodeTable
  castellan_audit_checkpoint: AuditCheckpointTable
  castellan_audit_sealed: AuditSealedTable
  castellan_audit_subject: AuditSubjectTable
  castellan_audit_sink: AuditSinkTable
  castellan_audit_anchor: AuditAnchorTable
}
