// What must come where, as far as it is more than a word: what `vocabulary.ts` makes, and what the driver holds it against.
import type { ExpectedAnswer } from '../words.ts'

/** Milliseconds since the step before. */
export type Window = readonly [fromMs: number, toMs: number]

/** An answer no sooner than that since its subscriber asked. */
export interface LateAnswer extends ExpectedAnswer {
  readonly fromMs: number
}

/** What comes next in the body of an answer that stays open. */
export interface Text {
  readonly kind: 'text'
  readonly text: string
  readonly after?: Window
}

/** What comes next, then the end of the body. */
export interface Over {
  readonly kind: 'over'
  readonly text: string
  /** The connection is closed behind it. */
  readonly closes: boolean
  /** Since the subscriber asked. */
  readonly fromMs?: number
}

/** All that the origin received for a path, in order. */
export interface Received {
  readonly kind: 'received'
  readonly requests: readonly Wanted[]
  /** Each worker may have made it once. */
  readonly isSharedByWorker?: true
  /** Headers that have one value in all of them. */
  readonly same?: readonly string[]
  /** Milliseconds between the requests, each counted from the one before. */
  readonly apart?: readonly Window[]
}

export interface Wanted {
  /** Without the version. */
  readonly line?: string
  /** Among others, in this order; names in any case. */
  readonly has?: readonly (readonly [name: string, value: string | RegExp])[]
  /** Names; one that ends in a star is the beginning of names. */
  readonly lacks?: readonly string[]
  /** Names of which each has one line. */
  readonly once?: readonly string[]
  readonly body?: string
  readonly bodyBytes?: number
  /** It has a signature, with this issuer and this key, and nothing else in it but an hour to live. */
  readonly signed?: { readonly iss: string; readonly key: string }
}
