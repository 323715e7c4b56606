/** `castellan audit prove`: one event as a file that anyone can check with the public key. */

import { writeFileSync } from 'node:fs'
import { folderReader } from '../../audit/folder-reader.ts'
import { proveEvent, type Wanted } from '../../audit/prove.ts'
import { AdminError } from '../../errors.ts'
import { asSystem } from './act.ts'
import { type Command, EXIT, type Given, UsageError, type Workshop } from './command.ts'
import { storeInstallationOf, WHERE } from './installation.ts'
import { refuseBoth } from './log-source.ts'

export const auditProve: Command = {
  name: 'audit prove',
  summary: 'Write the proof that one event is in the log, for whoever has the public key.',
  description: [
    'EVENT is the number of the event in the log, or its id. From a database, that it is handed out is',
    'recorded first. "castellan audit verify --proof FILE --key FILE" checks the file.',
  ].join('\n'),
  argument: 'EVENT',
  options: {
    to: { value: 'FILE', help: 'Where the proof goes; absent: to standard output.' },
    from: { value: 'DIR', help: 'An export, in place of a database.' },
    ...WHERE,
  },
  async run(given, workshop) {
    const wanted = wantedIn(given.argument)
    const folder = given.text('from')
    if (folder !== undefined) refuseBoth(given)
    const proof =
      folder === undefined
        ? await fromDatabase(wanted, given, workshop)
        : await proveEvent(folderReader(folder), wanted)
    const file = given.text('to')
    if (file === undefined) {
      workshop.terminal.print(proof.trimEnd())
      return EXIT.done
    }
    write(file, proof)
    workshop.terminal.tell(`The proof is in ${file}.`)
    return EXIT.done
  },
}

/** @throws UsageError when it is neither a number of the log nor an id. */
function wantedIn(argument: string | undefined): Wanted {
  if (argument !== undefined && /^[1-9]\d{0,14}$/.test(argument)) return { sequence: Number(argument) }
  if (argument !== undefined && /^[0-9a-f]{32}$/.test(argument)) return { id: argument }
  throw new UsageError('castellan audit prove: name the event by its number or by its id of 32 hex digits.')
}

/** By its nodes: a large log is not read from its beginning. */
async function fromDatabase(wanted: Wanted, given: Given, workshop: Workshop): Promise<string> {
  // loaded on use, as the database is
  const { eventProof, eventId } = await import('../../audit/stored-proof.ts')
  const installation = await storeInstallationOf(given, workshop)
  const database = await workshop.openStore(installation)
  try {
    const id = await eventId(database.now, wanted)
    await asSystem(auditProve, given, workshop, (act) => act('castellan.audit.export', { event: id }))
    return await eventProof(database.now, id)
  } finally {
    await database.close()
  }
}

/** Never over a file that is there: it may be the evidence. */
function write(file: string, proof: string): void {
  try {
    writeFileSync(file, proof, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw new AdminError('invalid-input', `${file} cannot be made: name a file that is not there yet.`, {
      cause: error,
    })
  }
}
