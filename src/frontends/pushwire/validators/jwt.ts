// JSON Web Tokens: `sub`, where there is one, must be the client's id; `channels` says what it opens, everything where it is not
// there; with `exp` the connection ends (contract §6.2).
import { type Claims, JwtVerifier } from '../../../auth/jwt.ts'
import { type JwtKey, parseKeySet, secretKeys } from '../../../auth/jwt-keys.ts'
import type { Clock } from '../../../std/clock.ts'
import { Fault } from '../../../std/fault.ts'
import { type Permissions, parseGrants } from '../config/permission.ts'
import type { PushwireSettings } from '../settings.ts'
import { expired, unauthorized } from './answers.ts'
import type { Question, Validator, Verdict } from './validator.ts'

type JwtSettings = Pick<PushwireSettings, 'jwtSecret' | 'jwksFile' | 'skewMs'>

/** The keys that check tokens, and what an operator should know of those out of the file. */
interface JwtKeys {
  readonly keys: readonly JwtKey[]
  /** One sentence each. */
  readonly remarks: readonly string[]
  /** Secrets in the file; `name` begins a sentence. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[]
}

/** Throws a sentence where the file has none that can be used. */
export function jwtKeysOf({ jwtSecret, jwksFile }: JwtSettings, readFile: (path: string) => string): JwtKeys {
  const keys = secretKeys(jwtSecret, 'HS256')
  if (jwksFile === '') return { keys, remarks: [], secrets: [] }
  const set = parseKeySet(readFile(jwksFile), 'HS256')
  const name = `the key set ${jwksFile}`
  if (!set.ok) throw new Fault('key-set-unusable', `${name} ${set.mistake}`)
  return {
    keys: [...keys, ...set.keys],
    remarks: set.remarks.map(remark => `${name}: ${remark}`),
    secrets: set.secrets.map(one => ({ name: `${name}: ${one.name}`, secret: one.secret })),
  }
}

export class JwtValidator implements Validator {
  readonly #verifier: JwtVerifier
  readonly #permissions: Permissions
  readonly #skewSeconds: number

  constructor(
    { skewMs }: Pick<JwtSettings, 'skewMs'>,
    { clock, keys, permissions }: { clock: Clock; keys: readonly JwtKey[]; permissions: Permissions },
  ) {
    this.#skewSeconds = skewMs / 1_000
    this.#permissions = permissions
    this.#verifier = new JwtVerifier(clock, { keys, skewSeconds: this.#skewSeconds, expiryRequired: false })
  }

  judge({ token, clientId }: Question, done: (verdict: Verdict) => void): void {
    if (token === undefined) return done(unauthorized)
    this.#verifier.verify(token, verdict => {
      if (verdict.ok) done(this.#verdictOf(verdict.claims, clientId))
      else done(verdict.reason === 'expired' ? expired : unauthorized)
    })
  }

  statistics(): Readonly<Record<'tokensVerified' | 'tokensRemembered', number>> {
    return { ...this.#verifier.counters, tokensRemembered: this.#verifier.remembered }
  }

  #verdictOf({ exp, sub, channels }: Claims, clientId: string): Verdict {
    if (sub !== undefined && (typeof sub !== 'string' || sub.toLowerCase() !== clientId)) return unauthorized
    const grants = parseGrants(channels)
    if (grants === undefined) return unauthorized
    // An exact second is still valid, as for the signature's check. What no clock can show is never.
    const isTime = exp !== undefined && exp < Number.MAX_SAFE_INTEGER
    const expires = isTime ? Math.floor(exp + this.#skewSeconds) + 1 : undefined
    return { ok: true, permission: this.#permissions.of(grants, expires) }
  }
}
