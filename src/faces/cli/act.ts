/**
 * Acting as the system: every change of the terminal goes through the gate, in
 * the name of the operating system's user and with a reason.
 */

import { AdminError } from '../../errors.ts'
import { systemPrincipal } from '../../identity/principal.ts'
import type { Command, Given, OpenAdmin, Workshop } from './command.ts'
import { installationOf } from './installation.ts'

export interface Act {
  /** `castellan.people.create`. */
  readonly action: string
  readonly key?: string
  readonly input: unknown
}

/**
 * Opens the installation, performs one action and closes it again.
 * @throws AdminError as the gate does, and `denied` when the policy asks for what a terminal cannot give.
 */
export async function act<Result>(
  command: Command,
  given: Given,
  workshop: Workshop,
  { action, key, input }: Act,
): Promise<Result> {
  const admin = await workshop.open(installationOf(given, workshop))
  try {
    return (await performed(admin, command, workshop, {
      action,
      input,
      ...(key !== undefined && { key }),
    })) as Result
  } finally {
    await admin.close()
  }
}

async function performed(admin: OpenAdmin, command: Command, workshop: Workshop, act: Act): Promise<unknown> {
  const outcome = await admin.perform({
    ...act,
    principal: systemPrincipal(workshop.userName, workshop.clock()),
    reason: `castellan ${command.name}, typed by ${workshop.userName}`,
    origin: {
      id: Buffer.from(workshop.randomBytes(16)).toString('hex'),
      traceparent: null,
      address: '',
      addressChain: [],
      userAgent: `castellan/${workshop.version}`,
      method: 'CLI',
      route: `castellan ${command.name}`,
    },
  })
  if (outcome.kind === 'done') return outcome.result
  throw new AdminError(
    'denied',
    `${act.action} refused: the policy asks for more than a terminal can give (${outcome.kind}).`,
  )
}
