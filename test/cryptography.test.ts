/** What this program does with cryptography, and where: an inventory that fails for a use nobody has written down. */

import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_COST } from '../src/identity/authenticators/password.ts'
import { randomToken } from '../src/identity/random.ts'

/** Every file that takes something from `node:crypto`, and what it takes it for. Nothing makes primitives of its own. */
const INVENTORY: Readonly<Record<string, { readonly uses: readonly string[]; readonly why: string }>> = {
  'src/actions/undo/plan.ts': { uses: ['createHash'], why: 'what a confirmed plan of undoing is bound to' },
  'src/assembly/rules.ts': { uses: ['createHash'], why: 'the version of a policy' },
  'src/audit/anchor/anchoring.ts': { uses: ['createHash'], why: 'the id of an anchor' },
  'src/audit/anchor/aws-signature.ts': {
    uses: ['createHash', 'createHmac'],
    why: 'requests to S3 (AWS Signature Version 4)',
  },
  'src/audit/anchor/s3-anchor.ts': { uses: ['createHash'], why: 'the checksum beside an object' },
  'src/audit/anchor/webhook-anchor.ts': { uses: ['createHmac'], why: 'the signature of a webhook' },
  'src/audit/checkpoint.ts': { uses: ['createHash', 'KeyObject'], why: 'the chain of checkpoints' },
  'src/audit/cosignature.ts': {
    uses: ['createHash', 'KeyObject', 'sign', 'verify'],
    why: 'what a witness signs',
  },
  'src/audit/create-log.ts': { uses: ['createHash'], why: 'what makes two reads the same' },
  'src/audit/cut.ts': { uses: ['createHash'], why: 'the whole of a text that was cut' },
  'src/audit/note.ts': {
    uses: ['createHash', 'KeyObject', 'sign', 'verify'],
    why: 'the signatures of checkpoints',
  },
  'src/audit/redact.ts': { uses: ['createHash', 'KeyObject'], why: 'commitments to personal values' },
  'src/audit/subject-key.ts': { uses: ['createSecretKey', 'KeyObject'], why: 'the data key of a subject' },
  'src/audit/tree.ts': { uses: ['hash'], why: 'the Merkle tree' },
  'src/audit/witness/memory.ts': { uses: ['createHash'], why: 'where a witness keeps what it saw of a log' },
  'src/audit/witness/witness.ts': { uses: ['KeyObject'], why: 'what a witness signs by' },
  'src/data/describe/fingerprint.ts': { uses: ['createHash'], why: 'the fingerprint of a schema' },
  'src/faces/cli/witness.ts': { uses: ['createPublicKey'], why: 'the key of a witness' },
  'src/gate/cursor.ts': { uses: ['createHash'], why: 'what a cursor belongs to' },
  'src/gate/evidence.ts': { uses: ['createHash'], why: 'what a confirmation is bound to' },
  'src/gate/fixture.ts': { uses: ['randomBytes'], why: 'tests' },
  'src/gate/scope.ts': { uses: ['createHash'], why: 'what a choice of records belongs to' },
  'src/gate/several.ts': { uses: ['createHash'], why: 'the keys of several records' },
  'src/gate/view.ts': { uses: ['createHash'], why: 'the version of a record' },
  'src/identity/authenticators/password.ts': {
    uses: ['Argon2Parameters', 'argon2', 'timingSafeEqual'],
    why: 'passwords (RFC 9106)',
  },
  'src/identity/authenticators/totp.ts': { uses: ['createHmac'], why: 'one-time codes (RFC 6238)' },
  'src/identity/confirmation.ts': { uses: ['randomBytes'], why: 'the id of a confirmation' },
  'src/identity/leaked-password.ts': {
    uses: ['createHash'],
    why: 'the prefix by which a password is looked up among leaked ones',
  },
  'src/identity/random.ts': {
    uses: ['createHash', 'randomFillSync', 'timingSafeEqual'],
    why: 'the randomness that every part is handed, and bearer secrets at rest',
  },
  'src/identity/refresh-token.ts': { uses: ['timingSafeEqual'], why: 'the proof of a refresh token' },
  'src/identity/seal.ts': {
    uses: ['createCipheriv', 'createDecipheriv', 'createHmac', 'createSecretKey', 'hkdfSync', 'KeyObject'],
    why: 'what is sealed or marked',
  },
  'src/keys/ed25519.ts': {
    uses: ['createHash', 'createPrivateKey', 'createPublicKey', 'KeyObject'],
    why: 'signing keys',
  },
  'src/keys/keys.ts': { uses: ['KeyObject'], why: 'the rings' },
  'src/keys/rings.ts': { uses: ['createPublicKey', 'createSecretKey'], why: 'the rings' },
  'src/keys/stored-key.ts': { uses: ['createPublicKey', 'KeyObject'], why: 'making and wrapping keys' },
  'src/keys/wrap.ts': {
    uses: ['createCipheriv', 'createDecipheriv', 'createSecretKey', 'hkdfSync', 'KeyObject'],
    why: 'wrapping keys',
  },
  'src/main.ts': { uses: ['randomBytes'], why: 'the randomness of the command line' },
  'src/model/text.ts': { uses: ['createHash'], why: 'what a form remembers of bytes' },
  'src/store/known-fields.ts': { uses: ['createHash'], why: 'the id of a known field' },
}

/** Published cryptography of others, each of which is one thing in one place. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // its certificate lasts as long as a process of development
  '@peculiar/x509': ['src/adhoc-certificate.ts'],
  jose: ['src/identity/access-token.ts', 'src/identity/oidc/provider.ts'],
  otpauth: ['src/identity/authenticators/totp.ts'],
}

const FILES = globSync('src/**/*.{ts,tsx}')
  .filter((file) => !/\.test\./.test(file))
  .toSorted()
const texts = new Map(FILES.map((file) => [file, readFileSync(file, 'utf8')]))

/** What a file imports from there, the types among it. */
function takenFrom(text: string, specifier: string): readonly string[] {
  const imports = text.matchAll(
    new RegExp(`import\\s+(?:type\\s+)?\\{([^}]*)\\}\\s+from\\s+'${specifier}'`, 'g'),
  )
  return [...imports]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s+\w+$/, ''),
    )
    .filter((name) => name !== '')
    .toSorted()
}

/** Each place where the pattern stands, as `file: what it caught`. */
function places(pattern: RegExp): readonly string[] {
  return [...texts].flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map(([whole, caught]) => `${file}: ${caught ?? whole}`),
  )
}

test('every use of cryptography is in the inventory', () => {
  const found = [...texts].filter(([, text]) => /from 'node:crypto'/.test(text))

  expect(found.length).toBeGreaterThan(20)
  expect(Object.fromEntries(found.map(([file, text]) => [file, takenFrom(text, 'node:crypto')]))).toEqual(
    Object.fromEntries(Object.entries(INVENTORY).map(([file, { uses }]) => [file, uses.toSorted()])),
  )
  for (const [name, owners] of Object.entries(PACKAGES)) {
    const users = [...texts].filter(([, text]) => new RegExp(`(?:from |import\\()'${name}(/|')`).test(text))
    expect(users.map(([file]) => file).toSorted(), name).toEqual(owners)
  }
})

test('every cipher is AES-256-GCM', () => {
  const ciphers = places(/create(?:C|Dec)ipheriv\(\s*([^,]+),/g)

  expect(ciphers.length).toBeGreaterThan(3)
  expect(ciphers.filter((one) => !one.endsWith(": 'aes-256-gcm'"))).toEqual([])
})

test('every hash is SHA-256, but where a standard says another one', () => {
  const hashes = places(/(?:createHash|createHmac|hkdfSync|\bhash)\(\s*('[^']+')/g)

  expect(hashes.length).toBeGreaterThan(15)
  expect(hashes.filter((one) => !one.endsWith(": 'sha256'"))).toEqual([
    // what authenticator apps compute (RFC 6238): an HMAC, which collisions of SHA-1 do not touch
    "src/identity/authenticators/totp.ts: 'sha1'",
    // what lists of leaked passwords are kept by: a name, and no protection of anything
    "src/identity/leaked-password.ts: 'sha1'",
  ])
})

test('every signature is Ed25519', () => {
  // with no digest of its own named, `sign` and `verify` do what the key does, and every key is made here
  expect(places(/\b(?:sign|verify)\((null|'[^']*'),/g)).toEqual([
    'src/audit/cosignature.ts: null',
    'src/audit/cosignature.ts: null',
    'src/audit/note.ts: null',
    'src/audit/note.ts: null',
  ])
  expect(places(/create(?:Private|Public)Key\(\{\s*key: (\w+\.concat\(\[\w+)/g)).toEqual([
    'src/keys/ed25519.ts: Buffer.concat([PKCS8_PREFIX',
    'src/keys/ed25519.ts: Buffer.concat([SPKI_PREFIX',
  ])
  expect(places(/generateKeyPair|createSign\(|createVerify\(|createECDH|createDiffieHellman/g)).toEqual([])
})

test('no secret comes from a source that can be guessed', () => {
  expect(places(/Math\.random|randomUUID/g)).toEqual([
    // how long to wait before trying again
    'src/database/rerun.ts: Math.random',
    // what an ORM of the application makes keys of records with
    'src/readers/prisma.ts: randomUUID',
    'src/readers/sequelize.ts: randomUUID',
  ])
})

test('a secret of this program has 128 bits at least', () => {
  const sizes = places(/\b(?:SEED_BYTES|SECRET_BYTES|FAMILY_BYTES|PROOF_BYTES|SALT_BYTES) = (\d+)/g)

  expect(sizes.length).toBeGreaterThan(4)
  for (const size of sizes) expect(Number(size.split(': ')[1]), size).toBeGreaterThanOrEqual(16)
  expect(
    Buffer.from(
      randomToken((size) => new Uint8Array(size)),
      'base64url',
    ),
  ).toHaveLength(32)
})

test('a password hash costs what OWASP asks for at least', () => {
  expect(DEFAULT_COST.memoryKib).toBeGreaterThanOrEqual(19 * 1024)
  expect(DEFAULT_COST.passes).toBeGreaterThanOrEqual(2)
})

test('what proves by being known is compared in constant time', () => {
  expect(places(/(timingSafeEqual)\(/g)).toEqual([
    'src/identity/authenticators/password.ts: timingSafeEqual',
    'src/identity/random.ts: timingSafeEqual',
    'src/identity/refresh-token.ts: timingSafeEqual',
  ])
  // a mark, a proof or a token is never compared by the operators of the language
  expect(places(/\b(?:mac|proof|mark|token)\s*[!=]==\s*(?!null|undefined|true|false)\w+/g)).toEqual([])
})

test('no certificate goes unchecked unless the address of the database says so', () => {
  expect(places(/rejectUnauthorized: (\w+)/g)).toEqual([
    // `ssl-mode=REQUIRED`, which MySQL's own clients mean so
    'src/database/mysql/address.ts: boolean',
    'src/database/mysql/address.ts: false',
    'src/database/mysql/address.ts: true',
    'src/database/mysql/address.ts: true',
    'src/database/mysql/link.ts: tls',
  ])
  expect(places(/NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity: \(\)/g)).toEqual([])
})

test('what is nowhere in the sources is not found', () => {
  expect(places(new RegExp(['create', 'Nothing\\('].join(''), 'g'))).toEqual([])
  expect(takenFrom("import { type A, b as c } from 'node:crypto'", 'node:crypto')).toEqual(['A', 'b'])
})
