/** What the records of a model that nobody has described are called. */

import { singular, wordsOf } from './label.ts'
import { fieldOf, type Model } from './model.ts'
import { isLink, isLong, isReference, isTitleField, isTitleLike } from './shown.ts'

/** Names of titles, best first; `*` stands for the model's own name, `&` for the last word of it. */
const TITLES: readonly (readonly string[])[] = [
  ['name'],
  ['full name'],
  ['fullname'],
  ['display name'],
  // before the title, which on a person is what the person does
  ['first name', 'last name'],
  ['firstname', 'lastname'],
  ['first name', 'surname'],
  ['given name', 'family name'],
  ['forename', 'surname'],
  ['fname', 'lname'],
  ['title'],
  ['label'],
  ['*'],
  ['* name'],
  ['* title'],
  ['& name'],
  ['& title'],
  ['company name'],
  ['company'],
  ['caption'],
  ['headline'],
  ['heading'],
  ['subject'],
  ['topic'],
  ['question'],
  ['number'],
  ['* number'],
  ['* no'],
  ['& number'],
  ['order number'],
  ['invoice number'],
  ['reference number'],
  ['serial number'],
  ['reference'],
  ['code'],
  ['* code'],
  ['& code'],
  ['sku'],
  ['isbn'],
  ['username'],
  ['user name'],
  ['login'],
  ['nickname'],
  ['handle'],
  ['email'],
  ['email address'],
  ['e mail'],
  ['filename'],
  ['file name'],
  ['hostname'],
  ['domain'],
  ['slug'],
  ['key'],
  ['summary'],
  ['description'],
  ['* description'],
  ['desc'],
]

/** The fields that call a record by name; empty when none does. */
export function guessTitle(model: Model): readonly string[] {
  const usable = new Map(
    model.fields
      .filter((field) => isTitleLike(field) && !isLink(model, field.name))
      .map((field) => [wordsOf(field.name).join(' '), field.name]),
  )
  const words = wordsOf(singular(model.table))
  for (const pattern of TITLES) {
    const names = pattern.map((phrase) =>
      usable.get(phrase.replace('*', words.join(' ')).replace('&', words.at(-1) ?? '')),
    )
    const found = names.filter((name) => name !== undefined)
    if (found.length === names.length) return found
  }
  return onlyUnique(model) ?? firstText(model)
}

function onlyUnique(model: Model): readonly string[] | undefined {
  return model.uniques.find(
    ([name, ...more]) => more.length === 0 && isTitleField(model, name) && !isReference(model, name),
  )
}

/** A record that begins with a text is usually called by it; one that begins with a date, or has a word for a key, is not. */
function firstText(model: Model): readonly string[] {
  const isNatural = model.key?.some((name) => fieldOf(model, name)?.type === 'text') === true
  const first = model.fields.find((field) => !isReference(model, field.name))
  const isUsable = first?.type === 'text' && isTitleLike(first) && !isLong(first)
  return isUsable && !isNatural ? [first.name] : []
}
