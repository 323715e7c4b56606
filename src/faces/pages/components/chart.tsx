/** Counts as bars, drawn by the server, each with its numbers in a table beside it. */

import type { PageContext } from '../context.ts'
import { classes, type Html } from './html.ts'

export interface Bar {
  readonly label: string
  readonly events: number
  readonly changes: number
  readonly refused: number
  /** What the bar counts. */
  readonly href?: string
}

export interface BarChartProps {
  readonly page: PageContext
  readonly title: string
  readonly bars: readonly Bar[]
  /** One beside the other, in the order of time; else one under the other. */
  readonly isColumns?: boolean
}

export function BarChart({ page, title, bars, isColumns }: BarChartProps): Html {
  return (
    <div class={classes('chart', isColumns && 'columned')}>
      {isColumns && <Columns title={title} bars={bars} />}
      <div class="table-scroll" tabindex={0} role="region" aria-label={title}>
        <table>
          <caption class="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{isColumns ? 'When' : 'Name'}</th>
              {!isColumns && (
                <th>
                  <span class="visually-hidden">Share</span>
                </th>
              )}
              <th scope="col" class="number">
                Events
              </th>
              <th scope="col" class="number">
                Changes
              </th>
              <th scope="col" class="number">
                Refused
              </th>
            </tr>
          </thead>
          <tbody>
            {(isColumns ? bars.filter(({ events }) => events > 0) : bars).map((bar) => (
              <tr>
                <th scope="row">
                  {bar.href === undefined ? (
                    bar.label
                  ) : (
                    <a class="link" href={bar.href}>
                      {bar.label}
                    </a>
                  )}
                </th>
                {!isColumns && (
                  <td class="share">
                    <Share of={bar.events} most={mostOf(bars)} />
                  </td>
                )}
                <td class="number">{page.format.number(bar.events)}</td>
                <td class="number">{page.format.number(bar.changes)}</td>
                <td class="number">{page.format.number(bar.refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function mostOf(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ events }) => events))
}

/** Beside its number, so it need not be heard. */
function Share({ of, most }: { readonly of: number; readonly most: number }): Html {
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect x="0" y="0" width={String((of / most) * 100)} height="8" />
    </svg>
  )
}

const HEIGHT = 100
const WIDTH = 12
const GAP = 4

function Columns({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }): Html {
  const most = mostOf(bars)
  const width = bars.length * (WIDTH + GAP)
  return (
    <svg
      class="columns-chart"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${title}; the numbers stand in the table`}
    >
      {bars.map(({ events, refused }, index) => {
        const x = String(index * (WIDTH + GAP) + GAP / 2)
        const [tall, bad] = [heightOf(events, most), heightOf(refused, most)]
        return (
          <g>
            <rect x={x} y={String(HEIGHT - tall)} width={String(WIDTH)} height={String(tall)} />
            <rect class="bad" x={x} y={String(HEIGHT - bad)} width={String(WIDTH)} height={String(bad)} />
          </g>
        )
      })}
    </svg>
  )
}

/** What is there at all can be seen. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT)
}
