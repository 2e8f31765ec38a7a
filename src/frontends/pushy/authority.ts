// Who is asking, and for which channels: tokens of clients, credentials of publishers, and what a token opens.
import { createCredentialCheck } from '../../auth/credential.ts'
import { type Claims, type JwtRules, JwtVerifier } from '../../auth/jwt.ts'
import { type JwtKey, parseKeySet, secretKeys } from '../../auth/jwt-keys.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import { grantsOf, isGranted } from './channel-grants.ts'
import type { Reason } from './refusals.ts'
import type { PushySettings } from './settings.ts'

/** Whoever holds a valid token. */
export interface Bearer {
  /** Undefined: the token names none. */
  readonly grants: readonly string[] | undefined
  /** First Unix second in which the token is expired. */
  readonly expires: number | undefined
}

type BearerOutcome = Bearer | Reason

const reasons = {
  invalid: 'token-invalid',
  expired: 'token-expired',
  'not-yet': 'token-not-yet',
  times: 'token-times',
} as const

/** The keys that check tokens, and what an operator should know of those out of the file. */
interface Keys {
  readonly keys: readonly JwtKey[]
  /** One sentence each. */
  readonly remarks: readonly string[]
  /** Secrets in the file; `name` begins a sentence. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[]
}

/** The keys of the settings, with the text of the key set's file; throws where none of that can be used. */
export function keysOf({ secret, jwksFile }: PushySettings, readFile: (path: string) => string): Keys {
  const keys = secretKeys(secret)
  if (jwksFile === '') return { keys, remarks: [], secrets: [] }
  const set = parseKeySet(readFile(jwksFile))
  if (!set.ok) throw new Fault('key-set-unusable', `the key set ${jwksFile} ${set.mistake}`)
  return {
    keys: [...keys, ...set.keys],
    remarks: set.remarks.map(remark => `the key set ${jwksFile}: ${remark}`),
    secrets: set.secrets.map(({ name, secret: text }) => ({
      name: `the key set ${jwksFile}: ${name}`,
      secret: text,
    })),
  }
}

export class Authority {
  readonly #verifier: JwtVerifier
  #settings: PushySettings
  #isCredential: (id: string | undefined, secret: string | undefined) => boolean

  constructor(clock: Clock, settings: PushySettings, keys: readonly JwtKey[]) {
    this.#settings = settings
    this.#verifier = new JwtVerifier(clock, rulesOf(settings, keys))
    this.#isCredential = createCredentialCheck(settings.clientId, settings.clientSecret)
  }

  reload(settings: PushySettings, keys: readonly JwtKey[]): void {
    this.#settings = settings
    this.#verifier.replaceRules(rulesOf(settings, keys))
    this.#isCredential = createCredentialCheck(settings.clientId, settings.clientSecret)
  }

  statistics(): Readonly<Record<string, number>> {
    return { ...this.#verifier.counters, tokensRemembered: this.#verifier.remembered }
  }

  /** A request that shows either header means to be a publisher's. */
  showsCredential(exchange: Exchange): boolean {
    return exchange.header('x-client-id') !== undefined || exchange.header('x-client-secret') !== undefined
  }

  isPublisher(exchange: Exchange): boolean {
    return this.#isCredential(exchange.header('x-client-id'), exchange.header('x-client-secret'))
  }

  /** Calls `done` exactly once, possibly in a later turn. */
  verify(token: string, done: (outcome: BearerOutcome) => void): void {
    this.#verifier.verify(token, verdict =>
      done(verdict.ok ? this.#bearer(verdict.claims) : reasons[verdict.reason]),
    )
  }

  mayUse({ grants }: Bearer, channel: string): boolean {
    if (grants === undefined) return this.#settings.g1Open
    return isGranted(grants, channel, this.#settings.wildcards)
  }

  #bearer(claims: Claims): Bearer {
    const { exp } = claims
    const expires = exp === undefined ? undefined : Math.floor(exp + this.#settings.skewMs / 1_000) + 1
    return { grants: grantsOf(claims['channels']), expires }
  }
}

/** The token of a request as the original reads it: `Bearer`, one blank, and nothing else in the header. */
export function bearerTokenOf(exchange: Exchange): string | undefined {
  const header = exchange.header('authorization')
  const token = header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : ''
  return token === '' ? undefined : token
}

function rulesOf({ skewMs, tokenExpiryRequired }: PushySettings, keys: readonly JwtKey[]): JwtRules {
  return { keys, skewSeconds: skewMs / 1_000, expiryRequired: tokenExpiryRequired }
}
