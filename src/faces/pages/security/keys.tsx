/** The rings of keys: what each is for, when it was turned last, and moving it on or replacing it. */

import { Unreasoned } from '../../../gate/evidence.ts'
import type { RecordList, RecordView } from '../../../gate/records.ts'
import { read } from '../ask.ts'
import { Button } from '../components/button.tsx'
import { PageHead } from '../components/card.tsx'
import { Code, DateTime, None } from '../components/display.tsx'
import { Form, Note } from '../components/form.tsx'
import type { Html } from '../components/html.ts'
import { type Column, DataTable } from '../components/table.tsx'
import { isPossible, type PageContext, pageContext } from '../context.ts'
import { Shell } from '../layout.tsx'
import { type Asked, askReason, eventInAddress, performForm, postedForm, seeOther } from '../perform.tsx'
import { render } from '../render.ts'
import { textIn } from './own-list.ts'

/** More than any installation has: of most rings a retired key is removed after a day. */
const MOST = 200

/** What is made with each ring, and what its replacement does to it. */
const RINGS: readonly { readonly name: string; readonly use: string; readonly replaced: string }[] = [
  {
    name: 'access',
    use: 'Signs access tokens',
    replaced: 'Access tokens are refused at once and renewed; nobody is signed out.',
  },
  {
    name: 'checkpoint',
    use: 'Signs the audit log',
    replaced: 'The log is handed over to the new key: tell its fingerprint to whoever verifies it.',
  },
  {
    name: 'seal',
    use: 'Marks forms, cursors and refresh tokens',
    replaced: 'Every session ends, yours as well.',
  },
  {
    name: 'credential',
    use: 'Seals authenticators, marks passkeys',
    replaced: 'Authenticators and passkeys go on; recovery codes end, and people make new ones.',
  },
  {
    name: 'subject',
    use: 'Wraps the keys of personal values in the log',
    replaced: 'The keys of personal values are wrapped anew.',
  },
]

interface Ring {
  readonly name: string
  readonly use: string
  readonly replaced: string
  readonly active: string | null
  /** Since when the active key is: the one that comes next was made then. */
  readonly turnedAt: string | null
  readonly retiring: number
}

export async function answerKeys(page: PageContext): Promise<Response> {
  const { records } = await read<RecordList>(page, {
    action: 'castellan.keys.list',
    input: { limit: MOST, count: 'none' },
  })
  return render(
    page,
    <Shell
      page={page}
      title="Keys"
      breadcrumb={[{ label: 'Security' }, { label: 'Keys' }]}
      current="/keys"
      toast={eventInAddress(page) ? 'Changed. Every process follows with its next request.' : null}
    >
      <PageHead title="Keys" note="Rings of keys by their purpose. What the keys are is shown nowhere." />
      <div class="stack">
        <DataTable
          page={page}
          label="Rings of keys"
          columns={columnsOf(page)}
          rows={RINGS.map((ring) => ({ ...ring, ...stateOf(records, ring.name) }))}
        />
        <Note page={page} title="To rotate is routine, to replace is for a key that is not secret any more">
          Rotating makes the next key active, and what the earlier one made stays good. Replacing ends what
          was made with the ring, or makes it anew.
        </Note>
      </div>
    </Shell>,
  )
}

function stateOf(
  records: readonly RecordView[],
  ring: string,
): Pick<Ring, 'active' | 'turnedAt' | 'retiring'> {
  const keys = records.filter((record) => textIn(record, 'purpose') === ring)
  const inState = (state: string): readonly RecordView[] =>
    keys.filter((record) => textIn(record, 'state') === state)
  const [active] = inState('active')
  const [next] = inState('next')
  return {
    active: active ? textIn(active, 'id') : null,
    turnedAt: next ? textIn(next, 'created_at') : null,
    retiring: inState('retiring').length,
  }
}

function columnsOf(page: PageContext): readonly Column<Ring>[] {
  const shown: readonly Column<Ring>[] = [
    { label: 'Ring', phone: 'title', cell: ({ name }) => <span class="strong">{name}</span> },
    { label: 'What for', phone: 'subtitle', cell: ({ use }) => use },
    {
      label: 'Active key',
      phone: 'hidden',
      cell: ({ active }) => (active === null ? <None /> : <Code>{active}</Code>),
    },
    {
      label: 'Turned',
      phone: 'status',
      cell: ({ turnedAt }) => (turnedAt === null ? <None /> : <DateTime page={page} at={turnedAt} />),
    },
    { label: 'Retiring', align: 'end', phone: 'hidden', cell: ({ retiring }) => String(retiring) },
  ]
  const verbs = VERBS.filter((verb) => isPossible(page, `castellan.keys.${verb}`))
  if (verbs.length === 0) return shown
  const actions: Column<Ring> = {
    label: 'Actions',
    isLabelHidden: true,
    phone: 'action',
    cell: (ring) => <RingActions page={page} ring={ring} verbs={verbs} />,
  }
  return [...shown, actions]
}

export const VERBS = ['rotate', 'revoke'] as const
export type KeyVerb = (typeof VERBS)[number]

const LABELS: Readonly<Record<KeyVerb, string>> = { rotate: 'Rotate', revoke: 'Replace' }

function RingActions({
  page,
  ring,
  verbs,
}: {
  readonly page: PageContext
  readonly ring: Ring
  readonly verbs: readonly KeyVerb[]
}): Html {
  return (
    <span class="cluster end">
      {verbs.map((verb) => (
        <Form page={page} action={page.url(`/keys/${ring.name}/${verb}`)}>
          <Button
            page={page}
            small
            variant={verb === 'revoke' ? 'danger' : undefined}
            label={`${LABELS[verb]} the ring ${ring.name}${verb === 'revoke' ? `: ${ring.replaced}` : ''}`}
          >
            {LABELS[verb]}
          </Button>
        </Form>
      ))}
    </span>
  )
}

/** Moves one ring on, or replaces it; the gate asks for a reason and a proof first. */
export async function answerKeyChange(page: PageContext, verb: KeyVerb): Promise<Response> {
  const form = postedForm(page)
  const ring = page.c.req.param('ring') ?? ''
  const title = `${LABELS[verb]} the ring ${ring}`
  const asked: Asked = {
    action: `castellan.keys.${verb}`,
    input: verb === 'rotate' ? { purposes: [ring] } : { purpose: ring },
    title,
    purpose: `${LABELS[verb].toLowerCase()} the ring ${ring}`,
    breadcrumb: [{ label: 'Keys', href: page.url('/keys') }, { label: LABELS[verb] }],
    current: '/keys',
    cancelHref: page.url('/keys'),
    submitLabel: title,
    isDanger: verb === 'revoke',
  }
  try {
    const performed = await performForm(page, form, asked)
    return performed.kind === 'answer' ? performed.response : seeOther(page, '/keys', performed.event)
  } catch (error) {
    if (!(error instanceof Unreasoned)) throw error
    const now = pageContext(page.c, page.house)
    const { replaced = '' } = RINGS.find(({ name }) => name === ring) ?? {}
    const sentence = verb === 'revoke' ? replaced : 'What the earlier key made stays good.'
    const plan = { sentence, effects: [], changes: [] }
    return askReason(now, form, asked, new Unreasoned(asked.action, error.fields ?? {}, plan))
  }
}
