// JSON Web Tokens: who signed one, and whether it is valid now. What else a token claims is left to the caller. The
// signature is checked once; tokens that passed are remembered, and their times are compared on every use.
import { isUtf8 } from 'node:buffer'
import { compactVerify, decodeProtectedHeader } from 'jose'
import type { Clock } from '../std/clock.ts'
import { isJson } from '../std/json-check.ts'
import type { JwtKey } from './jwt-keys.ts'
import { VerifiedTokens } from './verified-tokens.ts'

export interface Claims extends Readonly<Record<string, unknown>> {
  /** Unix seconds, with or without a fraction. */
  readonly exp?: number
  readonly nbf?: number
}

export type Verdict =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: 'invalid' | 'expired' | 'not-yet' | 'times' }

export interface JwtRules {
  readonly keys: readonly JwtKey[]
  /** How far the clock of whoever minted a token may be off. */
  readonly skewSeconds: number
  /** A token without `exp` is refused. */
  readonly expiryRequired: boolean
}

/** A request's head has no room for more. */
const tokenLengthMax = 16_384

/** Signatures that one token may cost. Whoever has more keys of one algorithm names them, and so do the tokens. */
const triesMax = 16

const invalid = { ok: false, reason: 'invalid' } as const

export class JwtVerifier {
  readonly #clock: Clock
  readonly #verified = new VerifiedTokens<Claims>()
  #rules: JwtRules
  /** Counts changes of the rules: a check that began before one must not be remembered after it. */
  #generation = 0
  readonly counters = { tokensVerified: 0 }

  constructor(clock: Clock, rules: JwtRules) {
    this.#clock = clock
    this.#rules = rules
  }

  /** Everything remembered is forgotten. */
  replaceRules(rules: JwtRules): void {
    this.#rules = rules
    this.#generation++
    this.#verified.clear()
  }

  get remembered(): number {
    return this.#verified.size
  }

  /** Calls `done` exactly once: before it returns where the token is known, else in a later turn. */
  verify(token: string, done: (verdict: Verdict) => void): void {
    const key = `${this.#generation} ${token}`
    const known = this.#verified.find(key)
    if (known !== undefined) return done(this.#judge(known))
    if (token.length > tokenLengthMax || !isCanonical(token) || !hasSoundHeader(token)) return done(invalid)
    const rules = this.#rules
    void this.#check(token, rules.keys).then(claims => {
      if (claims === undefined) return done(invalid)
      if (!hasSoundTimes(claims)) return done({ ok: false, reason: 'times' })
      if (rules === this.#rules) this.#verified.add(key, claims)
      done(this.#judge(claims, rules))
    })
  }

  async #check(token: string, keys: readonly JwtKey[]): Promise<Record<string, unknown> | undefined> {
    this.counters.tokensVerified++
    for (const { algs, key } of keysFor(token, keys)) {
      try {
        const { payload } = await compactVerify(token, await key, { algorithms: [...algs] })
        return parseClaims(payload)
      } catch {
        // Whatever is wrong with the token or with its signature under this key: another key may fit.
      }
    }
    return undefined
  }

  /** An exact second is still valid. */
  #judge(claims: Claims, { skewSeconds, expiryRequired } = this.#rules): Verdict {
    const now = Math.floor(this.#clock.unixMs() / 1_000)
    const { exp, nbf } = claims
    if (exp === undefined && expiryRequired) return { ok: false, reason: 'times' }
    if (exp !== undefined && exp + skewSeconds < now) return { ok: false, reason: 'expired' }
    if (nbf !== undefined && nbf - skewSeconds > now) return { ok: false, reason: 'not-yet' }
    return { ok: true, claims }
  }
}

/** RFC 7515 section 2: no padding, no blanks, no stray bits; or one token would have many texts, each remembered. */
function isCanonical(token: string): boolean {
  const signature = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(token)?.[1]
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature
}

/** Nobody has vouched for it yet, and the library parses it for each key. */
function hasSoundHeader(token: string): boolean {
  return jsonOf(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url')) !== undefined
}

/** Undefined where it is no JSON in UTF-8, or deeper than clients may send. A byte-order mark makes it none. */
function jsonOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return isJson(text) ? text : undefined
}

/** The key that the token names, if there is one; else those without a name. Of these, the ones of its algorithm. */
function keysFor(token: string, keys: readonly JwtKey[]): readonly JwtKey[] {
  const { alg, kid } = headerOf(token)
  const named = kid === undefined ? keys : keys.filter(key => key.kid === kid)
  const meant = named.length > 0 ? named : keys.filter(key => key.kid === undefined)
  return meant.filter(({ algs }) => algs.includes(String(alg))).slice(0, triesMax)
}

function headerOf(token: string): { readonly alg?: unknown; readonly kid?: string | undefined } {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    return { alg, kid: typeof kid === 'string' ? kid : undefined }
  } catch {
    return {} // no token at all
  }
}

/** Undefined where the payload is no JSON object. A time of null counts as none. */
function parseClaims(payload: Uint8Array): Record<string, unknown> | undefined {
  const text = jsonOf(payload)
  const claims: unknown = text === undefined ? undefined : JSON.parse(text)
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined
  const { exp, nbf, ...rest } = claims as Record<string, unknown>
  return { ...rest, ...(exp != null && { exp }), ...(nbf != null && { nbf }) }
}

function hasSoundTimes(claims: Readonly<Record<string, unknown>>): claims is Claims {
  const times = [claims['exp'], claims['nbf']]
  return times.every(time => time === undefined || typeof time === 'number')
}
