// `Grip-Sig` towards origins (contract §4.3). One token serves all requests of a second, so that keys of any kind are
// affordable; no verifier can object to it.
import { createHmac, sign } from 'node:crypto'
import type { Clock } from '../../../std/clock.ts'
import type { Rule } from '../routes/rule.ts'
import { type GripKey, parseKey, type ReadKeyFile } from './keys.ts'

/** The token of this second. */
export type Signer = () => string

/** What signs where a rule says nothing else. */
export interface SigningDefaults {
  readonly sigIss: string
  /** Empty: requests are not signed. */
  readonly sigKey: string
}

const lifeSeconds = 3_600

export function createSigner({ algorithm, key }: GripKey, issuer: string, clock: Clock): Signer {
  const header = encode(JSON.stringify({ typ: 'JWT', alg: algorithm }))
  let [second, token] = [-1, '']
  return () => {
    const now = Math.floor(clock.unixMs() / 1_000)
    if (now === second) return token
    const signed = `${header}.${encode(JSON.stringify({ exp: now + lifeSeconds, iss: issuer }))}`
    const signature =
      algorithm === 'HS256'
        ? createHmac('sha256', key).update(signed).digest()
        : // RFC 7518 section 3.4: the two numbers, one behind the other.
          sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
    second = now
    token = `${signed}.${signature.toString('base64url')}`
    return token
  }
}

/** Who signs for which rule. A rule that left the table keeps its signer as long as a hold keeps the rule. */
export class Signers {
  readonly #clock: Clock
  readonly #readFile: ReadKeyFile
  readonly #byRule = new WeakMap<object, Signer>()

  constructor(clock: Clock, readFile: ReadKeyFile) {
    this.#clock = clock
    this.#readFile = readFile
  }

  /**
   * For the rules of a new table, before they are used. Returns sentences about keys that cannot be used, which begin with
   * the setting or the rule's line; requests of such rules are not signed.
   */
  prepare({ sigIss, sigKey }: SigningDefaults, rules: readonly Rule[]): readonly string[] {
    const mistakes: string[] = []
    const shared = new Map<string, Signer | undefined>()
    for (const rule of [undefined, ...rules]) {
      // An empty issuer of a rule says nothing, as in the original; an empty key says that there is none.
      const [issuer, text] = [rule?.sigIss || sigIss, rule?.sigKey ?? sigKey]
      const name = JSON.stringify([issuer, text])
      if (!shared.has(name)) {
        const where = rule?.sigKey === undefined ? 'sig_key' : `line ${rule.line}: sig_key`
        shared.set(
          name,
          this.#signerOf(issuer, text, mistake => mistakes.push(`${where} ${mistake}`)),
        )
      }
      const signer = shared.get(name)
      if (rule !== undefined && signer !== undefined && !rule.noGrip) this.#byRule.set(rule, signer)
    }
    return [...new Set(mistakes)]
  }

  /** Undefined: its requests are not signed. */
  of(rule: Rule): Signer | undefined {
    return this.#byRule.get(rule)
  }

  #signerOf(issuer: string, text: string, tell: (mistake: string) => void): Signer | undefined {
    const read = parseKey(text, 'sign', this.#readFile)
    if (!read.ok) tell(read.mistake)
    if (!read.ok || read.key === undefined || issuer === '') return undefined
    return createSigner(read.key, issuer, this.#clock)
  }
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
