/** The tables of what is known of the application's databases: their shape when it was last seen, and every column. */

export interface SchemaTables {
  /** One row a data source: what a server found at its last start. */
  castellan_source: { id: string; fingerprint: string; seen_at: string }
  /** One row a column that was ever seen, whether it is still there or not. */
  castellan_field: {
    /** 32 hex digits made of source, model and column, which may be too long for an index. */
    id: string
    source: string
    model: string
    field: string
    type: string
    /** How sensitive its name and type say that it is, when it was first seen. */
    guess: string
    /** Null: it appeared after its database was first connected, and waits. */
    sensitivity: string | null
    /** Who decided that it is as sensitive as that; null: its name and type. */
    decided_by: string | null
    found_at: string
    decided_at: string | null
  }
}
