/** What the shop sells: categories in a tree, products, and tags on them. */

import type { Row } from './insert.ts'
import { DAY_MS, date, FOUNDED, TODAY, timestamp } from './moment.ts'
import type { Random } from './random.ts'

export interface Product {
  readonly id: number
  /** In cents: what is computed with is never a fraction. */
  readonly cents: number
  readonly row: Row
}

export interface Assortment {
  readonly categories: readonly Row[]
  readonly products: readonly Product[]
  readonly tags: readonly Row[]
  readonly productTags: readonly Row[]
}

interface Shelf {
  readonly name: string
  readonly things: readonly string[]
  readonly materials: readonly string[]
  /** In whole units of money. */
  readonly from: number
  readonly to: number
}

function words(text: string): readonly string[] {
  return text.split(', ')
}

const TREE: Readonly<Record<string, readonly Shelf[]>> = {
  Kitchen: [
    {
      name: 'Cookware',
      things: words('casserole, frying pan, saucepan, wok, tagine, comal'),
      materials: words('cast iron, carbon steel, enamelled, copper, clay'),
      from: 29,
      to: 240,
    },
    {
      name: 'Tableware',
      things: words('plate, bowl, mug, serving dish, tea cup, jug'),
      materials: words('stoneware, Hasami porcelain, Talavera, speckled, celadon'),
      from: 9,
      to: 64,
    },
    {
      name: 'Boards and knives',
      things: words('chopping board, bread knife, santoku, paring knife, honing rod'),
      materials: words('oak, olive wood, damascus, beech, hinoki'),
      from: 18,
      to: 190,
    },
    {
      name: 'Tea and coffee',
      things: words('teapot, pour-over dripper, coffee grinder, matcha whisk, moka pot, cezve'),
      materials: words('glass, cast iron, bamboo, brass, porcelain'),
      from: 14,
      to: 150,
    },
  ],
  Living: [
    {
      name: 'Lighting',
      things: words('desk lamp, pendant, lantern, floor lamp, candle holder'),
      materials: words('paper, rattan, brass, opal glass, black'),
      from: 24,
      to: 420,
    },
    {
      name: 'Textiles',
      things: words('blanket, cushion cover, kilim, throw, tea towel, curtain'),
      materials: words('linen, alpaca, Adire cotton, wool, indigo'),
      from: 12,
      to: 380,
    },
    {
      name: 'Storage',
      things: words('basket, shelf, chest, coat rack, jar'),
      materials: words('seagrass, ash, willow, oak, zinc'),
      from: 15,
      to: 510,
    },
  ],
  Garden: [
    {
      name: 'Tools',
      things: words('hori hori, secateurs, dibber, watering can, hand fork'),
      materials: words('forged, ash-handled, copper, stainless, galvanised'),
      from: 11,
      to: 95,
    },
    {
      name: 'Pots',
      things: words('planter, hanging pot, seed tray, saucer'),
      materials: words('terracotta, glazed, fibreclay, recycled'),
      from: 6,
      to: 120,
    },
  ],
  Desk: [
    {
      name: 'Paper',
      things: words('notebook, letter set, washi roll, sketchbook, calendar'),
      materials: words('cotton rag, recycled, dotted, kraft, handmade'),
      from: 4,
      to: 38,
    },
    {
      name: 'Writing',
      things: words('fountain pen, pencil set, brush pen, ink, pen case'),
      materials: words('brass, cedar, ebonite, walnut, leather'),
      from: 7,
      to: 210,
    },
  ],
}

const TAGS: readonly (readonly [name: string, colour: string])[] = [
  ['bestseller', '#b45309'],
  ['new', '#2563eb'],
  ['handmade', '#7c3aed'],
  ['fair trade', '#15803d'],
  ['fragile', '#dc2626'],
  ['oversize', '#475569'],
  ['gift idea', '#db2777'],
  ['last chance', '#ea580c'],
  ['dishwasher-safe', '#0891b2'],
  ['vegan', '#4d7c0f'],
  ['recycled', '#0f766e'],
  ['made in Oaxaca', '#be123c'],
  ['café & résumé', '#6d28d9'],
  ['和', '#1e293b'],
]

const COLOURS: readonly string[] = ['natural', 'slate', 'ochre', 'indigo', 'moss', 'white', 'terracotta']

export function makeAssortment(random: Random): Assortment {
  const categories: Row[] = []
  const products: Product[] = []
  for (const [index, [name, shelves]] of Object.entries(TREE).entries()) {
    const parent = addCategory(categories, name, null, index)
    for (const [position, shelf] of shelves.entries()) {
      const category = addCategory(categories, shelf.name, parent, position)
      products.push(...fill(random, shelf, category, products.length + 1))
    }
  }
  const tags = TAGS.map(([name, colour], index): Row => ({ id: index + 1, name, colour }))
  const productTags = products.flatMap((product) =>
    random
      .some(tags, random.weighted({ 0: 3, 1: 4, 2: 3, 3: 1 }) === '0' ? 0 : random.int(1, 3))
      .map((tag): Row => ({ product_id: product.id, tag_id: tag['id'] ?? null })),
  )
  return { categories, products, tags, productTags }
}

function addCategory(categories: Row[], name: string, parent: number | null, position: number): number {
  const id = categories.length + 1
  const slug = name.toLowerCase().replace(/[^a-z]+/g, '-')
  categories.push({ id, parent_id: parent, name, slug, position })
  return id
}

/** Each thing in each material. */
function fill(random: Random, shelf: Shelf, category: number, firstId: number): readonly Product[] {
  const kinds = shelf.things.flatMap((thing) => shelf.materials.map((material) => `${material} ${thing}`))
  return kinds.map((kind, index) => makeProduct(random, shelf, category, firstId + index, kind))
}

function makeProduct(random: Random, shelf: Shelf, category: number, id: number, kind: string): Product {
  const whole = Math.round(shelf.from + (shelf.to - shelf.from) * random.next() ** 2)
  const cents = whole * 100 - random.pick([0, 1, 5, 10, 50])
  const releasedAt = FOUNDED + Math.floor(random.next() * (TODAY - FOUNDED - 30 * DAY_MS))
  const isDeleted = random.chance(0.06)
  const row: Row = {
    id,
    sku: `${shelf.name.slice(0, 3).toUpperCase()}-${String(id).padStart(4, '0')}`,
    name: capitalised(kind),
    category_id: category,
    price: money(cents),
    stock: random.chance(0.08) ? 0 : random.int(1, 400),
    weight_kg: random.chance(0.9) ? Math.round(random.next() ** 2 * 12_000 + 50) / 1000 : null,
    barcode: random.chance(0.95) ? BigInt(`40${String(id).padStart(4, '0')}${random.digits(7)}`) : null,
    is_active: !isDeleted && random.chance(0.93),
    attributes: JSON.stringify({
      colours: random.some(COLOURS, random.int(1, 3)),
      ...(random.chance(0.5) && { width_mm: random.int(40, 900), height_mm: random.int(20, 700) }),
    }),
    description: random.chance(0.8) ? describe(random, kind) : null,
    released_on: date(releasedAt),
    deleted_at: isDeleted ? timestamp(TODAY - random.int(1, 300) * DAY_MS) : null,
  }
  return { id, cents, row }
}

function describe(random: Random, kind: string): string {
  const name = capitalised(kind)
  const openings = [
    `${name} for every day.`,
    `${name} that gets better with age.`,
    `${name}, made in small runs.`,
  ]
  const endings = [
    'Wash by hand.',
    'Ships in recycled paper – no plastic.',
    'Each one differs a little; that is the point.',
    'Two-year guarantee.\nSpare parts on request.',
  ]
  return `${random.pick(openings)} ${random.pick(endings)}`
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `1234` is `12.34`. */
export function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
