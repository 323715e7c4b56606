/** The paths of records, without the base path. */

export function modelPath(model: string): string {
  return `/m/${encodeURIComponent(model)}`
}

/** @param key As it stands in an address, not yet percent-encoded. */
export function recordPath(model: string, key: string): string {
  return `${modelPath(model)}/${encodeURIComponent(key)}`
}
