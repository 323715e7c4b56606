/** `castellan audit verify`: proves that a log is what was signed, or says where it is not. Of a proof file as well. */

import { verifyWithAnchors } from '../../audit/anchor/read-anchors.ts'
import { readAnchorFile, readKeyFile, readProofFile } from '../../audit/folder-reader.ts'
import { checkProof } from '../../audit/proof-file.ts'
import { exitCodeOf, proofLines, reportLines } from '../../audit/report.ts'
import { AdminError } from '../../errors.ts'
import { type Command, EXIT, type Given, UsageError, type Workshop } from './command.ts'
import { WHERE } from './installation.ts'
import { refuseBoth, withLog } from './log-source.ts'

/** Codes of its own, since 1 and 2 say what was found: an auditor's script must not take a typing error for tampering. */
const INCOMPLETE = 2
const WRONG_USAGE = 3

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Verify the audit log, from a database or from an export.',
  description: [
    'Computes every leaf and every root again and checks each signed checkpoint. Needs neither the',
    'secret nor a running admin. Exits with 0 verified, 1 tampered, 2 incomplete, 3 wrong usage.',
  ].join('\n'),
  options: {
    from: { value: 'DIR', help: 'An export, in place of a database.' },
    key: { value: 'FILE', help: 'The public keys that are trusted; absent: those found with the log.' },
    anchor: {
      value: 'FILE',
      help: 'Checkpoints kept elsewhere, which the log must still contain, as it must those of its anchors.',
    },
    proof: { value: 'FILE', help: 'What "castellan audit prove" wrote, in place of a log. Needs --key.' },
    json: { help: 'Print the report as JSON.' },
    ...WHERE,
  },
  usageCode: WRONG_USAGE,
  async run(given, workshop) {
    try {
      return await verify(given, workshop)
    } catch (error) {
      if (!(error instanceof AdminError) || error.code === 'misconfigured') throw error
      workshop.terminal.tell(error.message)
      return error.code === 'invalid-input' ? WRONG_USAGE : INCOMPLETE
    }
  },
}

async function verify(given: Given, workshop: Workshop): Promise<number> {
  const proof = given.text('proof')
  return proof === undefined ? await verifyWhole(given, workshop) : verifyProof(proof, given, workshop)
}

async function verifyWhole(given: Given, workshop: Workshop): Promise<number> {
  const keyFile = given.text('key')
  const anchorFile = given.text('anchor')
  const options = {
    now: workshop.clock(),
    ...(keyFile !== undefined && { pinned: readKeyFile(keyFile) }),
  }
  const named = anchorFile === undefined ? [] : [readAnchorFile(anchorFile)]
  const report = await withLog(given, workshop, (reader, { notes, faults }) => {
    const all = [...(notes === null ? [] : [notes]), ...named]
    return verifyWithAnchors(reader, { notes: all.length === 0 ? null : all.join('\n'), faults }, options)
  })
  tell(given, workshop, report, reportLines(report))
  const code = exitCodeOf(report)
  return code === 0 ? EXIT.done : code
}

/** Nothing but the file and the key is read. */
function verifyProof(file: string, given: Given, workshop: Workshop): number {
  const keyFile = given.text('key')
  if (keyFile === undefined) throw new UsageError('--proof is checked with a key. Write --key FILE.')
  if (given.has('from') || given.has('anchor')) {
    throw new UsageError('A proof stands by itself: leave --from and --anchor out.')
  }
  refuseBoth(given)
  const report = checkProof(readProofFile(file), readKeyFile(keyFile))
  tell(given, workshop, report, proofLines(report))
  return report.kind === 'verified' ? EXIT.done : exitCodeOf(report)
}

function tell(given: Given, { terminal }: Workshop, report: object, lines: readonly string[]): void {
  for (const line of given.has('json') ? [JSON.stringify(report)] : lines) terminal.print(line)
}
