/** The second verifier, in Python and over files alone: one process for all that a test file asks it. */

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export interface SecondReport {
  /** 0 verified, 1 tampered, 2 incomplete, 3 wrong usage. */
  readonly code: number
  readonly report: Readonly<Record<string, unknown>>
}

export interface SecondVerifier {
  /** As `python3 verify.py WORD…` answers. One question at a time. */
  ask(...words: readonly string[]): Promise<SecondReport>
  stop(): void
}

/** Debian's own, which `scripts/services` installs. */
const PYTHON = '/usr/bin/python3'
const SCRIPT = resolve('test/verifier/ask.py')

export function startSecondVerifier(): SecondVerifier {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(PYTHON, ['-B', SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: Interface = createInterface({ input: child.stdout })
  return {
    ask(...words) {
      return new Promise((answer, fail) => {
        const failed = (): void => fail(new Error('The second verifier has ended.'))
        lines.once('close', failed)
        lines.once('line', (line) => {
          lines.off('close', failed)
          const [code, report] = JSON.parse(line)
          answer({ code, report })
        })
        child.stdin.write(`${JSON.stringify(words)}\n`)
      })
    },
    stop: () => child.stdin.end(),
  }
}
