/** Roles and rules, to be read: what each role may do, at a glance and in words. */

import type { PolicyRead, RoleRead } from '../../../gate/standing.ts'
import type { Model } from '../../../model/model.ts'
import type { PolicyDocument } from '../../../policy/document.ts'
import { read } from '../ask.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Card, PageHead } from '../components/card.tsx'
import { Code } from '../components/display.tsx'
import { Select } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { Icon } from '../components/icon.tsx'
import type { IconName } from '../components/icon-names.ts'
import { Toolbar } from '../components/menu.tsx'
import { More } from '../components/timeline.tsx'
import type { PageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { render } from '../render.ts'
import { type CellState, cellOf, rulesOfRole } from './matrix.ts'
import { ruleSentence } from './rule-words.ts'

export async function answerRoles(page: PageContext): Promise<Response> {
  const policy = await read<PolicyRead>(page, { action: 'castellan.policy.read' })
  return render(
    page,
    <Shell
      page={page}
      title="Roles & policy"
      breadcrumb={[{ label: 'Security' }, { label: 'Roles & policy' }]}
      current="/roles"
    >
      <RolesPage page={page} policy={policy} />
    </Shell>,
  )
}

function RolesPage({ page, policy }: { readonly page: PageContext; readonly policy: PolicyRead }): Html {
  const model = chosenModel(page)
  return (
    <>
      <PageHead
        title="Roles & policy"
        note={
          <>
            Version <code>{policy.version}</code>
          </>
        }
        badges={
          <Badge plain>
            <Icon page={page} name="lock" small /> Defined in code
          </Badge>
        }
      />
      <div class="stack">
        {model && (
          <div>
            <ModelChoice page={page} model={model} />
            <Matrix page={page} policy={policy} model={model} />
          </div>
        )}
        {policy.roles.map((role) => (
          <RoleCard page={page} document={policy.document} role={role} />
        ))}
      </div>
    </>
  )
}

/** The model that the address names, or the first; models that have no record to speak of are left out. */
function chosenModel(page: PageContext): Model | undefined {
  const models = [...page.house.gate.models.values()]
  return models.find((model) => model.name === page.c.req.query('model')) ?? models[0]
}

function ModelChoice({ page, model }: { readonly page: PageContext; readonly model: Model }): Html {
  const options = [...page.house.gate.models.values()].map((one) => ({
    value: one.name,
    label: one.name.startsWith('castellan.') ? `Castellan: ${one.labelPlural}` : one.labelPlural,
  }))
  return (
    <Toolbar>
      <form method="get" action={page.url('/roles')}>
        <Select class="model-choice" name="model" aria-label="Model" options={options} value={model.name} />
        <Button page={page}>Show</Button>
      </form>
    </Toolbar>
  )
}

function Matrix({
  page,
  policy,
  model,
}: {
  readonly page: PageContext
  readonly policy: PolicyRead
  readonly model: Model
}): Html {
  const actions = page.house.gate.actionsOf(model.name).toSorted((a, b) => placeOf(a.verb) - placeOf(b.verb))
  return (
    <div class="table-frame">
      <div
        class="table-scroll"
        tabindex={0}
        role="region"
        aria-label={`What roles may do with ${model.labelPlural}`}
      >
        <table class="table matrix">
          <thead>
            <tr>
              <th scope="col">{model.labelPlural}</th>
              {policy.roles.map((role) => (
                <th scope="col">{role.title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {actions.map((action) => (
              <tr>
                <th scope="row">{action.label}</th>
                {policy.roles.map((role) => (
                  <td>
                    <Verdict
                      page={page}
                      state={cellOf(policy.document, role.name, `${model.name}.${action.verb}`).state}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="table-foot">
        {STATES.map((state) => (
          <span class="cluster">
            <Mark page={page} state={state} />
            {WORDS[state].label}
          </span>
        ))}
      </div>
    </div>
  )
}

/** From looking to removing; others follow. */
const ORDER = [
  'list',
  'read',
  'history',
  'reveal',
  'create',
  'update',
  'delete',
  'restore',
  'purge',
  'export',
  'import',
  'bulk-update',
  'bulk-delete',
  'bulk-restore',
  'bulk-purge',
]

function placeOf(verb: string): number {
  const place = ORDER.indexOf(verb)
  return place === -1 ? ORDER.length : place
}

const STATES: readonly CellState[] = ['allowed', 'conditions', 'approval', 'denied']

const WORDS: Readonly<
  Record<CellState, { readonly label: string; readonly icon: IconName; readonly class: string }>
> = {
  allowed: { label: 'Allowed', icon: 'check', class: 'allowed' },
  conditions: { label: 'With conditions', icon: 'list-filter', class: 'conditional' },
  approval: { label: 'Needs approval', icon: 'lock', class: 'approval' },
  denied: { label: 'Denied', icon: 'minus', class: 'denied' },
}

function Verdict({ page, state }: { readonly page: PageContext; readonly state: CellState }): Html {
  return (
    <>
      <Mark page={page} state={state} />
      <span class="visually-hidden">{WORDS[state].label}</span>
    </>
  )
}

function Mark({ page, state }: { readonly page: PageContext; readonly state: CellState }): Html {
  return (
    <span class={`verdict ${WORDS[state].class}`}>
      <Icon page={page} name={WORDS[state].icon} small />
    </span>
  )
}

function RoleCard({
  page,
  document,
  role,
}: {
  readonly page: PageContext
  readonly document: PolicyDocument
  readonly role: RoleRead
}): Html {
  const rules = rulesOfRole(document, role.name)
  return (
    <Card title={role.title} id={`role-${role.name}`} aside={<code>{role.name}</code>}>
      <p>{role.description}</p>
      {role.inherits.length > 0 && (
        <p class="hint">
          Also holds {role.inherits.map((name) => document.roles[name]?.title ?? name).join(', ')}.
        </p>
      )}
      <More page={page} summary={page.format.plural(rules.length, 'rule in words', 'rules in words')}>
        <ul class="reasons">
          {rules.map((rule) => (
            <li>
              <p>{ruleSentence(rule)}</p>
              <p class="hint">
                <Code>{rule.id}</Code>
                {!rule.roles && ' for everyone'}
              </p>
            </li>
          ))}
        </ul>
      </More>
    </Card>
  )
}
