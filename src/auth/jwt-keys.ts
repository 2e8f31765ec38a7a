// Keys that verify JSON Web Tokens. Each is bound to one algorithm and checks no other, so nothing that a token says
// can choose how it is verified (RFC 8725 section 3.1).
import { createPublicKey, type JsonWebKey, type KeyObject, webcrypto } from 'node:crypto'

export interface JwtKey {
  readonly alg: string
  /** A token that names a key is checked by that one, if there is one of this name. */
  readonly kid: string | undefined
  readonly key: KeyObject | Promise<webcrypto.CryptoKey>
}

type KeyReading =
  | { readonly ok: true; readonly keys: readonly JwtKey[] }
  | { readonly ok: false; readonly mistake: string }

/** Every key may have to be tried for a token without a name, so there are few. */
const keysMax = 16

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
  EdDSA: 'ed25519',
} as const

/** RFC 7518 section 3.3; no token would pass with a shorter one. */
const rsaBitsMin = 2_048

/** Secrets must not be empty. */
export function secretKeys(secrets: readonly string[]): readonly JwtKey[] {
  return secrets.map(secret => ({ alg: 'HS512', kid: undefined, key: importSecret(Buffer.from(secret)) }))
}

/** The text of a JSON Web Key Set (RFC 7517 section 5): public keys, or secrets for HS512; each must say its `alg`. */
export function parseKeySet(text: string): KeyReading {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    return mistake('it is not JSON')
  }
  const entries = (set as { keys?: unknown } | null)?.keys
  if (!Array.isArray(entries)) return mistake('it has no list named keys')
  if (entries.length > keysMax) return mistake(`it has more than ${keysMax} keys`)
  const keys: JwtKey[] = []
  for (const [index, entry] of entries.entries()) {
    const key = parseKey(entry as Record<string, unknown> | null)
    if (typeof key === 'string') return mistake(`key ${index + 1} ${key}`)
    keys.push(key)
  }
  return { ok: true, keys }
}

/** The name only: what else it says is ignored. A sentence's end where the entry is no key. */
function parseKey(entry: Record<string, unknown> | null): JwtKey | string {
  if (typeof entry !== 'object' || entry === null) return 'is no object'
  const { alg, kty } = entry
  const kid = typeof entry['kid'] === 'string' ? entry['kid'] : undefined
  if (kty === 'oct' && alg === 'HS512') {
    const secret = Buffer.from(typeof entry['k'] === 'string' ? entry['k'] : '', 'base64url')
    return secret.length === 0 ? 'has an empty secret' : { alg, kid, key: importSecret(secret) }
  }
  if (!isAsymmetric(alg)) {
    return `must name its algorithm: HS512 for a secret, or one of ${Object.keys(asymmetric).join(', ')}`
  }
  try {
    const key = createPublicKey({ key: entry as JsonWebKey, format: 'jwk' })
    return misfitOf(alg, key) ?? { alg, kid, key }
  } catch {
    return 'is no public key'
  }
}

function isAsymmetric(alg: unknown): alg is keyof typeof asymmetric {
  return typeof alg === 'string' && Object.hasOwn(asymmetric, alg)
}

/** Why no token of the algorithm could ever pass with the key. */
function misfitOf(alg: keyof typeof asymmetric, key: KeyObject): string | undefined {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const kind = [key.asymmetricKeyType, namedCurve].filter(part => part !== undefined).join(' ')
  if (kind !== asymmetric[alg]) return `does not fit its algorithm ${alg}`
  return kind === 'rsa' && modulusLength < rsaBitsMin ? `has fewer than ${rsaBitsMin} bits` : undefined
}

function importSecret(secret: Buffer): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-512' }, false, ['verify'])
}

function mistake(text: string): KeyReading {
  return { ok: false, mistake: text }
}
