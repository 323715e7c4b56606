/** A browser's own description in few words: "Firefox on Windows". A hint for its owner, never a proof. */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

const UNKNOWN = 'Unknown browser'

export interface Device {
  readonly label: string
  readonly isPhone: boolean
}

/** What a passkey is called that was made there, until its owner calls it otherwise. */
export function deviceName(userAgent: string | null | undefined): string {
  const { label } = deviceOf(userAgent ?? null)
  return label === UNKNOWN ? 'Passkey' : label
}

export function deviceOf(userAgent: string | null): Device {
  const text = userAgent ?? ''
  const browser = nameIn(text, BROWSERS)
  const system = nameIn(text, SYSTEMS)
  const isPhone = /\b(iPhone|Android|Mobile)\b/.test(text)
  if (browser && system) return { label: `${browser} on ${system}`, isPhone }
  return { label: browser ?? system ?? UNKNOWN, isPhone }
}

function nameIn(text: string, names: readonly (readonly [RegExp, string])[]): string | undefined {
  return names.find(([pattern]) => pattern.test(text))?.[1]
}
