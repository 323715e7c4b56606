/** What a form sends under the name of a file's field when there is to be no file; no base64 has such a character. */
export const REMOVED = '~none'
