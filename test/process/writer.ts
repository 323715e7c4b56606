/** Someone who changes one record again and again over the API, until nobody answers any more. */

export function range(count: number, step: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * step)
}

export interface Writing {
  readonly url: string
  readonly token: string
  readonly round: number
  /** Told after each change that was acknowledged. */
  onAcknowledged(): void
}

/** Writes to one record, one change after the other, until it fails; the last note that was acknowledged. */
export async function writeUntilDead(
  id: number,
  { url, token, round, onAcknowledged }: Writing,
): Promise<string | null> {
  let acknowledged: string | null = null
  for (let n = 0; ; n += 1) {
    const note = `round ${round}, change ${n}`
    const status = await write(url, token, id, note)
    // nobody is there any more, or nobody behind them
    if (status === null || status === 503) return acknowledged
    if (status !== 200) throw new Error(`The change was answered with ${status}.`)
    acknowledged = note
    onAcknowledged()
  }
}

/** The status of the answer, or null when there was none. */
export async function write(url: string, token: string, id: number, note: string): Promise<number | null> {
  try {
    const answer = await fetch(`${url}/api/v1/models/orders/records/${id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ values: { note } }),
    })
    await answer.arrayBuffer()
    return answer.status
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}
