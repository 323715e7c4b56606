import { expect, test } from 'vitest'
import { deviceOf } from './device.ts'

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
    'Edge on Windows',
    false,
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
    true,
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux', false],
  ['curl/8.5.0', 'curl', false],
  ['<script>', 'Unknown browser', false],
])('calls %s %s', (userAgent, label, isPhone) => {
  expect(deviceOf(userAgent)).toEqual({ label, isPhone })
})

test('has a name for a browser that says nothing', () => {
  expect(deviceOf(null)).toEqual({ label: 'Unknown browser', isPhone: false })
})
