/** Prints the closing line of a test run: `N passed, N failed`. */
import type { Reporter, TestModule } from 'vitest/node'

export const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') count[state] += 1
      }
      if (module.errors().length > 0) count.failed += 1
      // a hook that fails leaves its tests out: nothing of them is seen to pass, so it counts
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed += 1
    }
    count.failed += errors.length
    if (process.env['CI']) count.failed += count.skipped
    process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`)
  },
}
