// What is known of a client's connection from outside of it: by operators, by statistics, and by the log.
import type { Mode } from '../hold/ends.ts'
import type { Rule } from '../routes/rule.ts'

/** Looked up when somebody asks. */
export interface ConnectionFacts {
  /** Its own, as a WebSocket has one towards its origin; undefined: one is made where it is asked for. */
  readonly id?: string | undefined
  readonly kind: 'http' | 'ws'
  /** Undefined: nothing is held yet. */
  readonly mode: Mode | undefined
  /** Empty: it has none, or is gone. Asking costs a call of the kernel's. */
  readonly peer: string
  readonly isTls: boolean
  readonly rule: Pick<Rule, 'id' | 'line'>
  /** Full names. */
  readonly channels: readonly string[]
}

/** A passage, or the session of a WebSocket. */
export interface Connection {
  readonly facts: ConnectionFacts
  /** At once, as an operator wants it. */
  close(): void
  /** What is held is looked at anew, as `/recover` asks. */
  recover(): void
  /** An empty request to its origin now, where it has one that is asked by requests (contract §6.7). */
  refresh(): void
}

/** For people: a rule without an id is known by its line. */
export function routeName({ id, line }: Pick<Rule, 'id' | 'line'>): string {
  return id ?? `line ${line}`
}
