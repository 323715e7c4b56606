/** `castellan witness`: cosigns the checkpoints of logs that others keep. */

import { createPublicKey } from 'node:crypto'
import { join, resolve } from 'node:path'
import { formatWitnessKey, type WitnessKey } from '../../audit/cosignature.ts'
import { readKeyFile } from '../../audit/folder-reader.ts'
import { witnessMemory } from '../../audit/witness/memory.ts'
import { addCheckpoint, type Witness } from '../../audit/witness/witness.ts'
import { type AdminError, misconfigured } from '../../errors.ts'
import { privateKeyFrom, rawPublicKey } from '../../keys/ed25519.ts'
import { type Command, EXIT, type Given, type Handler, UsageError, type Workshop } from './command.ts'
import { keepSecret, readSecret } from './secret-file.ts'
import { LISTENING_AT, tlsAddressOf } from './start.ts'

const SEED_BYTES = 32
const MOST_BYTES = 16 * 1024

export const witness: Command = {
  name: 'witness',
  summary: 'Cosign the checkpoints of audit logs that others keep.',
  description: [
    'Run it on another machine, under another person. It cosigns a checkpoint only where that',
    'continues the one that it cosigned last, so that no log can show two histories. --log names the',
    'public keys of the logs, as "castellan audit export" writes them; the files are read again for each',
    'checkpoint, so a key that was rotated is added to the file. At its first start it makes its own key',
    'in DIR and prints the line for "audit.anchors" of the admin: { witness: URL, key: LINE }.',
  ].join('\n'),
  options: {
    name: { value: 'NAME', help: 'How the witness signs, as in witness.example.com/castellan.' },
    log: { value: 'FILE', help: 'The public keys of a log; repeated: several.', isRepeated: true },
    'data-dir': { value: 'DIR', help: 'Its key, and what it has cosigned (./castellan-witness).' },
    ...LISTENING_AT,
  },
  async run(given, workshop) {
    const { terminal, folder, untilStopped } = workshop
    const address = await tlsAddressOf(given, workshop)
    const ours = witnessOf(given, workshop, resolve(folder, given.text('data-dir') ?? 'castellan-witness'))
    const listener = await workshop.listen(address, answering(ours, workshop))
    const stopped = untilStopped()
    terminal.tell(`Its key: ${formatWitnessKey(ours.key)}`)
    terminal.print(`The witness is ready at ${listener.origin}/`)
    await stopped
    await listener.close()
    return EXIT.done
  },
}

/** @throws UsageError without a name or a log, AdminError for files that hold something else. */
function witnessOf(given: Given, { clock, randomBytes, folder }: Workshop, place: string): Witness {
  const [name, files] = [given.text('name') ?? '', given.all('log').map((file) => resolve(folder, file))]
  if (!/^[^\s+]+$/.test(name)) {
    throw new UsageError(
      'castellan witness: give it a name without spaces and "+", as --name w1.example.com.',
    )
  }
  if (files.length === 0) throw new UsageError('castellan witness: name the keys of a log by --log FILE.')
  const logs: Witness['logs'] = () => files.flatMap(readKeyFile)
  logs()
  const seedFile = join(place, 'witness.key')
  const seed = readSecret(seedFile) ?? Buffer.from(randomBytes(SEED_BYTES)).toString('base64')
  const bytes = Buffer.from(seed, 'base64')
  if (bytes.length !== SEED_BYTES) throw broken(seedFile)
  if (readSecret(seedFile) === null) keepSecret(seedFile, seed)
  const privateKey = privateKeyFrom(bytes)
  const ownKey: WitnessKey = { name, publicKey: rawPublicKey(createPublicKey(privateKey)) }
  return { key: ownKey, privateKey, memory: witnessMemory(place), clock, logs }
}

function broken(place: string): AdminError {
  const problem = 'it holds no key of a witness.'
  const remedy = 'Put it back from a backup, or begin with an empty folder and hand out the new key.'
  return misconfigured([{ id: 'W101', place, problem, remedy }])
}

function answering(ours: Witness, { terminal }: Workshop): Handler {
  return async (request) => {
    if (new URL(request.url).pathname !== '/add-checkpoint') return said(404, 'There is nothing here.\n')
    if (request.method !== 'POST') return said(405, 'Checkpoints are posted.\n', { allow: 'POST' })
    const body = await textUpTo(request, MOST_BYTES)
    if (body === null) return said(413, 'This is more than a checkpoint with its proof.\n')
    try {
      const { status, body: text, contentType } = addCheckpoint(ours, body)
      return said(status, text, contentType === undefined ? {} : { 'content-type': contentType })
    } catch (error) {
      // a disk that is full, a file that was altered: nothing is cosigned, and whoever runs it can see why
      terminal.tell(error instanceof Error ? error.message : String(error))
      return said(500, 'The witness could not keep what it was to cosign.\n')
    }
  }
}

function said(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  const always = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return new Response(text, { status, headers: { ...always, ...headers } })
}

/** Null for what is longer. */
async function textUpTo(request: Request, most: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
