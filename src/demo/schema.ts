/**
 * The tables of the sample shop: one of everything that an admin meets, with
 * the indexes that a shop of this kind would have.
 */

export const SCHEMA: readonly string[] = [
  `CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name VARCHAR(120) NOT NULL,
    email VARCHAR(160) NOT NULL UNIQUE,
    phone VARCHAR(32),
    region TEXT NOT NULL CHECK (region IN ('emea', 'amer', 'apac')),
    birth_date DATE,
    tax_number VARCHAR(24),
    password_hash TEXT NOT NULL,
    marketing_consent BOOLEAN NOT NULL DEFAULT FALSE,
    credit_limit DECIMAL(12,2),
    preferences JSON,
    avatar BLOB,
    external_id UUID NOT NULL UNIQUE,
    notes TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`,
  'CREATE INDEX customers_by_name ON customers (name)',
  'CREATE INDEX customers_by_region ON customers (region)',
  'CREATE INDEX customers_by_creation ON customers (created_at)',

  `CREATE TABLE addresses (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL DEFAULT 'shipping' CHECK (kind IN ('shipping', 'billing')),
    name VARCHAR(120) NOT NULL,
    street VARCHAR(160) NOT NULL,
    postal_code VARCHAR(16) NOT NULL,
    city VARCHAR(80) NOT NULL,
    country CHAR(2) NOT NULL,
    is_default BOOLEAN NOT NULL DEFAULT FALSE
  )`,
  'CREATE INDEX addresses_by_customer ON addresses (customer_id)',
  'CREATE INDEX addresses_by_city ON addresses (city)',

  `CREATE TABLE categories (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES categories (id) ON DELETE RESTRICT,
    name VARCHAR(80) NOT NULL,
    slug VARCHAR(80) NOT NULL UNIQUE,
    position INTEGER NOT NULL DEFAULT 0
  )`,
  'CREATE INDEX categories_by_parent ON categories (parent_id, position)',

  `CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku VARCHAR(20) NOT NULL UNIQUE,
    name VARCHAR(120) NOT NULL,
    category_id INTEGER NOT NULL REFERENCES categories (id) ON DELETE RESTRICT,
    price DECIMAL(10,2) NOT NULL CHECK (price >= 0),
    price_with_tax DECIMAL(10,2) GENERATED ALWAYS AS (round(price * 1.2, 2)) STORED,
    stock INTEGER NOT NULL DEFAULT 0,
    weight_kg REAL,
    barcode BIGINT UNIQUE,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    attributes JSON,
    description TEXT,
    released_on DATE,
    deleted_at TIMESTAMP
  )`,
  'CREATE INDEX products_by_category ON products (category_id)',
  'CREATE INDEX products_by_name ON products (name)',
  'CREATE INDEX products_by_price ON products (price)',

  `CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    name VARCHAR(40) NOT NULL UNIQUE COLLATE NOCASE,
    colour CHAR(7) NOT NULL DEFAULT '#64748b'
  )`,
  `CREATE TABLE product_tags (
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX product_tags_by_tag ON product_tags (tag_id)',

  `CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    status TEXT NOT NULL DEFAULT 'unpaid' CHECK (
      status IN ('unpaid', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'refunded')
    ),
    channel TEXT NOT NULL DEFAULT 'web' CHECK (channel IN ('web', 'marketplace', 'retail')),
    total DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0),
    currency CHAR(3) NOT NULL DEFAULT 'EUR',
    placed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    paid_at TIMESTAMP,
    shipping_address_id INTEGER REFERENCES addresses (id) ON DELETE SET NULL,
    billing_address_id INTEGER REFERENCES addresses (id) ON DELETE SET NULL,
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    internal_note TEXT
  )`,
  'CREATE INDEX orders_by_customer ON orders (customer_id)',
  'CREATE INDEX orders_by_placing ON orders (placed_at)',
  'CREATE INDEX orders_by_status ON orders (status, placed_at)',
  'CREATE INDEX orders_by_total ON orders (total)',
  'CREATE INDEX orders_by_shipping_address ON orders (shipping_address_id)',
  'CREATE INDEX orders_by_billing_address ON orders (billing_address_id)',

  `CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line_number INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    unit_price DECIMAL(10,2) NOT NULL,
    discount_percent REAL NOT NULL DEFAULT 0,
    line_total DECIMAL(12,2) GENERATED ALWAYS AS (
      round(quantity * unit_price * (1 - discount_percent / 100), 2)
    ) VIRTUAL,
    PRIMARY KEY (order_id, line_number)
  ) WITHOUT ROWID`,
  'CREATE INDEX order_items_by_product ON order_items (product_id)',

  `CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
    method TEXT NOT NULL CHECK (method IN ('card', 'bank-transfer', 'paypal', 'invoice', 'cash')),
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'captured', 'failed', 'refunded')),
    amount DECIMAL(12,2) NOT NULL,
    card_last4 CHAR(4),
    provider_token TEXT,
    captured_at TIMESTAMP
  )`,
  'CREATE INDEX payments_by_order ON payments (order_id)',
  'CREATE INDEX payments_by_capture ON payments (captured_at)',

  `CREATE TABLE returns (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL,
    line_number INTEGER NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL CHECK (reason IN ('damaged', 'wrong-product', 'too-late', 'not-as-described', 'no-reason')),
    state TEXT NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'received', 'refunded', 'declined')),
    refund DECIMAL(12,2),
    comment TEXT,
    requested_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (order_id, line_number) REFERENCES order_items (order_id, line_number) ON DELETE CASCADE
  )`,
  'CREATE INDEX returns_by_line ON returns (order_id, line_number)',
  'CREATE INDEX returns_by_request ON returns (requested_at)',

  `CREATE TABLE staff_notes (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id) ON DELETE CASCADE,
    order_id INTEGER REFERENCES orders (id) ON DELETE CASCADE,
    author VARCHAR(80) NOT NULL,
    body TEXT NOT NULL,
    is_pinned BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`,
  'CREATE INDEX staff_notes_by_customer ON staff_notes (customer_id)',
  'CREATE INDEX staff_notes_by_order ON staff_notes (order_id)',
  'CREATE INDEX staff_notes_by_creation ON staff_notes (created_at)',

  `CREATE TABLE opening_hours (
    id INTEGER PRIMARY KEY,
    shop VARCHAR(60) NOT NULL,
    weekday TEXT NOT NULL CHECK (
      weekday IN ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')
    ),
    opens_at TIME NOT NULL,
    closes_at TIME NOT NULL,
    UNIQUE (shop, weekday)
  )`,

  `CREATE VIEW customer_totals AS
    SELECT c.id AS customer_id, c.name, c.region, CAST(count(o.id) AS INTEGER) AS orders,
      CAST(coalesce(round(sum(o.total), 2), 0) AS REAL) AS revenue, CAST(max(o.placed_at) AS TEXT) AS last_order_at
    FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status NOT IN ('cancelled', 'refunded')
    GROUP BY c.id`,
]
