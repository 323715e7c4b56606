/**
 * The bytes of one field, as a file to be kept: never shown as a document of
 * this origin, whatever they are.
 */

import { AdminError } from '../errors.ts'
import type { RecordView } from '../gate/records.ts'

/**
 * @param record As its reader sees it: a field that they may not read is not in it.
 * @throws AdminError `not-found` alike for a field that is not there, not theirs, empty, or holds no bytes.
 */
export function contentOf({ model, key, values }: RecordView, field: string): Response {
  const bytes = Object.hasOwn(values, field) ? values[field] : null
  if (!(bytes instanceof Uint8Array)) {
    throw new AdminError('not-found', 'There is no file here.')
  }
  return new Response(Uint8Array.from(bytes), {
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${fileName(model, key ?? '', field)}"`,
    },
  })
}

/** `products-42-photo.bin`: nothing that a header or a file system reads as more than a name. */
function fileName(...parts: readonly string[]): string {
  const name = parts.map((part) => part.replaceAll(/[^\w-]+/g, '_').slice(0, 60)).join('-')
  return `${name}.bin`
}
