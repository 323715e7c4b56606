/**
 * A witness: it cosigns a checkpoint only when it continues the one that it has
 * cosigned last (https://c2sp.org/tlog-witness). So nobody, not even whoever holds
 * our key, gets its word for two histories.
 */

import { isCosigned, type WitnessKey } from '../cosignature.ts'
import { parseNote } from '../note.ts'
import { type OutboundAnswer, type OutboundOptions, requestOutside } from '../outbound.ts'
import { type Anchor, AnchorFault, type Keeping } from './anchor.ts'

export interface WitnessAnchor {
  /** The prefix that `/add-checkpoint` stands behind. */
  readonly url: URL
  readonly key: WitnessKey
  readonly outbound: OutboundOptions
}

const MOST_SIZE = /^(0|[1-9][0-9]{0,15})\n$/

export function witnessAnchor({ url, key, outbound }: WitnessAnchor): Anchor {
  const target = new URL(`${url.pathname.replace(/\/$/, '')}/add-checkpoint`, url)

  async function submit(keeping: Keeping, from: number): Promise<OutboundAnswer> {
    const hashes = await keeping.consistency(from)
    const lines = [`old ${from}`, ...hashes.map((hash) => Buffer.from(hash).toString('base64'))]
    const body = Buffer.from(`${lines.join('\n')}\n\n${keeping.checkpoint.note}`)
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    return await requestOutside({ url: target, method: 'POST', headers, body }, outbound)
  }

  return {
    label: `witness ${url.host} ${key.name}`,
    async keep(keeping) {
      const { checkpoint, last } = keeping
      const from = last?.size ?? 0
      if (from > checkpoint.size) throw ahead(from, checkpoint.size)
      const first = await submit(keeping, from)
      const known = first.status === 409 ? sizeIn(first, checkpoint.size) : null
      // it has taken one whose answer never came here: we go on from there
      const { status, body } = known === null || known === from ? first : await submit(keeping, known)
      if (status !== 200) throw refusal(status)
      const cosigned = `${checkpoint.note}${body}`
      const note = parseNote(cosigned)
      if (note && isCosigned(note, key)) return cosigned
      throw new AnchorFault('not-cosigned', 'Its answer holds no signature of its key.')
    },
    async read(last) {
      if (!last) return null
      const note = parseNote(last.note)
      if (note && isCosigned(note, key)) return last.note
      throw new AnchorFault('altered', `Checkpoint ${last.number} does not bear its signature.`, {
        isAltered: true,
      })
    },
  }
}

/** How far it has seen the log. @throws AnchorFault where that is further than the log goes: it was cut off, or is a copy. */
function sizeIn({ body }: OutboundAnswer, size: number): number {
  const known = Number(MOST_SIZE.exec(body)?.[1] ?? Number.NaN)
  if (!Number.isSafeInteger(known)) throw refusal(409)
  if (known <= size) return known
  throw ahead(known, size)
}

function ahead(known: number, size: number): AnchorFault {
  return new AnchorFault('ahead', `It has seen ${known} events, and the log has ${size}.`, {
    isAltered: true,
  })
}

/** 409 and 422: what it was shown does not continue what it has seen. */
function refusal(status: number): AnchorFault {
  const isAltered = status === 409 || status === 422
  return new AnchorFault(`status-${status}`, `It answered with ${status}.`, { isAltered })
}
