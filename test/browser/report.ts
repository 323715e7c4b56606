/** What a browser reports about a page: the console, uncaught errors, and breaches of the page's own policy. */

import type { Page } from 'playwright-core'

/** Collects from now on; the array grows. Call it before the page is opened. */
export async function listen(page: Page): Promise<string[]> {
  const reports: string[] = []
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`violation of ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)
    })
  })
  page.on('pageerror', (error) => reports.push(`${page.url()} uncaught ${error}`))
  page.on('console', (message) => {
    const isWorse = message.type() === 'error' || message.type() === 'warning'
    // the page itself may answer 404 or 422, which the console says of every address
    const isAnswer =
      message.text().startsWith('Failed to load resource') && message.location().url === page.url()
    if (isWorse && !isAnswer) reports.push(`${page.url()} ${message.type()}: ${message.text()}`)
  })
  return reports
}
