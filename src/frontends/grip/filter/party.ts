// What filters know of whom an item is for, be it a stream, a long poll or a WebSocket, and what they say. Shapes only.
import type { Held } from '../hold/hold.ts'
import type { Attempt, AttemptHandlers } from '../proxy/attempt.ts'
import type { Rule } from '../routes/rule.ts'

/** One connection, at the moment at which an item is to be delivered to it. */
export interface Party {
  /** Of the subscription (contract §7): what its origin set last. */
  readonly meta: ReadonlyMap<string, string>
  readonly channels: readonly Held[]
  readonly origin: FilterOrigin
}

/** Where filters ask: the links of one connection's origin. */
export interface FilterOrigin {
  /** Absolute, of what was asked last: links may be relative to it. */
  readonly uri: string
  /** For the log. */
  readonly rule: Pick<Rule, 'id' | 'line'>
  /** `url` is absolute. Undefined: nobody may go there. */
  post(url: string, post: FilterPost, handlers: AttemptHandlers): Attempt | undefined
}

export interface FilterPost {
  /** Beside those that every request for a link has. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** Whose ids are told as the last ones. */
  readonly channels: readonly Held[]
}

/** A content that is to be delivered, or an action, which has none and is altered by nothing. */
export interface Load {
  readonly content: Uint8Array | undefined
  /** As the publisher wants them; undefined: any will do. */
  readonly contentFilters?: readonly string[] | undefined
}

/** `content`: the very same bytes where nothing altered them; empty for an action. `reason`: for who debugs (contract §7). */
export type Verdict =
  | { readonly kind: 'pass'; readonly content: Uint8Array }
  | { readonly kind: 'drop' }
  | { readonly kind: 'fail'; readonly reason: string }

/** Somebody is asked, and the verdict follows. */
export interface Pending {
  readonly kind: 'pending'
  /** There is no verdict any more. */
  cancel(): void
}
