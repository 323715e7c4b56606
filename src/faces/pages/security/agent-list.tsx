/** A person's agents as lines of a card: on one's own page, and where security looks at a person. */

import type { RecordList, RecordView } from '../../../gate/records.ts'
import { readPart } from '../ask.ts'
import { Button } from '../components/button.tsx'
import { Code, DateTime } from '../components/display.tsx'
import { Form } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import { isPossible, type PageContext } from '../context.ts'
import { textIn } from './own-list.ts'

/** More than anybody can have at once. */
const MOST = 50

/** Those that work now, newest first; null where they may not be seen. */
export function liveAgentsOf(page: PageContext, personId: string): Promise<RecordList | null> {
  const now = new Date(page.house.clock()).toISOString()
  return readPart<RecordList>(page, {
    action: 'castellan.agents.list',
    input: {
      filters: [
        { field: 'person_id', operator: 'eq', value: personId },
        { field: 'revoked_at', operator: 'isNull', value: true },
        { field: 'expires_at', operator: 'gt', value: now },
      ],
      limit: MOST,
    },
  })
}

export function AgentLines({
  page,
  agents,
}: {
  readonly page: PageContext
  readonly agents: readonly RecordView[]
}): Html {
  return (
    <ul class="line-list">
      {agents.length === 0 && <li class="muted">No agent works now.</li>}
      {agents.map((agent) => (
        <AgentLine page={page} agent={agent} />
      ))}
    </ul>
  )
}

function AgentLine({ page, agent }: { readonly page: PageContext; readonly agent: RecordView }): Html {
  const [made, ends, used] = [
    textIn(agent, 'created_at'),
    textIn(agent, 'expires_at'),
    textIn(agent, 'last_used_at'),
  ]
  return (
    <li>
      <Icon page={page} name="key-round" />
      <div class="line">
        <p class="cluster">
          <span class="strong">{agent.title}</span>
          {patternsIn(textIn(agent, 'actions')).map((pattern) => (
            <Code>{pattern}</Code>
          ))}
        </p>
        <p class="facts">
          {made && (
            <span>
              Made <DateTime page={page} at={made} />
            </span>
          )}
          {ends && (
            <span>
              Until <DateTime page={page} at={ends} as="dateTime" />
            </span>
          )}
          <span>
            {used ? (
              <>
                Last used <DateTime page={page} at={used} />
              </>
            ) : (
              'Not used yet'
            )}
          </span>
        </p>
      </div>
      {isPossible(page, 'castellan.agents.revoke') && (
        <Form page={page} action={page.url(`/agents/${encodeURIComponent(agent.key ?? '')}/revoke`)}>
          <Button page={page} small label={`Revoke ${agent.title}`}>
            Revoke
          </Button>
        </Form>
      )}
    </li>
  )
}

function patternsIn(json: string | null): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(json ?? '[]')
    return Array.isArray(parsed) ? parsed.map(String) : []
  } catch {
    return []
  }
}
