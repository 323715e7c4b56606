/** Running one command line: every refusal becomes a message on standard error and an exit code. */

import { AdminError } from '../../errors.ts'
import { understand } from './arguments.ts'
import { auditErase } from './audit-erase.ts'
import { auditExport } from './audit-export.ts'
import { auditProve } from './audit-prove.ts'
import { auditVerify } from './audit-verify.ts'
import { classify } from './classify.ts'
import { type Command, EXIT, UsageError, type Workshop } from './command.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { helpOf, overview } from './help.ts'
import { init } from './init.ts'
import { keysList, keysRevoke, keysRotate } from './keys.ts'
import { migrate } from './migrate.ts'
import { relations } from './relations.ts'
import { secret } from './secret.ts'
import { serve } from './serve.ts'
import { sessionEnd, sessionList } from './session.ts'
import { tokenCreate } from './token-create.ts'
import { tokenList } from './token-list.ts'
import { tokenRevoke } from './token-revoke.ts'
import { userActivate, userDeactivate, userGrant, userReset, userRevoke } from './user-change.ts'
import { userCreate } from './user-create.ts'
import { userInvite } from './user-invite.ts'
import { userList } from './user-list.ts'
import { witness } from './witness.ts'

export const COMMANDS: readonly Command[] = [
  demo,
  serve,
  init,
  secret,
  migrate,
  userCreate,
  userInvite,
  userList,
  userActivate,
  userDeactivate,
  userGrant,
  userRevoke,
  userReset,
  sessionList,
  sessionEnd,
  tokenCreate,
  tokenList,
  tokenRevoke,
  keysList,
  keysRotate,
  keysRevoke,
  classify,
  relations,
  auditVerify,
  auditErase,
  auditExport,
  auditProve,
  witness,
  doctor,
]

export async function run(args: readonly string[], workshop: Workshop): Promise<number> {
  const { terminal, version } = workshop
  try {
    const intent = understand(args, COMMANDS)
    switch (intent.kind) {
      case 'version':
        terminal.print(version)
        return EXIT.done
      case 'help':
        terminal.print(intent.command ? helpOf(intent.command) : overview(COMMANDS))
        return EXIT.done
      case 'run':
        return await intent.command.run(intent.given, workshop)
    }
  } catch (error) {
    return told(error, args, workshop)
  }
}

function told(error: unknown, args: readonly string[], { terminal }: Workshop): number {
  if (error instanceof UsageError) {
    terminal.tell(error.message)
    return COMMANDS.find(({ name }) => `${args.join(' ')} `.startsWith(`${name} `))?.usageCode ?? EXIT.usage
  }
  if (!(error instanceof AdminError)) throw error
  terminal.tell(error.message)
  for (const [field, sentences] of Object.entries(error.fields ?? {})) {
    for (const sentence of sentences) terminal.tell(`  ${field}: ${sentence}`)
  }
  return error.code === 'misconfigured' ? EXIT.configuration : EXIT.failed
}
