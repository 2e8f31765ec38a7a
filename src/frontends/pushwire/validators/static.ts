// Tokens that stand in the settings, as digests: a look-up by digest tells nothing by its time, and settings hold no secret.
import { hash } from 'node:crypto'
import { type Grants, grantsOfTexts, type Permissions } from '../config/permission.ts'
import type { PushwireSettings } from '../settings.ts'
import { unauthorized } from './answers.ts'
import type { Question, Validator, Verdict } from './validator.ts'

interface Entry {
  readonly grants: Grants
  /** The one id that it is for, in lower case. */
  readonly clientId: string | undefined
}

export class StaticValidator implements Validator {
  readonly #permissions: Permissions
  readonly #entries: ReadonlyMap<string, Entry>

  constructor(tokens: PushwireSettings['tokens'], permissions: Permissions) {
    this.#permissions = permissions
    this.#entries = new Map(
      tokens.map(({ sha256, channels, clientId }) => [
        sha256.toLowerCase(),
        { grants: grantsOfTexts(channels), clientId: clientId?.toLowerCase() },
      ]),
    )
  }

  judge({ token, clientId }: Question, done: (verdict: Verdict) => void): void {
    const entry = token === undefined ? undefined : this.#entries.get(hash('sha256', token, 'hex'))
    const isFor = entry !== undefined && (entry.clientId ?? clientId) === clientId
    done(isFor ? { ok: true, permission: this.#permissions.of(entry.grants) } : unauthorized)
  }

  statistics(): Record<never, number> {
    return {}
  }
}
