// The two ends of a client's WebSocket meet here: what a session tells its origin, and what it hears from it. An origin is a series
// of requests (`over-http.ts`), a WebSocket of its own (`native.ts`), or the built-in target. Shapes only.
import type { MessageKind } from '../../../net/gate/frame-peer.ts'
import type { Head } from '../proxy/answer.ts'
import type { Failure } from '../proxy/failures.ts'
import type { LastId } from '../proxy/request-headers.ts'

export type { MessageKind }

/** What the session tells its origin. Each is harmless once the origin end is over. */
export interface OriginEnd {
  /** By which the origin knows it, where it does. */
  readonly connectionId?: string
  /**
   * A piece of a client's message. False: it takes no more until `drained` of its owner. Over HTTP pieces are joined, and a message
   * of more than 200,000 bytes is `lost`.
   */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean
  ping(payload: Buffer): boolean
  pong(payload: Buffer): boolean
  /** The client's close frame, behind everything else it sent; undefined: it had no code. Never `drained` behind it. */
  close(code: number | undefined, reason: Buffer): void
  /** The client is gone without a close frame: the origin is told, and its owner nothing more. */
  gone(): void
  /** An empty request now, or one more behind that which is under way (contract §8.4). Nothing to a native origin. */
  refresh(): void
  /** As `refresh`, and the origin hears where its client is (ours alone: `resume_from_history`). False: there is no way to tell it. */
  tellLastId(last: LastId): boolean
  /**
   * We end it and go on without it: after `detach`, or because a close was published (contract §8.4, §8.5). The origin gets CLOSE, a native one
   * the code 1000. Its owner is told nothing more.
   */
  leave(): void
  /** The client is behind: nothing more is read from the origin until `resume`. */
  pause(): void
  resume(): void
}

/** Answered by the origin, before the client gets its 101. */
export interface Acceptance {
  /** For the 101, in the origin's order: what must not pass has been taken away already (contract §8.3, §4.10). */
  readonly rawHeaders: readonly string[]
  /** GRIP was negotiated: the prefix of messages for the client (contract §8.5). */
  readonly messagePrefix: string | undefined
  /** Channels of the target that answered. */
  readonly subscriptions: readonly string[]
}

/** What a session hears. `opened`, `refused` and `failed` exclude each other, and one of them is the first. */
export interface OriginEndOwner {
  /** The client may have its 101. Events of the same answer follow before this end makes another request. */
  opened(acceptance: Acceptance): void
  /** The origin's own answer in place of a 101; its headers as they pass to the client, but for their length. */
  refused(head: Head, body: Uint8Array): void
  /** In words of ours, before anything was accepted. */
  failed(failure: Failure): void
  /** As `FrameHandlers` says it. Over HTTP a message is one piece. */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void
  ping(payload: Buffer): void
  pong(payload: Buffer): void
  /** The origin's close: the answer to the client's, or the first word. Undefined: it had no code. The end still hears `close`. */
  closed(code: number | undefined, reason: Buffer): void
  /** It answered the client's close with an answer that has none, and says nothing more (contract §8.4, row 226). */
  ended(): void
  /** It wants the client's connection cut without a word (DISCONNECT, row 229). */
  disconnected(): void
  /** It can go on no more. The client gets 1011 (contract §14, fault 30). `cause` is for log and debug. */
  lost(cause: string): void
  /** It takes messages again, after a `false`. */
  drained(): void
}
