/**
 * Acting as the system: every change of the terminal goes through the gate, in
 * the name of the operating system's user and with a reason.
 */

import { AdminError } from '../../errors.ts'
import type { RecordList } from '../../gate/records.ts'
import { systemPrincipal } from '../../identity/principal.ts'
import type { Command, Given, OpenAdmin, Workshop } from './command.ts'
import { installationOf } from './installation.ts'

/** Performs one action, on the record of that key where there is one, and answers its result. */
export type Act = <Result>(action: string, input: unknown, key?: string) => Promise<Result>

/**
 * Opens the installation, hands `work` the system's hands, and closes it again.
 * @throws AdminError as the gate does, and `denied` when the policy asks for what a terminal cannot give.
 */
export async function asSystem<Result>(
  command: Command,
  given: Given,
  workshop: Workshop,
  work: (act: Act, admin: Pick<OpenAdmin, 'sources' | 'checked'>) => Promise<Result>,
): Promise<Result> {
  const admin = await workshop.open(await installationOf(given, workshop))
  try {
    return await work(
      async (action, input, key) =>
        (await performed(admin, command, workshop, { action, input, key })) as never,
      admin,
    )
  } finally {
    await admin.close()
  }
}

const PAGE = 200

/** Every page of a list, one after the other. */
export async function everyPage<Page extends RecordList>(act: Act, action: string): Promise<readonly Page[]> {
  const pages: Page[] = []
  let cursor: string | null = null
  do {
    const page: Page = await act<Page>(action, { limit: PAGE, cursor })
    pages.push(page)
    cursor = page.page.next
  } while (cursor !== null)
  return pages
}

async function performed(
  admin: OpenAdmin,
  command: Command,
  workshop: Workshop,
  {
    action,
    input,
    key,
  }: { readonly action: string; readonly input: unknown; readonly key: string | undefined },
): Promise<unknown> {
  const outcome = await admin.perform({
    action,
    input,
    ...(key !== undefined && { key }),
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
  const asked = `the policy asks for more than a terminal can give (${outcome.kind})`
  throw new AdminError('denied', `${action} refused: ${asked}.`)
}
