/** The links of a record: as a set to tick in its form, and as links on its page. */

import type { Relation } from '../../../model/model.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { Checkbox, controlTies, Field, Input, RelationPicker } from '../components/field.tsx'
import type { Html } from '../components/html.ts'
import { hx } from '../components/hx.ts'
import type { PageContext } from '../context.ts'
import { controlId, problemSentence } from '../fields/widget-props.ts'
import { addedName, type Links, memberName, shownName } from './along.ts'
import type { LinkList } from './along-read.ts'
import { recordPath } from './paths.ts'
import { Problems } from './rows.tsx'

export interface LinksCardProps {
  readonly page: PageContext
  readonly links: Links
  readonly problems: readonly string[]
  /** Where the form is sent. */
  readonly action: string
}

export function LinksCard({ page, links, problems, action }: LinksCardProps): Html {
  const { relation, members, shown, isTooMany, allHref, target } = links
  const id = linksId(relation.name)
  const linked = members.filter(({ isLinked }) => isLinked).length
  return (
    <div id={id} class="stack">
      <Card title={relation.label} id={`${id}-title`} aside={isTooMany ? undefined : `${linked} linked`}>
        {isTooMany ? (
          <p class="muted">
            More than can be changed here.{' '}
            <a class="link" href={allHref}>
              Change them in their list
            </a>
          </p>
        ) : (
          <fieldset class="field" aria-labelledby={`${id}-title`}>
            <input type="hidden" name={shownName(relation.name)} value={JSON.stringify(shown)} />
            {members.length === 0 && (
              <p class="muted">
                {links.picker ? 'None yet.' : `There are no ${target.labelPlural.toLowerCase()}.`}
              </p>
            )}
            <div class="choices set">
              {members.map((member) => (
                <Member links={links} member={member} />
              ))}
            </div>
            {links.picker && links.mayAdd && <Adding page={page} links={links} action={action} />}
            {problems.length > 0 && (
              <Problems
                page={page}
                id={`${id}-error`}
                problems={problems.map((one) => problemSentence(relation.label, one))}
              />
            )}
          </fieldset>
        )}
      </Card>
    </div>
  )
}

/** What may not be changed is shown all the same: ticked, and of no effect. */
function Member({
  links,
  member,
}: {
  readonly links: Links
  readonly member: Links['members'][number]
}): Html {
  const { relation, shown, mayAdd, mayRemove } = links
  const isOld = shown.includes(member.key)
  const isFixed = isOld ? !mayRemove : !mayAdd || (member.isLinked && !mayRemove)
  return (
    <Checkbox
      name={memberName(relation.name)}
      value={member.key}
      checked={member.isLinked}
      disabled={isFixed}
    >
      {member.label}
    </Checkbox>
  )
}

/** One more, searched or by its key; without scripts a button ticks it. */
function Adding({
  page,
  links,
  action,
}: {
  readonly page: PageContext
  readonly links: Links
  readonly action: string
}): Html | null {
  const { relation, picker, target } = links
  if (!picker) return null
  const id = controlId(addedName(relation.name))
  const place = `#${linksId(relation.name)}`
  const lookUp = (
    <a class="link" href={picker.listHref} target="_blank" rel="noopener">
      Look up
    </a>
  )
  const basics = {
    page,
    id,
    label: `Add ${target.label.toLowerCase()}`,
    hint: `Search ${picker.label}, or give a key.`,
  }
  const input = <Input {...controlTies(basics)} name={addedName(relation.name)} value="" autocomplete="off" />
  return (
    <Field {...basics} aside={lookUp}>
      <div class="add-line">
        {picker.source === null ? (
          input
        ) : (
          <RelationPicker page={page} source={picker.source} label={picker.label} current={null}>
            {input}
          </RelationPicker>
        )}
        <Button
          page={page}
          name="_then"
          value={`add-link.${relation.name}`}
          icon="plus"
          {...hx(page, { post: action, target: place, select: place, swap: 'outerHTML' })}
        >
          Add
        </Button>
      </div>
    </Field>
  )
}

export function linksId(relation: string): string {
  return `links-${controlId(relation).slice('field-'.length)}`
}

/** On the page of the record. */
export interface ShownLinks {
  readonly relation: Relation
  /** Null where they could not be had just now. */
  readonly list: LinkList
}

export function ShownLinksCard({
  page,
  links,
}: {
  readonly page: PageContext
  readonly links: ShownLinks
}): Html {
  const { relation, list } = links
  return (
    <Card
      title={relation.label}
      id={`related-${controlId(relation.name).slice('field-'.length)}`}
      aside={
        <a class="link" href={list.allHref}>
          View all
        </a>
      }
    >
      {list.members.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <ul class="link-list">
          {list.members.map(({ key, label }) => (
            <li>
              <a class="chip" href={page.url(recordPath(relation.target, key))}>
                {label}
              </a>
            </li>
          ))}
          {list.isTooMany && <li class="muted">and more</li>}
        </ul>
      )}
    </Card>
  )
}
