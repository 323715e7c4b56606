/**
 * Statements over one lent connection, one after another, for as long as it is
 * lent: as the `Connection` that the rest of the house works with.
 */

import type { Answer } from '../connection.ts'
import { connectionOver } from '../connection.ts'
import type { Connection } from '../database.ts'
import { isConflict, isLost } from './fault.ts'
import type { Link } from './link.ts'
import { withLiterals } from './literal.ts'
import type { MysqlEngine } from './setting.ts'

export interface Session {
  readonly connection: Connection
  /** Runs the text of one statement, as the connection does. */
  run(text: string): Promise<Answer>
  /**
   * The error that ended the transaction on the server, if one did. From there on every statement fails
   * with it: the server would run and keep what follows as if there had been no transaction.
   */
  readonly ended: unknown
  /** A statement is under way. */
  readonly isRunning: boolean
  /** Takes no more statements; resolves when the one under way is done. */
  close(): Promise<void>
}

export function sessionOn(engine: MysqlEngine, link: Link): Session {
  let isOpen = true
  let ended: unknown = null
  let running = 0
  let last: Promise<unknown> = Promise.resolve()

  async function turn(text: string): Promise<Answer> {
    if (!isOpen) throw new TypeError('The transaction of this connection has ended.')
    if (ended !== null) throw ended
    running += 1
    try {
      return await link.run(text)
    } catch (error) {
      if (isConflict(error) || isLost(error)) ended = error
      throw error
    } finally {
      running -= 1
    }
  }

  function run(text: string): Promise<Answer> {
    const answer = last.then(() => turn(text))
    last = answer.catch(() => {})
    return answer
  }

  return {
    connection: connectionOver(engine, (text, parameters) => run(withLiterals(text, parameters))),
    run,
    get ended() {
      return ended
    },
    get isRunning() {
      return running > 0
    },
    async close() {
      isOpen = false
      await last
    },
  }
}
