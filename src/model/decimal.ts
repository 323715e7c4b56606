/**
 * Decimals as text: their one canonical form, and their order.
 *
 * Money never passes through a floating-point number, so both work on the
 * digits alone.
 */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/

interface Parts {
  readonly isNegative: boolean
  /** Without leading zeros; empty for zero. */
  readonly whole: string
  /** Without trailing zeros. */
  readonly fraction: string
}

/**
 * The canonical form: no plus, no leading zeros, no exponent, no negative zero.
 *
 * With a scale there are exactly that many digits after the point; without one
 * trailing zeros are dropped. Null when the text is no decimal or has more
 * significant digits after the point than the scale allows.
 */
export function canonicalDecimal(text: string, scale: number | null): string | null {
  if (scale !== null && isCanonical(text, scale)) return text
  const parts = partsOf(text)
  if (!parts) return null
  if (scale !== null && parts.fraction.length > scale) return null
  const fraction = scale === null ? parts.fraction : parts.fraction.padEnd(scale, '0')
  const sign = parts.isNegative ? '-' : ''
  return `${sign}${parts.whole || '0'}${fraction === '' ? '' : `.${fraction}`}`
}

const PLAIN = /^(?:-?[1-9]\d*|0)\.\d+$/

/** What databases print most of the time is taken as it is, without being taken apart. */
function isCanonical(text: string, scale: number): boolean {
  return text.length - text.indexOf('.') - 1 === scale && PLAIN.test(text)
}

export function isDecimal(text: string): boolean {
  return partsOf(text) !== null
}

/**
 * The order of two decimals by their value: negative, zero or positive.
 * @throws RangeError when one of them is no decimal.
 */
export function compareDecimals(left: string, right: string): number {
  const a = partsOf(left)
  const b = partsOf(right)
  if (!a || !b) throw new RangeError('compareDecimals takes decimals.')
  if (a.isNegative !== b.isNegative) return a.isNegative ? -1 : 1
  const order = compareMagnitudes(a, b)
  return a.isNegative ? 0 - order : order
}

function partsOf(text: string): Parts | null {
  const found = DECIMAL.exec(text)
  if (!found) return null
  const [, sign = '', digits = '', tail = ''] = found
  if (digits === '' && tail === '') return null
  const whole = digits.replace(/^0+/, '')
  const fraction = tail.replace(/0+$/, '')
  return { isNegative: sign === '-' && (whole !== '' || fraction !== ''), whole, fraction }
}

function compareMagnitudes(a: Parts, b: Parts): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1
  if (a.fraction === b.fraction) return 0
  return a.fraction < b.fraction ? -1 : 1
}
