import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { QrCode } from './qr-code.tsx'

/** The modules that the path of rectangles covers. */
function darkModules(html: string): ReadonlySet<string> {
  const dark = new Set<string>()
  for (const [, x, y, length] of html.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let step = 0; step < Number(length); step++) dark.add(`${Number(x) + step},${y}`)
  }
  return dark
}

test('draws exactly the dark modules, as one picture with a name', async () => {
  const text = 'otpauth://totp/Shop:ana@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Shop'
  const { data } = encode(text, { ecc: 'M', border: 0 })
  const expected = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : [])))

  const html = String(await (<QrCode text={text} label="Secret" />))

  expect(expected.length).toBeGreaterThan(200)
  expect([...darkModules(html)].sort()).toEqual(expected.sort())
  expect(html).toContain('role="img" aria-label="Secret"')
})
