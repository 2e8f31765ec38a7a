// The question that is asked for each client, and its answers, whoever gives them (contract §6.2).
import type { Permission } from '../config/permission.ts'

export interface Question {
  /** In lower case. */
  readonly clientId: string
  readonly token: string | undefined
  readonly capabilities: readonly string[]
  readonly transport: 'websocket' | 'sse' | 'ack'
  readonly ip: string
}

export type Verdict =
  | { readonly ok: true; readonly permission: Permission }
  /** `unavailable`: nobody could say; the client may come back. The message is for the client. */
  | { readonly ok: false; readonly reason: 'refused' | 'unavailable'; readonly message: string }

export interface Validator {
  /** `done` is called exactly once, possibly before this returns. */
  judge(question: Question, done: (verdict: Verdict) => void): void
  statistics(): Partial<Record<ValidatorCount, number>>
}

export type ValidatorCount =
  | 'tokensVerified'
  | 'tokensRemembered'
  | 'verdictsKept'
  | 'verdictsShared'
  | 'verdictsAtOnce'
