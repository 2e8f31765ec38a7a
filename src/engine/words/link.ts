// What workers say to each other, and the port over which they say it. `threads` obeys it.
import type { PackedEach } from './each.ts'
import {
  bodyBytes,
  type Draft,
  type PackedDraft,
  type PackedPublication,
  type Unplaced,
} from './publication.ts'
import type { Refusal } from './refusal.ts'

/** A worker's number in the owner map: 0 to workers - 1. */
export type Slot = number

/**
 * A one-way, ordered path to another worker, bounded by byte credits (law 6). Everything queued in one turn travels
 * as one batch. The bytes of a message MUST NOT change after it was queued.
 */
export interface Link {
  readonly to: Slot
  /** The worker over there owns no channel: it is one of the process before, and its clients leave. */
  readonly isReader?: boolean | undefined
  /** Queues a message that counts as `bytes` against the credits. False: no credit left, and nothing was queued. */
  send(message: LinkMessage, bytes: number): boolean
  /** Queues a message from the reserve: attach, leave, answers, farewell. What they answer bounds them. */
  sendReserved(message: LinkMessage): void
  /** Sends what is queued now instead of at the end of the turn. For a worker's last words. */
  flush(): void
}

/**
 * A hub asks to be sent a channel. `attempt` comes back in the answer, so that an answer to an earlier attempt is
 * known as such. `epoch` is empty for a new interest; otherwise the hub has the channel up to `next`, and `complete`
 * says that the lost owner's farewell vouches for it (law 7). `count`: the hub's subscribers.
 */
export type Attach = readonly [
  channel: string,
  attempt: number,
  epoch: string,
  next: number,
  complete: boolean,
  count: number,
]

/** Labelled tuples, because a batch of them packs into half the bytes of objects with names. */
export type LinkMessage =
  /** The first message on every link: all that the sender's hub holds and the receiver owns. */
  | readonly [type: 'hello', attaches: readonly Attach[], patterns: readonly string[]]
  // Router to shard, and the answer.
  | readonly [type: 'publish', request: number, draft: PackedDraft]
  | readonly [
      type: 'published',
      request: number,
      epoch: string,
      offset: number,
      subscribers: number,
      duplicate: boolean,
    ]
  /** A draft that says its order was held or dropped. */
  | readonly [type: 'unplaced', request: number, fate: Unplaced['fate'], subscribers: number]
  /** A publish, or an inspection. */
  | readonly [type: 'refused', request: number, reason: Refusal]
  /** For all channels of a group that the receiver owns, and how many they were. */
  | readonly [type: 'publish-each', request: number, each: PackedEach]
  /** For how many it would be; an empty `except` is none. Answered likewise. */
  | readonly [type: 'count-each', request: number, group: string, except: string]
  | readonly [type: 'published-each', request: number, channels: number, isWhole: boolean]
  | readonly [type: 'presence', request: number, channel: string]
  | readonly [type: 'present', request: number, subscribers: number]
  /** An offset of -1: no position is named. An empty epoch with another one is the current epoch. */
  | readonly [
      type: 'inspect',
      request: number,
      channel: string,
      epoch: string,
      offset: number,
      limit: number,
      id?: string,
    ]
  /** An empty epoch: the owner knows nothing of the channel. `placed`: the offset of the id that was asked for. */
  | readonly [
      type: 'inspected',
      request: number,
      channel: string,
      epoch: string,
      offset: number,
      subscribers: number,
      publications: readonly PackedPublication[],
      gap: boolean,
      more: boolean,
      historySize: number,
      historyBytes: number,
      placed?: number,
    ]
  // Hub to shard. `pressure`: the hub holds as much of the channel as it may (law 3), or no longer does.
  | readonly [type: 'attach', attach: Attach]
  /** Without a number nobody wants the channel's order remembered. */
  | readonly [type: 'detach', channel: string, lingerMs?: number]
  | readonly [type: 'count', channel: string, subscribers: number]
  | readonly [type: 'pressure', channel: string, on: boolean]
  /** See `Question`. Without a last word it asks for no rest. */
  | readonly [
      type: 'recover',
      channel: string,
      request: number,
      epoch: string,
      offset: number,
      rest?: boolean,
    ]
  /** History up to that offset is wanted by nobody. */
  | readonly [type: 'trim', channel: string, through: number]
  | readonly [type: 'watch', pattern: string, attempt: number]
  | readonly [type: 'unwatch', pattern: string]
  // Shard to hub. `next` is the offset of the first publication that follows; `gap`: some before it are missing.
  | readonly [
      type: 'attached',
      channel: string,
      attempt: number,
      epoch: string,
      next: number,
      gap: boolean,
      lastId?: string,
    ]
  /** `from` is the offset asked for; `range` reaches to what was last sent on this link. On a gap: see `HubPort`. */
  | readonly [
      type: 'recovered',
      channel: string,
      request: number,
      from: number,
      range: readonly PackedPublication[],
      gap: boolean,
    ]
  | readonly [type: 'gap', channel: string, epoch: string, next: number, lastId?: string]
  /** Both of them places of the next publication; nothing is missing. */
  | readonly [
      type: 'renumbered',
      channel: string,
      epoch: string,
      next: number,
      newEpoch: string,
      newNext: number,
    ]
  | readonly [type: 'publication', channel: string, publication: PackedPublication]
  /** For patterns alone, of a broker that feeds them. */
  | readonly [type: 'matched', channel: string, publication: PackedPublication]
  /** Publications that only patterns of the receiver match were not sent. */
  | readonly [type: 'pattern-gap']
  | readonly [type: 'watched', pattern: string, attempt: number]
  /** The sender retires: all that it appended was sent before this, but for the channels named (law 7). */
  | readonly [type: 'farewell', behind: readonly string[]]
  /** The sender does not retire after all: its farewell is void. */
  | readonly [type: 'stays']

/** A publication, a draft, or one for the channels of a group. */
type Sent = Pick<Draft, 'content' | 'meta' | 'renderings' | 'sequence'> & { readonly channel: string }

/** What a publication or publish counts against the credits: its bytes and what wrapping them costs in memory. */
export function linkBytes(sent: Sent): number {
  return sent.channel.length + bodyBytes(sent) + 64
}
