/**
 * The one error that crosses module boundaries, and the one table of its codes.
 *
 * Refusals and faults are thrown as `AdminError`; next steps are values
 * (`gate/outcome.ts`); anything else that is thrown is a bug and is answered as
 * `internal`. The HTTP status stands here and never at the throw.
 */

/** What each code answers over HTTP. A code, once published, keeps its meaning. */
export const STATUS = {
  'invalid-input': 422,
  unauthenticated: 401,
  denied: 403,
  'forged-request': 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'limit-exceeded': 429,
  'data-source-failed': 503,
  misconfigured: 500,
  internal: 500,
} as const

export type ErrorCode = keyof typeof STATUS

/** One mistake in a configuration: found at start, with all the others. */
export interface Mistake {
  /** A stable id such as `M104`, by which the documentation is searched. */
  readonly id: string
  /** Where: `models.orders.customer`, `--port`, `CASTELLAN_SECRET_KEY`. */
  readonly place: string
  readonly problem: string
  readonly remedy: string
}

export interface AdminErrorDetails {
  /** Per field name, the sentences that say what is wrong with it. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Ids of the policy rules that refused. */
  readonly rules?: readonly string[]
  readonly retryAfterSeconds?: number
  readonly mistakes?: readonly Mistake[]
  readonly cause?: unknown
}

/**
 * A refusal or a fault that the caller is told about.
 *
 * The message is one sentence that says what was refused, why, and what to do;
 * it never holds a secret, a record's value, SQL or a stack.
 */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly code: ErrorCode
  readonly fields: Readonly<Record<string, readonly string[]>> | undefined
  readonly rules: readonly string[]
  readonly retryAfterSeconds: number | undefined
  readonly mistakes: readonly Mistake[]

  constructor(code: ErrorCode, message: string, details: AdminErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.fields = details.fields
    this.rules = details.rules ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
    this.mistakes = details.mistakes ?? []
  }

  get status(): number {
    return STATUS[this.code]
  }
}

/** Collects configuration mistakes into the one error that reports them all. */
export function misconfigured(
  mistakes: readonly Mistake[],
  { cause }: { readonly cause?: unknown } = {},
): AdminError {
  const lines = mistakes.map((one) => `${one.id} ${one.place}: ${one.problem} ${one.remedy}`)
  return new AdminError('misconfigured', lines.join('\n'), {
    mistakes,
    ...(cause !== undefined && { cause }),
  })
}

/**
 * `Did you mean "x"?` for the known word that is nearest to a mistyped one, or
 * an empty text when none is near: at most one slip for every four characters.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(word.length / 4))
  const [best] = known
    .map((candidate) => ({ candidate, slips: slipsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ slips }) => slips <= limit)
    .sort((a, b) => a.slips - b.slips)
  return best ? `Did you mean "${best.candidate}"?` : ''
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
function slipsBetween(from: string, to: string): number {
  let beforePrevious: readonly number[] = []
  let previous: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          isSwap ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforePrevious = previous
    previous = current
  }
  return previous.at(-1) ?? 0
}
