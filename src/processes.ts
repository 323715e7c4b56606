/**
 * One server in several processes, which share its port: the first process begins the others, hands the connections
 * to them in turn, and begins another one for each that ends.
 */

import cluster, { type Worker } from 'node:cluster'

/** What the first process and the others tell each other. */
type Word = 'ready' | 'stop'

const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 30_000

export interface SeveralProcesses {
  readonly count: number
  /** Hears of processes that ended by themselves. */
  readonly tell: (line: string) => void
  /** Resolves when all of them are to stop. */
  readonly stopped: Promise<void>
}

/** Heard from the beginning: it may be told while this process still opens its databases. */
const toldToStop = new Promise<void>((settle) => {
  if (!cluster.isWorker) return
  process.on('message', (word) => {
    if (word === ('stop' satisfies Word)) settle()
  })
})

/** Which of several processes this one is, from 1, in the order in which they were begun; null: it is the only one. */
export function placeAmongProcesses(): number | null {
  return cluster.worker?.id ?? null
}

/** Resolves when the process that began this one stops; never where there is none. */
export function whenToldToStop(): Promise<void> {
  return toldToStop
}

/** Says to the process that began this one that it serves; nothing where there is none. */
export function sayReady(): void {
  cluster.worker?.send('ready' satisfies Word)
}

/** Lets go of the process that began this one, which would keep this one running. */
export function letGo(): void {
  cluster.worker?.disconnect()
}

/**
 * Runs this very command in so many processes until it is stopped, and answers the exit code. The first of them begins
 * alone, so that what is made is made once, and what is wrong is said once.
 */
export async function inProcesses({ count, tell, stopped }: SeveralProcesses): Promise<number> {
  let isStopping = false
  const running = new Set<Worker>()
  const stop = stopped.then(() => {
    isStopping = true
    tell('Stopping: requests under way are finished first.')
    for (const worker of running) if (worker.isConnected()) worker.send('stop' satisfies Word)
  })

  function begin(isFirst: boolean): { readonly ready: Promise<boolean>; readonly ended: Promise<number> } {
    // the first one speaks for all; of the others only what goes wrong is heard
    cluster.setupPrimary({ stdio: ['ignore', isFirst ? 'inherit' : 'ignore', 'inherit', 'ipc'] })
    const worker = cluster.fork()
    running.add(worker)
    const ended = new Promise<number>((settle) => {
      worker.once('exit', (code: number | null, signal: string | null) => {
        running.delete(worker)
        if (!isStopping && signal !== null) tell(`A process was ended by ${signal}.`)
        settle(code ?? 1)
      })
    })
    const ready = new Promise<boolean>((settle) => {
      worker.on('message', (word) => {
        if (word === ('ready' satisfies Word)) settle(true)
      })
      void ended.then(() => settle(false))
    })
    return { ready, ended }
  }

  /** One place among the processes: whoever has it last is followed by another. */
  async function keep(first: ReturnType<typeof begin>): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    for (let one = first; ; one = begin(false)) {
      if (await one.ready) pauseMs = FIRST_PAUSE_MS
      await one.ended
      if (isStopping) return
      tell('A process has ended; another takes its place.')
      await Promise.race([stop, new Promise((settle) => setTimeout(settle, pauseMs))])
      if (isStopping) return
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    }
  }

  const first = begin(true)
  // stopped while it was still beginning: those that were begun now would hear nothing of it
  if (!(await first.ready) || isStopping) return await first.ended
  const all = [first, ...Array.from({ length: count - 1 }, () => begin(false))]
  void Promise.all(all.map(({ ready }) => ready)).then((areReady) => {
    if (areReady.every((isReady) => isReady)) tell(`${count} processes serve.`)
  })
  await Promise.all(all.map(keep))
  return 0
}
