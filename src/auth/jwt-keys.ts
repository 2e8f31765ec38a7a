// Keys that verify JSON Web Tokens. Each is bound to one algorithm and checks no other, so nothing that a token says
// can choose how it is verified (RFC 8725 section 3.1).
import { createPublicKey, type JsonWebKey, type KeyObject, webcrypto } from 'node:crypto'
import { isJson } from '../std/json-check.ts'

export interface JwtKey {
  /** The names of its one algorithm in tokens: Ed25519 has two (RFC 9864 section 2.2). */
  readonly algs: readonly string[]
  /** A token that names a key is checked by that one, if there is one of this name. */
  readonly kid: string | undefined
  readonly key: KeyObject | Promise<webcrypto.CryptoKey>
}

interface KeySet {
  /** At least one. */
  readonly keys: readonly JwtKey[]
  /** What an operator should know of its keys, to follow its name and a colon. */
  readonly remarks: readonly string[]
  /** Those among the keys, byte by byte; `name` says which. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[]
}

type KeyReading =
  | ({ readonly ok: true } & KeySet)
  /** The end of a sentence that begins with the set. */
  | { readonly ok: false; readonly mistake: string }

/** Those that are used. An issuer has a few for each of its algorithms, and twice as many while it changes them. */
const keysMax = 64

/** Passed over are more, for other purposes or other programs; the first are told. */
const toldMax = 8

/** The kind of key that each algorithm takes, with the curve where that is a choice. */
const asymmetric = {
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  ES256: 'ec prime256v1',
  ES384: 'ec secp384r1',
  ES512: 'ec secp521r1',
  Ed25519: 'ed25519',
  EdDSA: 'ed25519',
} as const

type Algorithm = keyof typeof asymmetric

/** What tokens of an issuer that leaves `alg` out are signed with, by kind of key. */
const usual: Readonly<Record<string, Algorithm>> = {
  rsa: 'RS256',
  'ec prime256v1': 'ES256',
  'ec secp384r1': 'ES384',
  'ec secp521r1': 'ES512',
  ed25519: 'Ed25519',
}

/** RFC 7518 section 3.3; no token would pass with a shorter one. */
const rsaBitsMin = 2_048

/** What each algorithm of secrets hashes with, and the bytes that it wants (RFC 7518 section 3.2). */
const symmetric = {
  HS256: { hash: 'SHA-256', bytesMin: 32 },
  HS512: { hash: 'SHA-512', bytesMin: 64 },
} as const

/** A protocol has one for its secrets. */
export type SecretAlgorithm = keyof typeof symmetric

/** Secrets must not be empty. */
export function secretKeys(secrets: readonly string[], alg: SecretAlgorithm = 'HS512'): readonly JwtKey[] {
  return secrets.map(secret => ({ algs: [alg], kid: undefined, key: importSecret(Buffer.from(secret), alg) }))
}

/** Why an entry is of no use here, to follow its number. */
type Unused = string

interface Used {
  readonly key: JwtKey
  /** To follow its number. */
  readonly remark: string | undefined
  readonly secret: string | undefined
}

/**
 * The text of a JSON Web Key Set: public keys, or secrets for one algorithm. Issuers list keys for other purposes beside them and
 * will list kinds that nobody knows yet: what is of no use here is passed over (RFC 7517 section 5) and told.
 */
export function parseKeySet(text: string, secretAlgorithm: SecretAlgorithm = 'HS512'): KeyReading {
  if (!isJson(text)) return { ok: false, mistake: 'is not JSON' }
  const entries = (JSON.parse(text) as { keys?: unknown } | null)?.keys
  if (!Array.isArray(entries)) return { ok: false, mistake: 'has no list named keys' }
  const keys: JwtKey[] = []
  const secrets: KeySet['secrets'][number][] = []
  const [remarks, unused]: [string[], string[]] = [[], []]
  for (const [index, entry] of entries.entries()) {
    const name = `key ${index + 1}`
    const read: Used | Unused =
      keys.length < keysMax
        ? parseKey(entry as Record<string, unknown> | null, secretAlgorithm)
        : `is beyond ${keysMax}`
    if (typeof read === 'string') {
      unused.push(`${name} ${read}`)
      continue
    }
    keys.push(read.key)
    if (read.remark !== undefined) remarks.push(`${name} ${read.remark}`)
    if (read.secret !== undefined) secrets.push({ name, secret: read.secret })
  }
  const untold = unused.length > toldMax ? `; and ${unused.length - toldMax} more` : ''
  const told = unused.slice(0, toldMax).join('; ') + untold
  if (keys.length === 0) return { ok: false, mistake: `has no key that can be used${told && `: ${told}`}` }
  return {
    ok: true,
    keys,
    remarks: told === '' ? remarks : [`some are passed over: ${told}`, ...remarks],
    secrets,
  }
}

function parseKey(entry: Record<string, unknown> | null, secretAlgorithm: SecretAlgorithm): Used | Unused {
  if (typeof entry !== 'object' || entry === null) return 'is no object'
  const { kty, use, key_ops: operations, alg } = entry
  // RFC 7517 sections 4.2 and 4.3: what its owner means it for.
  if (use !== undefined && use !== 'sig') return `has the use ${quoted(use)}`
  const mayVerify = operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
  if (!mayVerify) return `may ${quoted(operations)}, and not verify`
  const kid = typeof entry['kid'] === 'string' ? entry['kid'] : undefined
  if (kty === 'oct') return parseSecret(entry, kid, secretAlgorithm)
  if (alg !== undefined && !isAsymmetric(alg))
    return `has the algorithm ${quoted(alg)}, which is none of ours`
  let key: KeyObject
  try {
    key = createPublicKey({ key: entry as JsonWebKey, format: 'jwk' })
  } catch {
    return typeof kty === 'string' && ['RSA', 'EC', 'OKP'].includes(kty)
      ? 'is no public key'
      : `has the type ${quoted(kty)}, which is none of ours`
  }
  const kind = kindOf(key)
  const algorithm = alg ?? usual[kind]
  if (algorithm === undefined || asymmetric[algorithm] !== kind)
    return `does not fit ${alg ?? 'any algorithm'}`
  const bits = key.asymmetricKeyDetails?.modulusLength ?? rsaBitsMin
  if (bits < rsaBitsMin) return `has fewer than ${rsaBitsMin} bits`
  const isPrivate = Object.hasOwn(entry, 'd')
  const remark = isPrivate
    ? 'is a private key; the public one is enough here, and this one should not be'
    : undefined
  return { key: { algs: namesOf(algorithm), kid, key }, remark, secret: undefined }
}

function parseSecret(
  { alg: named, k }: Record<string, unknown>,
  kid: string | undefined,
  alg: SecretAlgorithm,
): Used | Unused {
  if (named !== undefined && named !== alg) return `has the algorithm ${quoted(named)}, which is none of ours`
  const bytes = Buffer.from(typeof k === 'string' ? k : '', 'base64url')
  if (bytes.length === 0) return 'has an empty secret'
  const { bytesMin } = symmetric[alg]
  const isShort = bytes.length < bytesMin
  const remark = `has fewer than ${bytesMin} bytes, which ${alg} wants (RFC 7518 section 3.2)`
  return {
    key: { algs: [alg], kid, key: importSecret(bytes, alg) },
    remark: isShort ? remark : undefined,
    secret: bytes.toString('latin1'),
  }
}

function isAsymmetric(alg: unknown): alg is Algorithm {
  return typeof alg === 'string' && Object.hasOwn(asymmetric, alg)
}

/** As in `asymmetric`. */
function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const curve = asymmetricKeyDetails?.namedCurve
  return curve === undefined ? `${asymmetricKeyType}` : `${asymmetricKeyType} ${curve}`
}

function namesOf(algorithm: Algorithm): readonly string[] {
  return asymmetric[algorithm] === 'ed25519' ? ['Ed25519', 'EdDSA'] : [algorithm]
}

/** A word of the set, which may be anything. */
function quoted(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, quotedMax)
}

const quotedMax = 40

function importSecret(secret: Buffer, alg: SecretAlgorithm): Promise<webcrypto.CryptoKey> {
  const { hash } = symmetric[alg]
  return webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['verify'])
}
