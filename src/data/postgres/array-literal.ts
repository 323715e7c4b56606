/**
 * PostgreSQL's own text of an array (its manual, section 8.15.6): `{1,NULL,"a \"b\""}`, `{{1,2},{3,4}}`.
 *
 * Texts of members alone; what they are is the codec's to say.
 */

/** NULL, the text of a member, or an array inside of the array. */
export type ArrayText = null | string | readonly ArrayText[]

/**
 * The members of an array; null for what is no array whose members count from 1, as `[0:1]={a,b}`,
 * whose numbering no list could give back.
 * @param delimiter What stands between members: a comma for every type but `box`.
 */
export function readArray(text: string, delimiter: string): readonly ArrayText[] | null {
  const [members, end] = readList(text, 0, delimiter) ?? []
  return members !== undefined && end === text.length ? members : null
}

export function writeArray(members: readonly ArrayText[], delimiter: string): string {
  return `{${members.map((one) => writeMember(one, delimiter)).join(delimiter)}}`
}

function writeMember(member: ArrayText, delimiter: string): string {
  if (member === null) return 'NULL'
  return typeof member === 'string'
    ? `"${member.replaceAll(/["\\]/g, '\\$&')}"`
    : writeArray(member, delimiter)
}

type Read<T> = readonly [T, number] | null

/** @param start Where the opening brace is; the answer ends behind the closing one. */
function readList(text: string, start: number, delimiter: string): Read<readonly ArrayText[]> {
  if (text[start] !== '{') return null
  const members: ArrayText[] = []
  let at = start + 1
  if (text[at] === '}') return [members, at + 1]
  while (at < text.length) {
    const read = readMember(text, at, delimiter)
    if (!read) return null
    members.push(read[0])
    at = read[1] + 1
    if (text[read[1]] === '}') return [members, at]
    if (text[read[1]] !== delimiter) return null
  }
  return null
}

function readMember(text: string, at: number, delimiter: string): Read<ArrayText> {
  if (text[at] === '{') return readList(text, at, delimiter)
  return text[at] === '"' ? readQuoted(text, at + 1) : readBare(text, at, delimiter)
}

function readQuoted(text: string, start: number): Read<string> {
  let member = ''
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '"') return [member, at + 1]
    if (text[at] === '\\') at += 1
    member += text[at] ?? ''
  }
  return null
}

function readBare(text: string, start: number, delimiter: string): Read<string | null> {
  let at = start
  while (at < text.length && text[at] !== delimiter && text[at] !== '}') at += 1
  const member = text.slice(start, at)
  if (member === '') return null
  return [member.toUpperCase() === 'NULL' ? null : member, at]
}
