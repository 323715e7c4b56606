/** One's agents: those there are, the form that makes one, and its token, shown once. */

import type { RecordView } from '../../../gate/records.ts'
import { Button, LinkButton } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { Copy, DateTime } from '../components/display.tsx'
import { controlTies, Field, Radio, Select, Textarea, TextField } from '../components/field.tsx'
import { ErrorSummary, type FieldError, type FieldSentences, Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import type { PageContext } from '../context.ts'
import { AgentLines } from '../security/agent-list.tsx'

/** What an agent may do at most, as the form offers it. */
export const REACHES = {
  read: {
    label: 'Read what I may read',
    patterns: ['*.list', '*.read', '*.history'],
  },
  work: {
    label: 'Read, add and change what I may; never delete',
    patterns: ['*.list', '*.read', '*.history', '*.create', '*.update'],
  },
} as const

export type Reach = keyof typeof REACHES | 'chosen'

const DAYS = [7, 30, 90]

export interface TypedAgent {
  readonly name: string
  readonly reach: Reach
  /** A line each: `orders.list`. */
  readonly actions: string
  readonly days: string
}

export interface AgentsPageProps {
  readonly page: PageContext
  readonly agents: readonly RecordView[]
  readonly mayMake: boolean
  readonly typed: TypedAgent
  readonly errors: readonly FieldError[]
  readonly fields: FieldSentences
}

export function AgentsPage({ page, agents, mayMake, typed, errors, fields }: AgentsPageProps): Html {
  const actions = {
    id: 'agent-actions',
    label: 'Only these actions',
    hint: 'A line each, as in "orders.list" or "customers.*". Counts with the last choice above.',
    error: fields['actions'],
  }
  const days = { id: 'agent-days', label: 'It works for', error: fields['days'] }
  return (
    <>
      <PageHead
        title="Agents"
        below="Programs that act for you over the API. None ever holds more than you do, and each ends by itself."
      />
      <div class="stack">
        <ErrorSummary page={page} errors={errors} title="No agent was made." />
        <Card title="Your agents" aside={page.format.plural(agents.length, 'agent', 'agents')} flush>
          <AgentLines page={page} agents={agents} />
        </Card>
        {mayMake && (
          <Card title="Make an agent">
            <Form page={page} action={page.url('/profile/agents')} class="stack narrow-form" guarded>
              <TextField
                page={page}
                id="agent-name"
                name="name"
                label="Name"
                hint="The audit log calls what it does by this name and yours."
                value={typed.name}
                autocomplete="off"
                required
                error={fields['name']}
              />
              <Field page={page} id="agent-reach" label="What it may do" group>
                {Object.entries(REACHES).map(([reach, { label }]) => (
                  <Radio name="reach" value={reach} checked={typed.reach === reach}>
                    {label}
                  </Radio>
                ))}
                <Radio name="reach" value="chosen" checked={typed.reach === 'chosen'}>
                  Only the actions below
                </Radio>
              </Field>
              <Field page={page} {...actions}>
                <Textarea {...controlTies(actions)} name="actions" rows={3} value={typed.actions} />
              </Field>
              <Field page={page} {...days}>
                <Select
                  {...controlTies(days)}
                  name="days"
                  value={typed.days}
                  options={DAYS.map((count) => ({ value: String(count), label: `${count} days` }))}
                />
              </Field>
              <Note page={page} tone="neutral">
                It can never prove who you are, so it does nothing that asks for a proof. It ends when you are
                deactivated, and when an administrator resets your password or second factor.
              </Note>
              <div>
                <Button page={page} variant="primary">
                  Make the agent
                </Button>
              </div>
            </Form>
          </Card>
        )}
      </div>
    </>
  )
}

export function AgentToken({
  page,
  name,
  token,
  expiresAt,
}: {
  readonly page: PageContext
  readonly name: string
  readonly token: string
  readonly expiresAt: string
}): Html {
  return (
    <>
      <PageHead title={`The token of ${name}`} below="Shown this once, and stored nowhere as it is." />
      <Card title="The token">
        <div class="stack">
          <p class="secret-text" dir="ltr">
            <Copy page={page} text={token} what="token">
              {token}
            </Copy>
          </p>
          <p>
            It works until <DateTime page={page} at={expiresAt} as="dateTime" />, as the header{' '}
            <code>Authorization: Bearer …</code> of a request to the API.
          </p>
          <Note page={page} tone="warn">
            Whoever has it acts for you. Keep it where only that program reads it.
          </Note>
          <div>
            <LinkButton page={page} href={page.url('/profile/agents')}>
              Your agents
            </LinkButton>
          </div>
        </div>
      </Card>
    </>
  )
}
