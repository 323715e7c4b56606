/** How much of a processor a server takes, on Linux: its own process, and those that it began. */

import { readdirSync, readFileSync } from 'node:fs'

/** Of a clock tick, which Linux counts processor time in. */
const TICK_MS = 10

/** Milliseconds since they began; null where the system does not tell. */
export function processorMs(pid: number): number | null {
  const own = statusOf(pid)
  if (!own) return null
  // those that have ended are counted with the process that began them
  let total = own.ms + own.endedMs
  for (const name of readdirSync('/proc')) {
    const other = /^\d+$/.test(name) ? statusOf(Number(name)) : null
    if (other?.parent === pid) total += other.ms
  }
  return total
}

interface Status {
  readonly parent: number
  readonly ms: number
  readonly endedMs: number
}

/** Fields 4 and 14 to 17 of `/proc/PID/stat`, which begin behind the name in parentheses. */
function statusOf(pid: number): Status | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) * TICK_MS
    return { parent: Number(fields[1]), ms: ticks(11), endedMs: ticks(13) }
  } catch {
    // ended meanwhile, or no such system
    return null
  }
}
